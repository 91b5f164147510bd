"""Activities of no case remind their owners when they are due, once for each due date (domain 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from cases.free_reminders import ReminderSweep
from models.records.base import new_id
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Agent, Mailbox
from models.records.timeline import Activity
from tests.support.desks import Desk

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


async def insert(desk: Desk, owner: str | None = "grace", **fields: Any) -> UUID:
    id = new_id()
    async with desk.house.database.write() as session:
        agent = await session.scalar(select(Agent.id).where(Agent.slug == owner)) if owner else None
        given = {"kind": "task", "status": "open", "title": "Call back", "due": NOW - HOUR, "created_on": NOW}
        session.add(Activity(id=id, owner_id=agent, **{**given, **fields}))
    return id


async def letters(desk: Desk) -> list[tuple[str, str]]:
    async with desk.house.database.read() as session:
        found = await session.execute(
            select(EmailMessage.subject, EmailMessage.recipients, EmailMessage.text)
            .join(Outbox, Outbox.message_id == EmailMessage.id)
            .where(Outbox.case_id.is_(None), Outbox.kind == "notice")
            .order_by(EmailMessage.id)
        )
        return [(subject, to["to"][0]) for subject, to, _ in found]


async def test_each_owner_is_reminded_once_for_each_due_date(desk: Desk) -> None:
    due = await insert(desk, title="Call\nback")
    await insert(desk, due=NOW + HOUR)
    await insert(desk, due=None)
    await insert(desk, status="completed")
    await insert(desk, owner=None, title="Nobody's")
    sweep = ReminderSweep(desk.house.database, desk.house.letters)
    assert await sweep.sweep() == 2, "what is nobody's is looked at once, too"
    assert await sweep.sweep() == 0
    assert await letters(desk) == [("Due: Call back", "grace@desk.example")]
    async with desk.house.database.write() as session:
        sam = await session.scalar(select(Agent.id).where(Agent.slug == "sam"))
        moved = update(Activity).where(Activity.id == due)
        await session.execute(moved.values(due=NOW - HOUR / 2, owner_id=sam))
    assert await sweep.sweep() == 1
    assert (await letters(desk))[1:] == [("Due: Call back", "sam@desk.example")]


async def test_without_a_mailbox_nothing_is_stuck(desk: Desk) -> None:
    async with desk.house.database.write() as session:
        await session.execute(update(Mailbox).values(active=False))
    await insert(desk)
    sweep = ReminderSweep(desk.house.database, desk.house.letters)
    assert (await sweep.sweep(), await sweep.sweep()) == (1, 0)
    assert await letters(desk) == []
