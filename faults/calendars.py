"""Kills the worker while running promises follow a changed calendar, and checks that each was moved once, to where the preview
had said."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from desk.bulk import BulkDesk
from desk.recomputing import Recomputing
from engine.operations import OperationStarter
from faults import world
from faults.lives import agent_of, apply_lists, dies, ends, open_cases, until_rest
from models.messages.api_promises import Moved
from models.messages.operations import ItemState
from models.messages.slas import KpiInstance
from models.records.cases import Case
from models.records.operations import BulkItem
from models.records.promises import KpiRow
from models.records.timeline import TimelineEntry
from servers.processes import stop_process
from storage.engines import Database

PLACES = ("command.written", "command.committed", "operation.sent", "operation.written")
"""The names are those of `failpoint(...)` calls."""
LATEST = {"command.written": 16, "command.committed": 16, "operation.sent": 1, "operation.written": 1}
"""The worker dies when it comes to a place for at most the so many-th time."""
CALENDAR = "hours"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PROMISED = {
    "slug": "faults",
    "name": "By a calendar",
    "calendar": CALENDAR,
    "items": [
        {
            "name": name,
            "kpi": kpi,
            "success": {"all": [{"field": "case.status", "value": "resolved"}]},
            "warn_after": "20 business hours",
            "fail_after": fail_after,
        }
        for name, kpi, fail_after in (
            ("Answered", "first-response", "40 business hours"),
            ("Solved", "resolution", "80 business hours"),
        )
    ],
}


def hours(begin: str, end: str) -> dict[str, Any]:
    """The calendar of the scene, open from `begin` to `end` each day."""
    open_ = {day: [{"from": begin, "to": end}] for day in DAYS}
    return {"slug": CALENDAR, "name": "Every day", "time_zone": "UTC", "hours": open_}


def places(rng: random.Random) -> str:
    """As a failpoint's setting: the worker dies at the first of these that it comes to."""
    return ",".join(f"{name}:{rng.randint(1, LATEST[name])}" for name in PLACES)


async def play(here: world.World, cases: int, kills: int, rng: random.Random) -> tuple[int, list[str]]:
    """How often the worker died at one of its places, and what is not as it must be, in words."""
    await apply_lists(here, {"calendars": [hours("08:00", "20:00")], "slas": [PROMISED]})
    worker = await here.start_worker(0, "")
    try:
        numbers = await open_cases(here, cases)
        await until_rest(here)
        await ends(worker)
        await apply_lists(here, {"calendars": [hours("09:00", "15:00")]})
        moved, operation = await ask(here)
        at_a_place = 0
        for life in range(1, kills + 1):
            setting = places(rng)
            died = await dies(await here.start_worker(life, setting))
            at_a_place += died
            print(f"life {life} {'died at' if died else 'was killed before it came to'} {setting}", flush=True)
        worker = await here.start_worker(kills + 1, "")
        await until_rest(here)
        return at_a_place, await check(here.house.database, numbers, moved, operation)
    finally:
        await stop_process(worker, kill_after=20.0)


async def ask(here: world.World) -> tuple[tuple[Moved, ...], UUID]:
    """What the preview says, and the operation that does it."""
    house = here.house
    bulk = BulkDesk(house.database, house.definitions, OperationStarter(house.client))
    recomputing, now = Recomputing(house.database, house.definitions, bulk), datetime.now(UTC)
    moved = (await recomputing.preview(CALENDAR, now)).moved
    return moved, (await recomputing.ask(await agent_of(here), CALENDAR, now, asked_by="the scene")).id


async def check(database: Database, numbers: Iterable[str], moved: Iterable[Moved], operation: UUID) -> list[str]:
    """What was lost or doubled, in words."""
    wanted = set(numbers)
    async with database.read() as session:
        rows = await session.execute(select(Case.number, KpiRow.body).join(Case, Case.id == KpiRow.case_id))
        found = [(number, KpiInstance.model_validate(body)) for number, body in rows if number in wanted]
        told = Counter(
            (number, kind)
            for number, kind in await session.execute(
                select(Case.number, TimelineEntry.kind)
                .join(Case, Case.id == TimelineEntry.case_id)
                .where(TimelineEntry.kind.in_(("kpi-recomputed", "recomputed")))
            )
        )
        results = Counter(await session.scalars(select(BulkItem.state).where(BulkItem.operation_id == operation)))
    due = {(each.case, each.kpi): (each.new_warning_at, each.new_failure_at) for each in moved}
    faults = (
        []
        if results == Counter({ItemState.DONE.value: len(wanted)})
        else [f"results of the operation: {dict(results)}"]
    )
    if len(due) != 2 * len(wanted):
        faults.append(f"the preview names {len(due)} promises instead of {2 * len(wanted)}")
    for number, instance in found:
        if (version := instance.calendar.version if instance.calendar else None) != 2:
            faults.append(f"{number}, {instance.kpi}: counts by version {version} of the calendar")
        if (is_ := (instance.warning_at, instance.failure_at)) != due.get((number, instance.kpi)):
            faults.append(f"{number}, {instance.kpi}: due {is_} instead of {due.get((number, instance.kpi))}")
    for number in sorted(wanted):
        if (promises := sum(of == number for of, _ in found)) != 2:
            faults.append(f"{number}: {promises} promises instead of 2")
        if (said := (told[number, "kpi-recomputed"], told[number, "recomputed"])) != (2, 1):
            faults.append(f"{number}: {said[0]} promises were moved, by {said[1]} commands")
    return faults
