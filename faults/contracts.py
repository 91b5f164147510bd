"""Kills the worker while contracts begin, expire, warn and are charged, and checks that each did so once.

Each life finds contracts whose day has come, warnings that are due, and cases that take and give back terms."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, text

from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.records import Edit
from faults import world
from faults.contract_checks import Expected, check
from faults.lives import dies, each_until_answered, ends, open_cases, until_rest, until_sent
from models.messages.api_cases import CancelBody
from models.messages.cases import CommandKind
from models.messages.entitlements import EntitlementDefinition
from models.records.reference import Entitlement
from servers.processes import stop_process

PLACES = (
    "contract.written",
    "contract.committed",
    "opening.customer.written",
    "opening.committed",
    "command.written",
    "command.committed",
    "outbox.claimed",
    "outbox.sent",
    "outbox.written",
)
"""The names are those of `failpoint(...)` calls."""
CARE = "care"
"""The contract of the organisation, which takes a term when a case is made."""
WARNED_AT = tuple(range(198, 100, -2))
"""Terms left of `CARE`, of 200, at which somebody is told."""
REST_WITHIN = 300.0
DAY = timedelta(days=1)


async def play(here: world.World, cases: int, kills: int, rng: random.Random) -> tuple[int, list[str]]:
    """How often the worker died at a place, and what is not as it must be, in words."""
    inside, expected = 0, Expected()
    places = [PLACES[n % len(PLACES)] for n in range(kills)]
    rng.shuffle(places)
    await _warned(here)
    worker = await here.start_worker(0, "")
    try:
        for life, place in enumerate(places, 1):
            await ends(worker)
            await _new(here, expected, life)
            worker = await here.start_worker(life, f"{place}:{rng.randint(1, 2)}")
            working = asyncio.create_task(_work(here, expected, cases))
            died = await dies(worker)
            inside += died
            print(f"life {life} {'died at' if died else 'did not come to'} {place}", flush=True)
            worker = await here.start_worker(1000 + life, "")
            await working
        await until_rest(here)
        await _at_rest(here)
        await until_sent(here)
        return inside, await check(here, expected, CARE, WARNED_AT)
    finally:
        await stop_process(worker, kill_after=20.0)


async def _warned(here: world.World) -> None:
    async with here.house.database.write() as session:
        edit = Edit(session, "manager", datetime.now(UTC))
        row = await ENTITLEMENTS.row(session, CARE, lock=True)
        (body,) = await ENTITLEMENTS.bodies(session, [row])
        warnings = [{"remaining_terms": terms, "to": _reader(here, terms)} for terms in WARNED_AT]
        given = {**body.model_dump(mode="json"), "warnings": warnings}
        await ENTITLEMENTS.put(edit, row, EntitlementDefinition.model_validate(given))


def _reader(here: world.World, number: int) -> str:
    return here.customers[number % len(here.customers)]


async def _new(here: world.World, expected: Expected, life: int) -> None:
    """Contracts whose day came while nobody worked: some begin, some expire, and some warn."""
    today = datetime.now(UTC).date()
    long_ago = today - 40 * DAY
    kinds: tuple[tuple[date, date, list[str]], ...] = (
        (today, today + 20 * DAY, ["active"]),
        (long_ago, today - DAY, ["expired"]),
        (long_ago, today + 10 * DAY, []),
    )
    for turn, (start, end, passed) in enumerate(kinds * 2):
        slug, reader = f"life-{life}-{turn}", _reader(here, life)
        warnings: list[dict[str, Any]] = [{"days_left": 20, "to": reader}, {"days_left": 5, "to": "manager"}]
        await _activated(here, slug, start, end, warnings, datetime.now(UTC) - 2 * DAY)
        expected.passed[slug] = passed
        expected.warned[slug] = set() if passed else {f"days/20/before/{end}/to/{reader}"}


async def _activated(
    here: world.World, slug: str, start: date, end: date, warnings: list[dict[str, Any]], now: datetime
) -> None:
    body = {"slug": slug, "name": slug, "account": "customers", "total_terms": 5, "start": start, "end": end}
    async with here.house.database.write() as session:
        edit = Edit(session, "manager", now)
        await ENTITLEMENTS.create(edit, EntitlementDefinition.model_validate({**body, "warnings": warnings}))
        await ENTITLEMENTS.activate(edit, slug)


async def _work(here: world.World, expected: Expected, cases: int) -> None:
    """Cases that take terms, of which one gives its term back, whatever dies meanwhile."""
    numbers = await open_cases(here, cases)
    expected.numbers += numbers
    expected.cancelled.add(numbers[0])
    await each_until_answered(here, [(numbers[0], CommandKind.CANCEL, CancelBody())])


async def _at_rest(here: world.World) -> None:
    """No contract is left to be looked at."""
    until = time.monotonic() + REST_WITHIN
    unkept = select(func.count()).select_from(Entitlement)
    unkept = unkept.where(
        text("status IN ('waiting', 'active')"),
        or_(Entitlement.due_on.is_(None), Entitlement.due_on < datetime.now(UTC)),
    )
    while time.monotonic() < until:
        async with here.house.database.read() as session:
            if not await session.scalar(unkept):
                return
        await asyncio.sleep(0.5)
    print("no rest: contracts are left", flush=True)
