"""How long stages usually take: the median of the latest cases that were in them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.processes import ProcessState
from models.records.processes import ProcessInstance

LATEST = 1_000
"""Instances that are looked at, of all processes: a walk along the key, whatever the number of cases."""
LASTS = timedelta(minutes=10)
FEWEST = 3
"""Of fewer cases nobody knows what is usual."""


class StageTimes:
    """One for the process: what it found is kept for some minutes, because it tells the usual and not the latest."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], float] = {}
        self._until: datetime | None = None

    async def usual(self, session: AsyncSession, process: str, stage: str, now: datetime) -> float | None:
        """Seconds; None: too few cases have been in it."""
        if self._until is None or now >= self._until:
            self._found = await _medians(session)
            self._until = now + LASTS
        return self._found.get((process, stage))


async def _medians(session: AsyncSession) -> dict[tuple[str, str], float]:
    spent: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    latest = select(ProcessInstance.state).order_by(ProcessInstance.id.desc()).limit(LATEST)
    for body in await session.scalars(latest):
        state = ProcessState.model_validate(body)
        for stage, seconds in state.spent.items():
            spent[state.definition, stage].append(seconds)
    return {key: median(each) for key, each in spent.items() if len(each) >= FEWEST}
