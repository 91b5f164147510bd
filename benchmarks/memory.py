"""Memory of a cached case beside a cached empty workflow, each kind in a house process of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from benchmarks.baselines import resting
from benchmarks.figures import Line, Ratio
from benchmarks.load import inserted, opened
from benchmarks.site import Site

NAME = "memory"
BUDGET = 1.2
FIRST = 100
"""Opened before the first look: they pay for what is there once (statements, definitions, pools)."""


async def cached_cases(site: Site, count: int) -> float:
    """Bytes of resident memory for one more open case in a worker's cache."""

    async def add(more: int) -> None:
        await opened(site, await inserted(site, more))

    return await _of_one_more(site, count, add)


async def cached_empties(site: Site, count: int) -> float:
    """Bytes of resident memory for one more running empty workflow."""

    async def add(more: int) -> None:
        await resting(site.house.client, more)

    return await _of_one_more(site, count, add)


async def _of_one_more(site: Site, count: int, add: Callable[[int], Awaitable[None]]) -> float:
    async with site.working() as working:
        await add(FIRST)
        before = await working.resident()
        await add(count)
        return (await working.resident() - before) / count


def ratio(case: float, empty: float) -> Ratio:
    return Ratio(NAME, "memory of a cached case, of an empty workflow", case / empty, BUDGET, at_least=False)


def lines(case: float, empty: float) -> list[Line]:
    return [
        Line("memory of a cached case", f"{case / 1000:.0f} kB"),
        Line("memory of a cached empty workflow", f"{empty / 1000:.0f} kB"),
    ]
