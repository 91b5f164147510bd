"""The rows of one write: what is sent when, with no flush of the ORM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from cases.rows import LostWrite, Rows
from models.records.base import new_id
from models.records.cases import Case, QueueItem
from models.records.reference import Queue
from models.records.timeline import TimelineEntry
from tests.support.desks import OPENED_ON, Desk


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """The writes of the block, each by its first words; a flush of the ORM counts as one too."""
    said: list[str] = []

    def statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if not text.startswith(("SELECT", "BEGIN")):
            said.append(" ".join(text.split()[:3]))

    def flush(*_: Any) -> None:
        said.append("flush")

    engine = desk.house.database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", statement)
    event.listen(Session, "before_flush", flush)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(Session, "before_flush", flush)


def entry(case: Case, key: str) -> TimelineEntry:
    return TimelineEntry(id=new_id(), case_id=case.id, key=key, at=OPENED_ON, kind="note", text=None, data={})


async def an_item(session: AsyncSession, case: Case) -> QueueItem:
    queue = (await session.scalars(select(Queue).order_by(Queue.slug).limit(1))).one()
    return QueueItem(id=new_id(), case_id=case.id, queue_id=queue.id, worked_by=None, live=True, entered_on=OPENED_ON)


async def test_changes_go_first_and_what_was_made_in_one_statement_a_table(desk: Desk) -> None:
    made = await desk.insert()
    with counted(desk) as said:
        async with desk.house.database.write() as session:
            rows = Rows(session)
            case = await session.get_one(Case, made.id)
            rows.add(entry(case, "one"))
            rows.add(await an_item(session, case))
            rows.add(entry(case, "two"))
            case.title, case.priority = "Changed", case.priority
            await rows.flush()
            session.expunge_all()
    found = ["INSERT INTO search_entry"]  # what a search finds the case by
    assert said == ["UPDATE service_case SET", "INSERT INTO queue_item", "INSERT INTO timeline_entry", *found]
    assert (await desk.case(made.number)).title == "Changed"
    assert [each.key for each in await desk.timeline(made.number)] == ["one", "two"]


async def test_what_is_changed_after_it_was_sent_is_sent_again_and_nothing_else(desk: Desk) -> None:
    made = await desk.insert()
    with counted(desk) as said:
        async with desk.house.database.write() as session:
            rows = Rows(session)
            case = await session.get_one(Case, made.id)
            item = await an_item(session, case)
            rows.add(item)
            case.severity = "bad"
            await rows.flush()
            item.live, item.left_on = False, OPENED_ON
            await rows.flush()
            await rows.flush()
            session.expunge_all()
    assert said == ["UPDATE service_case SET", "INSERT INTO queue_item", "UPDATE queue_item SET"]
    async with desk.house.database.read() as session:
        (row,) = await session.scalars(select(QueueItem).where(QueueItem.case_id == made.id))
        assert (row.live, row.left_on) == (False, OPENED_ON)


async def test_a_new_row_takes_the_place_that_an_old_one_gives_up_in_the_same_flush(desk: Desk) -> None:
    made = await desk.insert()
    async with desk.house.database.write() as session:
        session.add(await an_item(session, made))
    async with desk.house.database.write() as session:
        rows = Rows(session)
        (old,) = await session.scalars(select(QueueItem).where(QueueItem.case_id == made.id))
        rows.add(await an_item(session, made))
        old.live = False
        await rows.flush()
        session.expunge_all()
    async with desk.house.database.read() as session:
        lives = list(await session.scalars(select(QueueItem.live).where(QueueItem.case_id == made.id)))
        assert sorted(lives) == [False, True]


async def test_an_amended_row_is_changed_wherever_it_is(desk: Desk) -> None:
    """One that waits, one that was sent, and one that was never read."""
    made = await desk.insert()
    async with desk.house.database.write() as session:
        rows = Rows(session)
        first, second = entry(made, "one"), entry(made, "two")
        rows.add(first)
        rows.amend(TimelineEntry, first.id, text="waited")
        await rows.flush()
        rows.add(second)
        await rows.flush()
        rows.amend(TimelineEntry, second.id, text="was sent")
        rows.amend(Case, made.id, title="never read")
        await rows.flush()
        session.expunge_all()
    assert [each.text for each in await desk.timeline(made.number)] == ["waited", "was sent"]
    assert (await desk.case(made.number)).title == "never read"


async def test_what_the_database_refuses_is_raised_where_it_is_sent(desk: Desk) -> None:
    made = await desk.insert()

    async def the_same_twice() -> None:
        async with desk.house.database.write() as session:
            rows = Rows(session)
            rows.add(entry(made, "same"))
            rows.add(entry(made, "same"))
            await rows.flush()

    with pytest.raises(IntegrityError):
        await the_same_twice()
    assert await desk.timeline(made.number) == []


async def test_a_change_that_hits_no_row_is_an_error(desk: Desk) -> None:
    made = await desk.insert()
    async with desk.house.database.write() as session:
        rows = Rows(session)
        item = await an_item(session, made)
        rows.add(item)
        await rows.flush()
        await session.execute(delete(QueueItem).where(QueueItem.id == item.id))
        item.left_on = OPENED_ON
        with pytest.raises(LostWrite):
            await rows.flush()
