"""A burst of deadlines at one instant: how late the cases hear of theirs, and how many a second are written."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from benchmarks.contest import Contest, Round
from benchmarks.figures import Line, Ratio, median_ratio, quantile, rate
from benchmarks.load import inserted, opened
from benchmarks.rows import WARNED, until

BUDGET = 0.5
WARNED_AFTER = timedelta(hours=4)
"""When the first response of examples/bench.yaml warns."""
SLOWEST_OPENING = 15.0
"""Cases a second: until the burst, all of its cases are open on any machine faster than that."""
MARGIN = 2.0


class Timers(Contest):
    name = "timers"

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.late: list[float] = []

    async def play(self, round: Round) -> None:
        rows, count = round.site.rows, round.cases
        instant = datetime.now(UTC) + timedelta(seconds=MARGIN + count / SLOWEST_OPENING)
        cases = await inserted(round.site, count, created_on=instant - WARNED_AFTER)
        warned = rows.one(WARNED)
        await opened(round.site, cases)
        ahead = (instant - datetime.now(UTC)).total_seconds()
        if ahead <= 0:
            raise RuntimeError(f"{count} cases took longer to open than the burst could wait: use fewer, with --cases")
        due = time.perf_counter() + ahead
        await asyncio.sleep(ahead)
        late: list[float] = []

        def all_warned() -> bool:
            new = rows.one(WARNED) - warned - len(late)
            late.extend([time.perf_counter() - due] * new)
            return len(late) >= count

        await until(all_warned, f"{count} warnings")
        self.late += late
        self.rates.append(count / late[-1])
        round.say(f"timers: {count} deadlines at one instant, {self.rates[-1]:.1f} a second")

    def ratios(self, starts: list[float]) -> list[Ratio]:
        return [median_ratio(self.name, "deadlines of one instant, of empty starts", self.rates, starts, BUDGET)]

    def lines(self) -> list[Line]:
        spread = ", ".join(f"p{share * 100:.0f} {quantile(self.late, share):.2f} s" for share in (0.5, 0.99))
        return [
            Line("deadlines of one instant", rate(self.rates)),
            Line("lateness in such a burst", spread, "p99 under 1 s at 10 deadlines a second"),
        ]
