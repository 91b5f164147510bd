"""Looking for what was left undone, every few seconds, for as long as the house stands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from engine.watching import SIX_HOURS, Watch

QUICK, SLOW = timedelta(seconds=1), timedelta(seconds=5)
"""The pause after a round that found work; from then on twice as long each time, up to the second."""
ROUND_WITHIN = timedelta(minutes=1)
"""After which a round counts as hung."""

log = structlog.get_logger(__name__)


class Sweep(Protocol):
    """Looks for one kind of thing that was left undone, and has it done. Safe to repeat, and by two workers at once."""

    async def sweep(self) -> int:
        """How many things it had done; 0 lets the next round wait longer."""


class Housekeeper:
    """Runs all sweeps, round after round.

    Args:
        sweeps: all that is looked for; those of one round run side by side.
        quick, slow: the shortest and the longest pause between two rounds.
        longest: after which the activity returns by itself, so that its workflow can continue as new.
    """

    def __init__(
        self,
        sweeps: Sequence[Sweep],
        *,
        quick: timedelta = QUICK,
        slow: timedelta = SLOW,
        longest: timedelta = SIX_HOURS,
    ) -> None:
        self.sweeps, self.quick, self.slow, self.longest = sweeps, quick, slow, longest

    async def keep(self, watch: Watch) -> None:
        """Until the hours are over."""
        pause = self.quick
        while not watch.over:
            found = await watch.during(self._round(), ROUND_WITHIN)
            pause = self.quick if found else min(2 * pause, self.slow)
            await watch.pause(pause.total_seconds())

    async def _round(self) -> int:
        """A sweep that fails keeps none of the others from its work.

        Then the error is raised: it ends this attempt of the activity, so that it stands in the Temporal UI as the last
        failure, and the next attempt begins within seconds, for as long as it takes.
        """
        results = await asyncio.gather(*(sweep.sweep() for sweep in self.sweeps), return_exceptions=True)
        found = 0
        failed: BaseException | None = None
        for sweep, result in zip(self.sweeps, results, strict=True):
            if isinstance(result, BaseException):
                # Only the type: the text of a database error may repeat what it was asked.
                log.error("sweep failed", sweep=type(sweep).__name__, error=type(result).__name__)
                failed = failed or result
            else:
                found += result
        if failed is not None:
            raise failed
        return found
