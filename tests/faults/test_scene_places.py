"""The places where the worker dies in escalations and while promises follow a calendar are places of the code; and what is found
wrong after those scenes is told."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from desk.bulk import BulkDesk
from desk.recomputing import Recomputing
from engine.operations import OperationStarter
from faults import calendars, escalations
from models.messages.api_cases import RecomputeBody
from models.messages.cases import CommandKind, LapseInput
from models.records.base import new_id
from models.records.mails import Outbox
from models.records.operations import BulkItem, BulkOperation
from models.records.promises import KpiAction, KpiRow
from models.records.timeline import TimelineEntry
from tests.support.desks import OPENED_ON, Desk, DeskFactory
from tests.support.hands import Hands, activities, run
from tests.support.organisations import add

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.mark.parametrize("scene", [escalations, calendars])
def test_every_place_is_in_the_code(scene: ModuleType) -> None:
    text = "".join(file.read_text() for room in ("cases", "letters") for file in (ROOT / room).rglob("*.py"))
    known = set(re.findall(r'failpoint\("([a-z.]+)"\)', text))
    assert {part.partition(":")[0] for part in scene.places(random.Random(1)).split(",")} == set(scene.PLACES) <= known


async def test_what_an_escalation_has_lost_or_doubled_is_told(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        await add(desk, {"slas": [escalations.CHAIN]})
        hands = [await Hands.opened(desk, sla="faults") for _ in range(4)]
        numbers = [each.case.number for each in hands]
        assert len(await escalations.check(desk.house.database, numbers)) == 4 * 5, "nothing has happened yet"
        for each in hands:
            await _lapsed(desk, each)
        async with desk.house.database.write() as session:
            await session.execute(update(Outbox).values(state="sent"))
        assert await escalations.check(desk.house.database, numbers) == []
        lost, doubled, unsent, unchanged = (each.case for each in hands)
        async with desk.house.database.write() as session:
            await session.execute(
                delete(KpiAction).where(KpiAction.case_id == lost.id, KpiAction.key.endswith("/escalation-2/0"))
            )
            told = {"case_id": doubled.id, "at": OPENED_ON, "data": {}}
            session.add(TimelineEntry(id=new_id(), key="again", kind="kpi-escalated", **told))
            await session.execute(update(Outbox).where(Outbox.case_id == unsent.id).values(state="failed"))
            await session.execute(update(type(unchanged)).where(type(unchanged).id == unchanged.id).values(custom={}))
        faults = await escalations.check(desk.house.database, numbers)
        assert [fault.partition(":")[0] for fault in faults] == [
            f"{lost.number}, actions",
            f"{doubled.number}, entries of the timeline",
            f"{unsent.number}, letters",
            f"{unchanged.number}, what the actions left",
        ]


async def _lapsed(desk: Desk, hands: Hands) -> None:
    """Each deadline as it comes, told twice: as to a worker that died after its commit."""
    while (due := await desk.next_clock(hands.case.number)) is not None:
        for _ in range(2):
            await run(activities(desk)["lapse_clocks"], LapseInput(case_id=hands.case.id, now=due))


async def test_what_a_recomputation_has_lost_or_doubled_is_told(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        house = desk.house
        await add(desk, {"calendars": [calendars.hours("08:00", "20:00")], "slas": [calendars.PROMISED]})
        hands = [await Hands.opened(desk, sla="faults") for _ in range(4)]
        await add(desk, {"calendars": [calendars.hours("09:00", "15:00")]})
        bulk = BulkDesk(house.database, house.definitions, OperationStarter(house.client))
        moved = (
            await Recomputing(house.database, house.definitions, bulk).preview(calendars.CALENDAR, OPENED_ON)
        ).moved
        for each in hands:
            await each.do(CommandKind.RECOMPUTE, RecomputeBody(calendar=calendars.CALENDAR))
        operation = await _worked_off(desk, hands)
        numbers = [each.case.number for each in hands]
        assert await calendars.check(house.database, numbers, moved, operation) == []
        pinned, late, doubled, _ = (each.case for each in hands)
        async with house.database.write() as session:
            for case_id, changed in (
                (pinned.id, {"calendar": {"slug": calendars.CALENDAR, "version": 1}}),
                (late.id, {"failure_at": "2040-01-01T00:00:00Z"}),
            ):
                of_it = (KpiRow.case_id == case_id, KpiRow.kpi == "resolution")
                body = await session.scalar(select(KpiRow.body).where(*of_it))
                await session.execute(update(KpiRow).where(*of_it).values(body={**(body or {}), **changed}))
            told = {"case_id": doubled.id, "at": OPENED_ON, "data": {}}
            session.add(TimelineEntry(id=new_id(), key="again", kind="kpi-recomputed", **told))
            await session.execute(update(BulkItem).where(BulkItem.position == 3).values(state="pending"))
        faults = await calendars.check(house.database, numbers, moved, operation)
        assert {fault.partition(" instead")[0].partition(" due ")[0] for fault in faults} == {
            "results of the operation: {'done': 3, 'pending': 1}",
            f"{pinned.number}, resolution: counts by version 1 of the calendar",
            f"{late.number}, resolution:",
            f"{doubled.number}: 3 promises were moved, by 1 commands",
        }
        assert len(faults) == 4


async def _worked_off(desk: Desk, hands: Sequence[Hands]) -> UUID:
    """The rows of an operation that has done its part for each of them."""
    actor = (await desk.agent("mona")).agent_id
    async with desk.house.database.write() as session:
        operation = BulkOperation(
            id=new_id(),
            actor_id=actor,
            key="scene",
            action=CommandKind.RECOMPUTE.value,
            body={"calendar": calendars.CALENDAR},
            body_hash="0" * 64,
            state="done",
            total=len(hands),
            asked_on=OPENED_ON,
        )
        session.add(operation)
        await session.flush()
        for position, each in enumerate(hands):
            row = {"number": each.case.number, "case_id": each.case.id, "state": "done"}
            session.add(BulkItem(operation_id=operation.id, position=position, **row))
        return operation.id
