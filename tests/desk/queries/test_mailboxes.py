"""What an operator reads of mailboxes, counted from rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from desk.errors import NotFound
from desk.queries.mailboxes import mailbox_status, mailbox_statuses
from models.messages.mailbox_status import MailboxStatus, SendQueue
from models.records.base import new_id
from models.records.mails import EmailMessage, InboundMail, Outbox, Suppression
from models.records.reference import Mailbox
from storage.engines import Database

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)


def ago(**given: float) -> datetime:
    return NOW - timedelta(**given)


class Rows:
    def __init__(self, database: Database) -> None:
        self.database, self.count = database, 0

    async def add(self, *rows: Any) -> None:
        async with self.database.write() as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def mailbox(self, slug: str, **given: Any) -> UUID:
        row = Mailbox(
            id=new_id(), slug=slug, address=f"{slug}@house.example", display_name=slug, settings={}, secret="s", **given
        )
        await self.add(row)
        return row.id

    async def mail(self, mailbox: UUID, verdict: str, received_on: datetime, reason: str | None = None) -> None:
        self.count += 1
        await self.add(
            InboundMail(
                id=new_id(), mailbox_id=mailbox, uidvalidity=1, uid=self.count, raw_sha256="0" * 64, raw_size=1,
                received_on=received_on, verdict=verdict, reason=reason,
            )
        )  # fmt: skip

    async def letter(self, mailbox: UUID, state: str, written: datetime, **given: Any) -> None:
        self.count += 1
        message = EmailMessage(
            id=new_id(), direction="out", mailbox_id=mailbox, message_id=f"<{self.count}@x>",
            message_id_hash=f"{self.count:064d}", content_hash="0" * 64, references=[], sender="s@house.example",
            recipients={"to": ["c@home.example"]}, subject="s", text="t", date=written, defects=[],
        )  # fmt: skip
        outbox = Outbox(
            id=new_id(), key=f"key-{self.count}", mailbox_id=mailbox, message_id=message.id, envelope_from="s@house.example",
            envelope_to=["c@home.example"], state=state, kind="reply", recorded_at=written, **given,
        )  # fmt: skip
        await self.add(message, outbox)


async def read(database: Database, key: str) -> MailboxStatus:
    async with database.read() as session:
        return await mailbox_status(session, key, NOW)


async def test_a_mailbox_that_nothing_came_to(database: Database) -> None:
    id = await Rows(database).mailbox("support")
    status = await read(database, "support")
    assert status.model_dump() == {
        "mailbox": "support",
        "address": "support@house.example",
        "active": True,
        "state": "not-read",
        "advice": status.advice,
        "last_success": None,
        "last_error": None,
        "trouble": None,
        "notice": None,
        "uidvalidity": None,
        "last_uid": 0,
        "backlog": 0,
        "oldest_unfetched": None,
        "quarantined": 0,
        "quarantine": (),
        "taken_in_24h": {},
        "outbox": {},
        "send_queue": SendQueue().model_dump(),
        "suppressed_addresses": 0,
    }
    assert await read(database, str(id)) == status
    with pytest.raises(NotFound):
        await read(database, "sales")


async def test_what_is_held_is_counted_by_reason_and_what_came_in_by_verdict(database: Database) -> None:
    rows = Rows(database)
    support, sales = await rows.mailbox("support"), await rows.mailbox("sales")
    await rows.mail(support, "held", ago(days=9), "sender-unknown")
    await rows.mail(support, "held", ago(hours=1), "sender-unknown")
    await rows.mail(support, "held", ago(hours=2), "blank")
    await rows.mail(sales, "held", ago(hours=2), "blank")
    for hours in (1, 23, 25):
        await rows.mail(support, "opened", ago(hours=hours))
    status = await read(database, "support")
    assert status.quarantined == 3
    assert [(each.reason, each.count, each.oldest) for each in status.quarantine] == [
        ("blank", 1, ago(hours=2)),
        ("sender-unknown", 2, ago(days=9)),
    ]
    assert status.taken_in_24h == {"held": 2, "opened": 2}


async def test_the_send_queue_tells_what_waits_and_what_went_wrong(database: Database) -> None:
    rows = Rows(database)
    box = await rows.mailbox("support", last_success=NOW, last_error="SMTP: refused")
    await rows.letter(box, "queued", ago(hours=3), attempts=2, not_before=NOW + timedelta(minutes=8))
    await rows.letter(box, "queued", ago(hours=2), attempts=1, not_before=NOW + timedelta(minutes=2))
    await rows.letter(box, "queued", ago(minutes=1), not_before=NOW + timedelta(seconds=5))  # may be undone yet
    await rows.letter(box, "queued", ago(minutes=2))
    await rows.letter(box, "queued", ago(hours=1), attempts=1, not_before=ago(minutes=1))
    await rows.letter(box, "sending", ago(minutes=4))
    await rows.letter(box, "sent", ago(minutes=4))
    await rows.letter(box, "failed", ago(hours=4))
    await rows.letter(box, "failed", ago(hours=44))
    await rows.letter(box, "suppressed", ago(hours=4))
    await rows.letter(box, "bounced", ago(hours=44), bounced_on=ago(hours=4))
    await rows.letter(box, "bounced", ago(hours=44), bounced_on=ago(hours=43))
    await rows.add(Suppression(id=new_id(), address="c@home.example", reason="bounced", added_on=NOW))
    status = await read(database, "support")
    assert status.send_queue == SendQueue(
        queued=5,
        due=2,
        sending=1,
        oldest_queued=ago(hours=3),
        due_since=ago(minutes=2),
        retrying=3,
        next_attempt=ago(minutes=1),
        failed_24h=1,
        bounced_24h=1,
        suppressed_24h=1,
    )
    assert status.outbox == {"queued": 5, "sending": 1, "sent": 1, "failed": 2, "suppressed": 1, "bounced": 2}
    assert (status.suppressed_addresses, status.trouble, status.state) == (1, "sending", "cannot-send")


async def test_all_mailboxes_take_as_many_statements_as_one(database: Database) -> None:
    rows = Rows(database)
    for slug in ("support", "sales", "press"):
        box = await rows.mailbox(slug, active=slug != "press")
        await rows.mail(box, "held", NOW, "blank")
        await rows.letter(box, "queued", NOW)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(database._reader.sync_engine, "before_cursor_execute", note)
    async with database.read() as session:
        found = await mailbox_statuses(session, NOW)
    assert len(statements) == 6
    assert [each.mailbox for each in found] == ["press", "sales", "support"]
    assert [each.state for each in found] == ["inactive", "not-read", "not-read"]
    assert {(each.quarantined, each.send_queue.queued) for each in found} == {(1, 1)}
    assert found[2] == await read(database, "support")
