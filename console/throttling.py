"""How often one client may ask: so that nobody tries links one after the other, or floods a page."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_KNOWN = 10_000
"""Clients that are remembered; beyond, the one that asked the longest time ago is forgotten."""


class Throttle:
    """Of each client at most `most` within `seconds`, on the average: who has used them up gets one more as time goes by.

    Each process counts for itself. `clock` tells seconds.
    """

    def __init__(self, most: int, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.rate, self.clock = most, most / seconds, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def takes(self, client: str) -> bool:
        """False: it has asked too often."""
        now = self.clock()
        left, before = self._left.pop(client, (float(self.most), now))
        left = min(float(self.most), left + (now - before) * self.rate)
        allowed = left >= 1
        self._left[client] = (left - 1 if allowed else left, now)
        while len(self._left) > MOST_KNOWN:
            self._left.popitem(last=False)
        return allowed
