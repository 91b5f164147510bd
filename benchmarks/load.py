"""Load of two kinds: a fixed number of calls at once, and cases kept opening until their rows say that they are open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select

from benchmarks.rows import OPEN, ROUTED, until
from benchmarks.site import CONCURRENCY, Site
from cases.opener import NewCase, insert_case
from models.records.cases import Case
from models.records.reference import Contact

Inserted = tuple[UUID, str, str]
"""Id, number and origin of a case that nobody has heard of yet."""
FILLING_LOOK = 0.02
"""Seconds: how exactly a case is watched whose opening is not what is measured."""


async def at_once(calls: Sequence[Callable[[], Awaitable[object]]], concurrency: int = CONCURRENCY) -> float:
    """Run all calls, at most `concurrency` at a time. Returns seconds."""
    limit = asyncio.Semaphore(concurrency)

    async def one(call: Callable[[], Awaitable[object]]) -> None:
        async with limit:
            await call()

    began = time.perf_counter()
    await asyncio.gather(*(one(call) for call in calls))
    return time.perf_counter() - began


async def timed(call: Awaitable[object]) -> float:
    began = time.perf_counter()
    await call
    return time.perf_counter() - began


async def inserted(site: Site, count: int, created_on: datetime | None = None) -> list[Inserted]:
    """Cases as their opener leaves them: inserted, nobody told. Id, number and origin."""
    return await inserted_at(site, [created_on or datetime.now(UTC)] * count)


async def inserted_at(site: Site, instants: Sequence[datetime]) -> list[Inserted]:
    """The same, one for each instant of creation."""
    async with site.house.database.write() as session:
        contacts = list(await session.scalars(select(Contact).order_by(Contact.slug)))
        made: list[Case] = []
        for number, now in enumerate(instants):
            contact = contacts[number % len(contacts)]
            new = NewCase(title=f"Case {number}", origin="web", account_id=contact.account_id, contact_id=contact.id)
            made.append((await insert_case(session, new, now, prefix="CAS"))[0])
        return [(case.id, case.number, case.origin) for case in made]


async def opened(site: Site, cases: Sequence[Inserted], concurrency: int = CONCURRENCY) -> float:
    """Deliver the cases, `concurrency` on their way at a time, until each is routed with its clocks running. Seconds."""
    before = site.rows.one(ROUTED)
    tasks: list[asyncio.Task[object]] = []

    def room() -> bool:
        return bool(len(tasks) - (site.rows.one(ROUTED) - before) < concurrency)

    began = time.perf_counter()
    for case in cases:
        await until(room, f"fewer than {concurrency} cases on their way")
        tasks.append(asyncio.create_task(site.house.dispatcher.open(*case)))
    await asyncio.gather(*tasks)
    await site.rows.until(ROUTED, before + len(cases))
    return time.perf_counter() - began


async def filled(site: Site, cases: Sequence[Inserted]) -> float:
    """Open thousands of cases that something else is to be measured on; each is watched by its own row, because counting
    them all would take as long as opening them. Cases a second."""

    async def open_one(case: Inserted) -> None:
        await site.house.dispatcher.open(*case)
        await until(lambda: bool(site.rows.one(OPEN, case[1])), f"{case[1]} open", every=FILLING_LOOK)

    return len(cases) / await at_once([partial(open_one, case) for case in cases])
