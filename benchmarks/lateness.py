"""Deadlines that come one after another at a desk full of open cases: how late the warning of each is in the rows.

A warning's row holds its deadline, not the instant of its write, so the rows are watched, and the wall clock is read when
a warning is seen. Each is watched from two seconds before its deadline: one that came early is seen as such.
"""

from __future__ import annotations

import asyncio
import random
import time
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.figures import Line, Ratio, Spending, quantile
from benchmarks.load import Inserted, filled, inserted_at
from benchmarks.rows import LOOK_EVERY, BenchRows, NotReached, until
from benchmarks.site import Site
from benchmarks.timers import HOPED_FOR, WARNED_AFTER

NAME = "lateness"
BEFORE = 2.0
"""Seconds before its deadline from which a warning is watched."""
MARGIN = timedelta(seconds=5)
TIME_FOR_FILLING = 1.5
"""Of what the filling should take, so that the last case is open before the first deadline."""
CACHED_SHARE = 10
"""One case in so many is in the worker's cache, as a thousand of ten thousand are by default: most are replayed."""
FIRST_RESPONSE = "SELECT k.id FROM kpi_instance k JOIN service_case c ON c.id = k.case_id WHERE c.number = ? "
FIRST_RESPONSE += "AND k.kpi = 'first-response'"
HAS_WARNED = "SELECT status = 'nearing-noncompliance' FROM kpi_instance WHERE id = ?"


@dataclass(frozen=True)
class LatenessOrder:
    cases: int = 1_000
    """Open at the same time, those with a deadline among them."""
    a_second: int = 10
    """Deadlines, evenly spread."""
    seconds: int = 60

    @property
    def deadlines(self) -> int:
        return min(self.a_second * self.seconds, self.cases)


LARGE = LatenessOrder(cases=10_000, seconds=300)


class Watch:
    """When the warnings of some deadlines came. `due`: seconds of the Unix clock, ascending, each with its row's id."""

    def __init__(self, rows: BenchRows, due: Sequence[tuple[float, str]]) -> None:
        self._rows, self._waiting = rows, list(due)
        self.late: list[float] = []
        """Seconds; negative: it came early."""

    def all_seen(self) -> bool:
        """Look at those whose time has come, and say whether none is left."""
        now = time.time()
        near = bisect(self._waiting, now + BEFORE, key=lambda waiting: waiting[0])
        seen = [waiting for waiting in self._waiting[:near] if self._rows.one(HAS_WARNED, waiting[1])]
        self.late += [now - due for due, _ in seen]
        for waiting in seen:
            self._waiting.remove(waiting)
        return not self._waiting


async def measure(site: Site, order: LatenessOrder, say: Callable[[str], None]) -> tuple[list[Ratio], list[Line]]:
    """Open the cases, and watch the deadlines from the first to the last."""
    async with site.working(cached=max(order.cases // CACHED_SHARE, 1)) as working:
        others = order.cases - order.deadlines
        say(f"lateness: opening {order.cases} cases, {order.deadlines} of them with a deadline soon")
        rate = await filled(site, await inserted_at(site, [datetime.now(UTC)] * others)) if others else HOPED_FOR
        begins = datetime.now(UTC) + MARGIN + timedelta(seconds=TIME_FOR_FILLING * order.deadlines / rate)
        due = [begins + timedelta(seconds=number / order.a_second) for number in range(order.deadlines)]
        cases = await inserted_at(site, [instant - WARNED_AFTER for instant in due])
        await filled(site, random.Random(order.deadlines).sample(cases, len(cases)))
        watch = Watch(site.rows, _still_ahead(site, cases, due))
        await asyncio.sleep(max((begins - datetime.now(UTC)).total_seconds() - BEFORE, 0))
        say(f"lateness: watching {order.a_second} deadlines a second")
        before, spent = working.cpu.spent(), Spending()
        await until(watch.all_seen, "the warnings", every=2 * LOOK_EVERY, bound=order.seconds + 60)
        spent.add(len(watch.late), *(after - first for after, first in zip(working.cpu.spent(), before, strict=True)))
    return _ratios(watch.late), _lines(order, watch.late, spent)


def _still_ahead(site: Site, cases: Sequence[Inserted], due: Sequence[datetime]) -> list[tuple[float, str]]:
    """All of them, unless the filling took longer than it should: a case that opened too late says nothing.
    Raises `NotReached` if that is so of all."""
    now = time.time()
    if not due or due[-1].timestamp() <= now:
        raise NotReached("lateness: the cases were not open before their deadlines")
    numbers = [(instant.timestamp(), number) for instant, (_, number, _) in zip(due, cases, strict=True)]
    return [(at, site.rows.one(FIRST_RESPONSE, number)) for at, number in numbers if at > now]


def _ratios(late: Sequence[float]) -> list[Ratio]:
    early = sum(seconds < 0 for seconds in late)
    return [Ratio(NAME, "deadlines written before their time", early, 0, at_least=False)]


def _lines(order: LatenessOrder, late: Sequence[float], spent: Spending) -> list[Line]:
    what = f"lateness of {len(late)} deadlines, {order.a_second} a second, {order.cases:,} open cases"
    spread = ", ".join(f"{name} {quantile(late, share):.2f} s" for name, share in QUANTILES.items())
    return [Line(what, spread, "p99 under 1 s"), spent.line("a deadline that comes")]


QUANTILES = {"p50": 0.5, "p99": 0.99, "most": 1.0}
