"""Activities that are due remind their owners by the case's one timer (domain 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from models.messages.api_activities import ActivityBody, ChangeActivityBody
from models.messages.cases import CommandKind
from models.records.mails import EmailMessage, Outbox
from tests.support.desks import OPENED_ON, Desk
from tests.support.waiting import until

FIRST, SECOND = OPENED_ON + timedelta(minutes=2), OPENED_ON + timedelta(minutes=4)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def engine() -> str:
    """One is enough: the statement that finds what is due is part of every write of a case, on both."""
    return "sqlite"


async def reminders(desk: Desk, number: str) -> list[tuple[str, str]]:
    """Kind and subject of the activity of each entry, the oldest first."""
    entries = await desk.timeline(number)
    return [(entry.kind, str(entry.subject_id)) for entry in entries if entry.kind in ("reminded", "not-reminded")]


async def test_an_activity_that_is_due_reminds_its_owner_once_for_each_due_date(desk: Desk) -> None:
    number = await desk.open()
    made = await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title="Call back", due=SECOND))
    early = await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title="Look it up", due=FIRST))
    done = await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title="Done", due=FIRST))
    assert made.resource is not None
    assert early.resource is not None
    assert done.resource is not None
    await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title="Long ago", due=LONG_AGO))
    await desk.send("grace", number, CommandKind.COMPLETE_ACTIVITY, target_id=UUID(done.resource))
    await desk.forward_to(number, FIRST)
    await until(lambda: _told(desk, number, 1))
    assert await reminders(desk, number) == [("reminded", early.resource)]
    # Moved to later, it reminds again, and then by the other owner.
    later = ChangeActivityBody(due=SECOND, owner="sam")
    await desk.send("grace", number, CommandKind.CHANGE_ACTIVITY, later, target_id=UUID(early.resource))
    await desk.forward_to(number, SECOND)
    await until(lambda: _told(desk, number, 3))
    assert await reminders(desk, number) == [
        ("reminded", early.resource),
        ("reminded", made.resource),
        ("reminded", early.resource),
    ]
    async with desk.house.database.read() as session:
        letters = list(
            await session.scalars(
                select(EmailMessage)
                .join(Outbox, Outbox.message_id == EmailMessage.id)
                .where(Outbox.key.startswith("notice/reminder/"))
                .order_by(EmailMessage.id)
            )
        )
    assert [letter.recipients["to"] for letter in letters] == [
        ["grace@desk.example"],
        ["grace@desk.example"],
        ["sam@desk.example"],
    ]
    assert letters[0].subject.startswith("Due: Look it up")
    assert "Look it up (task)" in letters[0].text


async def _told(desk: Desk, number: str, count: int) -> bool:
    return len(await reminders(desk, number)) == count
