"""House and Temporal server were away while deadlines passed. They come back, the house works the deadlines off, and people want
to work meanwhile. It ends when the last overdue deadline is written: that one is lost is an error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from benchmarks.figures import Line, Ratio, milliseconds, quantile
from benchmarks.load import filled, inserted_at, timed
from benchmarks.rows import WARNED, NotReached, until
from benchmarks.site import Site
from benchmarks.timers import HOPED_FOR, MARGIN, WARNED_AFTER

NAME = "restart"
BUDGET = 20.0
"""Times the p95 of a pick when nothing else is to be done: a second, where that takes fifty milliseconds."""
EVERY = 0.1
"""Seconds between two picks; one that takes longer does not delay the next."""
QUIET = 50
AWAY = 10.0
"""Seconds between the last deadline and the start: longer than the server keeps a task for the worker that is gone."""
LOOK = 0.05
PICKS = 300
"""Cases to pick, each once, because a case that is picked again is in the cache: enough for half a minute."""


@dataclass(frozen=True)
class RestartOrder:
    overdue: int = 1_000
    picks: int = PICKS
    quiet: int = QUIET
    away: float = AWAY
    others: int = 0
    """Open cases beside, whose clocks run on."""


LARGE = RestartOrder(others=10_000)


@dataclass(frozen=True)
class Found:
    quiet: list[float]
    """Seconds of each pick before."""
    picks: list[float]
    """The same while overdue deadlines were written."""
    drained: float
    """Seconds from the house's first answer until the last overdue deadline was written."""


async def measure(site: Site, order: RestartOrder, say: Callable[[str], None]) -> tuple[list[Ratio], list[Line]]:
    """Kill the house and the server, let the deadlines pass, start both again, and pick while they catch up."""
    now = datetime.now(UTC)
    async with site.working() as working:
        if order.others:
            say(f"restart: opening {order.others} cases whose clocks run on")
            await filled(site, await inserted_at(site, [now] * order.others))
        say(f"restart: opening {order.overdue + order.picks + 2 * order.quiet} cases")
        other = await inserted_at(site, [now] * (order.picks + 2 * order.quiet))
        rate = await filled(site, other)
        numbers = [number for _, number, _ in other]
        # Not counted: the first picks compile statements.
        await _picks(working.api, numbers[: order.quiet])
        quiet = await _picks(working.api, numbers[order.quiet : 2 * order.quiet])
        due = datetime.now(UTC) + MARGIN + 2 * timedelta(seconds=order.overdue / min(rate, HOPED_FOR))
        await filled(site, await inserted_at(site, [due - WARNED_AFTER] * order.overdue))
        if datetime.now(UTC) > due:
            raise NotReached(f"restart: {order.overdue} cases were not open before their deadline")
        before = site.rows.one(WARNED)
        await working.kill()
        await site.temporal.kill()
    say(f"restart: house and server are away until {order.overdue} deadlines have passed")
    await asyncio.sleep((due - datetime.now(UTC)).total_seconds() + order.away)
    await site.temporal.start()
    async with site.working() as working:
        began = time.perf_counter()
        written = asyncio.Event()
        picking = asyncio.create_task(_picks(working.api, numbers[2 * order.quiet :], written))
        try:
            await until(lambda: site.rows.one(WARNED) >= before + order.overdue, "the overdue deadlines", every=LOOK)
            drained = time.perf_counter() - began
        finally:
            written.set()
            picks = await picking
    found = Found(quiet, picks, drained)
    say(f"restart: {order.overdue} written in {drained:.1f} s, pick {_spread(picks)}")
    return _ratios(found), _lines(order, found)


async def _picks(api: httpx.AsyncClient, numbers: list[str], stop: asyncio.Event | None = None) -> list[float]:
    """Seconds of each pick, begun one after another at the same pace until there are no more, or until `stop`."""

    async def pick(number: str) -> None:
        (await api.post(f"/cases/{number}/pick")).raise_for_status()

    under_way: list[asyncio.Task[float]] = []
    for number in numbers:
        if stop is not None and stop.is_set():
            break
        under_way.append(asyncio.create_task(timed(pick(number))))
        await asyncio.sleep(EVERY)
    return list(await asyncio.gather(*under_way))


def _ratios(found: Found) -> list[Ratio]:
    what = "pick while overdue deadlines are worked off, p95, of a pick on the quiet house"
    return [Ratio(NAME, what, quantile(found.picks, 0.95) / quantile(found.quiet, 0.95), BUDGET, at_least=False)]


def _spread(picks: list[float]) -> str:
    return ", ".join(f"p{share * 100:.0f} {milliseconds(quantile(picks, share))}" for share in (0.5, 0.95))


def _lines(order: RestartOrder, found: Found) -> list[Line]:
    meanwhile = f"a pick while {order.overdue} overdue deadlines are worked off"
    return [
        Line("a pick before the restart", _spread(found.quiet)),
        Line(f"{meanwhile} ({len(found.picks)} picks)", _spread(found.picks), "p95 under 1 s"),
        Line(f"{order.overdue} overdue deadlines written after a restart{_beside(order)}", f"in {found.drained:.1f} s"),
    ]


def _beside(order: RestartOrder) -> str:
    return f", beside {order.others:,} open cases" if order.others else ""
