"""Brakes that need no header (email promise 7): a loop with a machine that sets none dies out, visibly, in quarantine."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FORGET_ABOVE = 10_000
"""Senders remembered before the quiet ones are let go."""


@dataclass
class Brakes:
    """How much of one sender is taken in within `window`; beyond, it is held.

    Kept in memory: one reader owns a mailbox, and a loop outlives a restart by one window at most.
    """

    cases: int = 200
    """New cases of one sender."""
    mails_on_case: int = 100
    """Mails of one sender on one case."""
    window: timedelta = timedelta(minutes=10)
    _seen: dict[tuple[str, str], deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def full(self, sender: str, case: str, now: datetime) -> bool:
        """Whether this sender has had its share; `case` is a number, or "" for new cases."""
        seen = self._seen.get((sender, case))
        if seen is None:
            return False
        while seen and seen[0] <= now - self.window:
            seen.popleft()
        return len(seen) >= (self.mails_on_case if case else self.cases)

    def count(self, sender: str, case: str, now: datetime) -> None:
        """One more was taken in; said after the commit, so that a retried transaction counts once."""
        if len(self._seen) > FORGET_ABOVE:
            for key in [key for key, seen in self._seen.items() if not seen or seen[-1] <= now - self.window]:
                del self._seen[key]
        self._seen[sender, case].append(now)
