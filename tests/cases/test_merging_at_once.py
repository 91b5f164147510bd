"""Cases that are merged in a ring at the same moment: each decides on what the others have become, not on what they were."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, text, update

from models.messages.cases import CaseSnapshot, CommandKind, DeliveryInput
from models.messages.families import MergeBody
from models.messages.mailflow import DeliveryKind
from models.records.cases import Case
from models.records.commands import Delivery
from storage.engines import Database
from tests.support.desks import Desk, DeskFactory
from tests.support.hands import PRESENT, Hands, activities, run
from tests.support.waiting import until

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """SQLite has one writer at a time, and locks no rows."""
    return postgres_url


async def test_who_waits_for_the_survivor_sees_what_it_has_become(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        one, two, three = [await Hands.opened(desk) for _ in range(3)]
        going = await ordered(desk, three, into=one)
        async with desk.house.database.write() as session:
            await session.execute(select(Case.id).where(Case.id == two.case.id).with_for_update())
            await merged(session, two, three)
        async with desk.house.database.write() as session:
            # The first is on its way into the second, which is the third's already.
            await session.execute(select(Case.id).where(Case.id == one.case.id).with_for_update())
            await merged(session, one, two)
            await session.flush()
            up: asyncio.Task[CaseSnapshot] = asyncio.create_task(run(activities(desk)["apply_delivery"], going))
            await until(lambda: somebody_waits(desk.house.database))
        assert (await up).status == "active"
        assert (await desk.case(three.case.number)).merged_into is None
        (told,) = await desk.timeline(three.case.number, "kept")
        assert told.data["why"] == "the other case went up in this one"


async def ordered(desk: Desk, loser: Hands, *, into: Hands) -> DeliveryInput:
    await into.do(CommandKind.MERGE, MergeBody(losers=(loser.case.number,)))
    async with desk.house.database.read() as session:
        wanted = select(Delivery).where(Delivery.case_id == loser.case.id, Delivery.kind == DeliveryKind.GO_UP)
        row = (await session.scalars(wanted)).one()
    return DeliveryInput(case_id=loser.case.id, now=PRESENT, version=loser.case.version, delivery_id=row.id)


async def merged(session: Any, loser: Hands, survivor: Hands) -> None:
    gone = {"status": "cancelled", "status_reason": "merged", "merged_into": survivor.case.number}
    await session.execute(update(Case).where(Case.id == loser.case.id).values(**gone))


async def somebody_waits(database: Database) -> bool:
    async with database.read() as session:
        return bool(await session.scalar(WAITING))
