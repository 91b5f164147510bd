"""What intake does beside the straight way: bounces, quarantine, crashes. On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from letters.composing import Letters
from mailroom.correlating import Correlating
from mailroom.placing import Placing
from mailroom.quarantine import NotHeld, Quarantine
from models.records.mails import InboundMail
from tests.support.deaths import killed_at
from tests.support.mailroom import (
    CUSTOMER,
    NOW,
    SUPPORT,
    Case,
    Delivery,
    EmailMessage,
    Mailroom,
    Outbox,
    open_mailroom,
)
from tests.support.waiting import until

REPORT = """\
From: MAILER-DAEMON@mx.customer.example
To: support@house.example
Subject: Undelivered Mail Returned to Sender
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; no such user

--b
Content-Type: text/rfc822-headers

Message-ID: <{message_id}>
Subject: Printer

--b--
"""


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support")
        yield room


async def logged(room: Mailroom, count: int, **options: object) -> list[InboundMail]:
    async def complete() -> bool:
        return await room.count(InboundMail, InboundMail.flagged) >= count

    async with room.running(room.intake(**options).watch_mailbox):
        await until(complete)
    return await room.all(InboundMail)


async def answered(room: Mailroom) -> tuple[Case, EmailMessage]:
    """A case with a letter of ours that was sent."""
    await room.arrives()
    await logged(room, 1)
    async with room.database.write() as session:
        (case,) = [await session.get_one(Case, row.id) for row in await room.all(Case)]
        message = await Letters(room.definitions, room.tokens).letter(
            session, case, kind="reply", key="reply/1", text="Try this.", to=[CUSTOMER], now=NOW
        )
        await session.execute(update(Outbox).values(state="sent"))
    return case, message


# ---- bounces ---------------------------------------------------------------------------------------------------------


async def test_a_bounce_fails_our_letter_and_is_told_to_its_case_once(room: Mailroom) -> None:
    case, message = await answered(room)
    report = REPORT.format(recipient=CUSTOMER, action="failed", status="5.1.1", message_id=message.message_id)
    await room.hub.deliver(SUPPORT, report.encode())
    await room.hub.deliver(SUPPORT, report.replace("It failed.", "It failed again.").encode())
    entries = await logged(room, 3)
    assert [(entry.verdict, entry.reason, entry.case_id) for entry in entries[1:]] == [("filed", "bounce", case.id)] * 2
    (row,) = await room.all(Outbox)
    (delivery,) = [each for each in await room.all(Delivery) if each.kind == "send-failed"]
    assert (row.state, delivery.subject_id) == ("bounced", message.id)
    assert "hard failed 5.1.1" in str(row.last_error)
    assert room.told.delivered == [(case.number, delivery.id)]
    assert await room.count(Case) == 1


@pytest.mark.parametrize(
    ("recipient", "action", "status"), [(CUSTOMER, "delayed", "4.4.1"), ("other@x.example", "failed", "5.1.1")]
)
async def test_a_delay_or_a_report_about_somebody_else_changes_nothing(
    room: Mailroom, recipient: str, action: str, status: str
) -> None:
    _, message = await answered(room)
    report = REPORT.format(recipient=recipient, action=action, status=status, message_id=message.message_id)
    await room.hub.deliver(SUPPORT, report.encode())
    entries = await logged(room, 2)
    assert entries[-1].verdict == "filed"
    assert [row.state for row in await room.all(Outbox)] == ["sent"]
    assert room.told.delivered == []


# ---- quarantine ------------------------------------------------------------------------------------------------------


def quarantine(room: Mailroom) -> Quarantine:
    placing = Placing(room.database, room.definitions, Correlating(room.tokens))
    return Quarantine(room.database, room.files, placing, room.told)


async def test_a_held_mail_is_run_again_by_todays_rules(database_url: str, tmp_path: Path) -> None:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.arrives()
        (entry,) = await logged(room, 1)
        assert (entry.verdict, entry.reason) == ("held", "no-rule")
        assert (await quarantine(room).rerun(entry.id, NOW)).verdict == "held"
        await room.rule("support")
        after = await quarantine(room).rerun(entry.id, NOW)
        (case,), (message,) = await room.all(Case), await room.all(EmailMessage)
        assert (after.verdict, after.case_id, message.case_id) == ("opened", case.id, case.id)
        assert room.told.opened == [case.number]
        with pytest.raises(NotHeld):
            await quarantine(room).rerun(entry.id, NOW)


async def test_a_released_mail_opens_its_case_past_the_gates(database_url: str, tmp_path: Path) -> None:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support", allow_unknown_senders=False, require_entitlement=True)
        await room.arrives()
        (entry,) = await logged(room, 1)
        assert entry.reason == "sender-unknown"
        assert (await quarantine(room).rerun(entry.id, NOW, release=True)).verdict == "opened"
        assert await room.count(Case) == 1


# ---- crashes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "point",
    [
        "intake.fetched",
        "intake.stored",
        "intake.committed",
        "intake.committed:3",
        "intake.flagged",
        "intake.dispatched",
    ],
)
async def test_a_death_at_any_step_of_intake_loses_and_doubles_nothing(room: Mailroom, point: str) -> None:
    sent = [await room.arrives(attachments={"log.txt": bytes([number])}) for number in range(5)]
    await killed_at(room, "intake", point)
    entries = await logged(room, 5)
    assert [entry.verdict for entry in entries] == ["opened"] * 5
    assert [await room.files.get(entry.raw_sha256) for entry in entries] == sent
    assert (await room.count(Case), await room.count(EmailMessage), await room.count(Delivery)) == (5, 5, 5)
    async with room.imap() as client:
        assert await client.search_unflagged("$Caseloom") == []


@pytest.mark.parametrize(("point", "copies"), [("outbox.claimed", 1), ("outbox.sent", 2), ("outbox.committed", 1)])
async def test_a_death_while_sending_makes_at_most_one_visible_copy(room: Mailroom, point: str, copies: int) -> None:
    await answered(room)
    async with room.database.write() as session:
        await session.execute(update(Outbox).values(state="queued"))
    await killed_at(room, "outbox", point)

    async def sent() -> bool:
        return [row.state for row in await room.all(Outbox)] == ["sent"]

    async with room.running(room.outbox().drain_outbox):
        await until(sent)
    assert len({mail["Message-ID"] for mail in await room.received()}) == 1
    assert len(await room.received()) == copies
