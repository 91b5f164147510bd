"""A burst of deadlines at one instant: how late the cases hear of theirs, and how many a second are written."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from benchmarks.contest import Contest, Round
from benchmarks.figures import Line, Ratio, median_ratio, quantile, rate
from benchmarks.load import inserted, opened
from benchmarks.rows import WARNED, until
from benchmarks.site import Site

BUDGET = 1.0
WARNED_AFTER = timedelta(hours=4)
"""When the first response of examples/bench.yaml warns."""
HOPED_FOR = 20.0
"""Cases that open in a second before the burst. On a slower machine the burst is tried again with twice the time."""
MARGIN = timedelta(seconds=2)


class Timers(Contest):
    name = "timers"

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.late: list[float] = []

    async def play(self, round: Round) -> None:
        rows, count = round.site.rows, max(round.cases // 2, 3)
        due, warned = await self._prepared(round.site, count)
        late: list[float] = []

        def all_warned() -> bool:
            new = rows.one(WARNED) - warned - len(late)
            late.extend([time.perf_counter() - due] * new)
            return len(late) >= count

        await until(all_warned, f"{count} warnings")
        self.late += late
        self.rates.append(count / late[-1])
        round.say(f"timers: {count} deadlines at one instant, {self.rates[-1]:.1f} a second")

    async def _prepared(self, site: Site, count: int) -> tuple[float, int]:
        """Open cases that all have the same deadline, and wait for it. That instant, and how many had warned before."""
        ahead = MARGIN + timedelta(seconds=count / HOPED_FOR)
        while True:
            instant = datetime.now(UTC) + ahead
            await opened(site, await inserted(site, count, created_on=instant - WARNED_AFTER))
            left = (instant - datetime.now(UTC)).total_seconds()
            if left > 0:
                warned, due = site.rows.one(WARNED), time.perf_counter() + left
                await asyncio.sleep(left)
                return due, warned
            ahead *= 2

    def ratios(self, starts: list[float]) -> list[Ratio]:
        return [median_ratio(self.name, "deadlines of one instant, of empty starts", self.rates, starts, BUDGET)]

    def lines(self) -> list[Line]:
        spread = ", ".join(f"p{share * 100:.0f} {quantile(self.late, share):.2f} s" for share in (0.5, 0.99))
        return [
            Line("deadlines of one instant", rate(self.rates)),
            Line("lateness in such a burst", spread, "p99 under 1 s at 10 deadlines a second"),
        ]
