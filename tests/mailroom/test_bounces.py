"""Reports about our letters: what they change, whom they suppress, and what they leave alone. On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from cases.opener import NewCase, insert_case
from letters.composing import Letters
from mail.keys import message_id_hash
from mail.parse import parse
from mailroom.bounces import Bounced, take_bounce
from models.records.mails import Suppression
from storage.repositories import outbox as rows
from tests.mail import no_reports, reports
from tests.mailroom.test_intake_care import REPORT
from tests.support.mailroom import CUSTOMER, NOW, SUPPORT, Case, Delivery, EmailMessage, Mailroom, Outbox, open_mailroom
from tests.support.waiting import until

OTHER = "bob@customer.example"


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        yield room


async def written(
    room: Mailroom, state: str = "sent", to: tuple[str, ...] = (CUSTOMER, OTHER), **changes: Any
) -> EmailMessage:
    """A letter of a case to two people, in that state."""
    async with room.database.write() as session:
        case, _ = await insert_case(
            session, NewCase(title="Printer", origin="phone", queue="support"), NOW, prefix="CAS"
        )
        letter = await Letters(room.definitions, room.tokens).letter(
            session, case, kind="reply", key=f"reply/{case.id}", text="Try this.", to=to, now=NOW
        )
        values = {"state": state, "attempts": 1, **changes}
        await session.execute(update(Outbox).where(Outbox.message_id == letter.id).values(**values))
    return letter


async def report(
    room: Mailroom, letter: EmailMessage, status: str, action: str = "failed", recipient: str = CUSTOMER
) -> Bounced | None:
    given = REPORT.format(recipient=recipient, action=action, status=status, message_id=letter.message_id)
    async with room.database.write() as session:
        return await take_bounce(session, parse(given.encode()), NOW)


GONE = REPORT.replace("{action}", "failed").replace("{status}", "5.1.1")
THIRD = "eve@third.example"


FORWARDED = {"Final-": f"Original-Recipient: rfc822; {CUSTOMER}\nFinal-", "{recipient}": "x@y.example"}
PROOFS: dict[str, tuple[dict[str, str], bool, bool]] = {
    "the real one": ({}, True, True),
    "as a Sendmail notes the null path": ({"Return-Path: <>": "Return-Path: MAILER-DAEMON"}, True, True),
    "DMARC failed": ({}, False, False),
    "a return path": ({"Return-Path: <>": "Return-Path: <eve@third.example>"}, True, False),
    "no return path noted": ({"Return-Path: <>\n": ""}, True, False),
    "another recipient's server": ({"MAILER-DAEMON@mx.customer.example": "MAILER-DAEMON@third.example"}, True, False),
    "a host of theirs": ({"MAILER-DAEMON@mx.customer.example": "postmaster@mx.third.example"}, True, False),
    "a parent of their domain": ({"MAILER-DAEMON@mx.customer.example": "MAILER-DAEMON@customer.example"}, True, True),
    "our own server": ({"MAILER-DAEMON@mx.customer.example": "MAILER-DAEMON@mail.house.example"}, True, True),
    "a host of many domains": ({"MAILER-DAEMON@mx.customer.example": "mailer-daemon@googlemail.com"}, True, True),
    "the server that hands our mail in": ({"@mx.customer.example": "@out3.provider.example"}, True, True),
    "an invented server": ({"@mx.customer.example": "@invented.example"}, True, False),
    "one that ends alike": ({"@mx.customer.example": "@evilcustomer.example"}, True, False),
    "one that begins alike": ({"@mx.customer.example": "@customer.example.evil.example"}, True, False),
    "a whole zone": ({"@mx.customer.example": "@example"}, True, False),
    "a server without a domain": ({"MAILER-DAEMON@mx.customer.example": "MAILER-DAEMON"}, True, False),
    "a server by its number": ({"@mx.customer.example": "@[192.0.2.1]"}, True, False),
    "no sender at all": ({"From: MAILER-DAEMON@mx.customer.example\n": ""}, True, False),
    "our own address is the bad one": ({"no such user": "550 5.1.1 <support@house.example> no such user"}, True, False),
    "our own address beside theirs": (
        {"no such user": f"550 5.1.1 <{CUSTOMER}>: envelope <support@house.example> unknown user"},
        True,
        False,
    ),
    "it went on to somebody else": (FORWARDED, True, False),
    "a program in a person's name": (
        {"MAILER-DAEMON@": "ann@", "multipart/report; report-type=delivery-status": "multipart/mixed"},
        True,
        False,
    ),
    "a policy": ({"5.1.1": "5.7.1"}, True, False),
    "a full mailbox": ({"5.1.1": "5.2.2"}, True, False),
    "given up": ({"5.1.1": "4.4.7"}, True, False),
    "words against the code": ({"no such user": "552 5.2.2 over quota"}, True, False),
    "a delay": ({"Action: failed": "Action: delayed"}, True, False),
    "an arrival": ({"Action: failed": "Action: relayed"}, True, False),
}
"""What is changed of a report that proves an address dead, whether no server of ours found it forged, and the result."""


UNPROVEN = {"DMARC failed", "an invented server", "one that ends alike", "one that begins alike", "a whole zone"}
"""Of which the case hears that they say of themselves to be hard, and that nobody knows whether it is true."""


async def test_only_a_proven_report_suppresses(room: Mailroom) -> None:
    wrong = {}
    for name, (changes, proven, expected) in PROOFS.items():
        letter = await written(room, to=(CUSTOMER, THIRD))
        given = GONE
        for old, new in changes.items():
            assert old in given
            given = given.replace(old, new)
        raw = given.replace("{recipient}", CUSTOMER).replace("{message_id}", str(letter.message_id)).encode()
        async with room.database.write() as session:
            taken = await take_bounce(
                session, parse(raw), NOW, proven=proven, ours={SUPPORT}, hosts={"smtp.provider.example"}
            )
            assert taken is not None
            if name in UNPROVEN:
                assert "hard, unproven:" in taken.explanation, name
            suppressed = list(await session.scalars(select(Suppression.address)))
            await session.execute(delete(Suppression))
        if suppressed != ([CUSTOMER] if expected else []):
            wrong[name] = suppressed
    assert wrong == {}


SEEN_BY: dict[str, tuple[tuple[str, ...], dict[str, list[str]] | None, bool, bool]] = {
    "by nobody else": ((CUSTOMER,), None, False, True),
    "by a colleague of theirs, who has the same domain": ((CUSTOMER, OTHER), None, False, False),
    "by somebody else": ((CUSTOMER, THIRD), None, False, False),
    "by whom the customer copied": ((CUSTOMER,), {"to": [SUPPORT], "cc": [THIRD]}, False, False),
    "by who wrote to us and nobody else": ((CUSTOMER,), {"to": [SUPPORT]}, False, True),
    "by somebody else, where a server of ours judges": ((CUSTOMER, THIRD), None, True, True),
}
"""Who got our letter, whom another mail of the case went to, whether a receiving server is named, and whether it is a proof."""


async def test_without_a_server_that_judges_only_who_is_alone_with_us_is_suppressed(room: Mailroom) -> None:
    wrong = {}
    for name, (to, another, judged, expected) in SEEN_BY.items():
        letter = await written(room, to=to)
        raw = GONE.replace("{recipient}", CUSTOMER).replace("{message_id}", str(letter.message_id)).encode()
        async with room.database.write() as session:
            if another is not None:
                theirs = EmailMessage(
                    direction="in", case_id=letter.case_id, mailbox_id=letter.mailbox_id, recipients=another
                )
                theirs.message_id = theirs.message_id_hash = theirs.content_hash = name[:60]
                theirs.sender, theirs.references, theirs.subject, theirs.text, theirs.defects = CUSTOMER, [], "", "", []
                session.add(theirs)
                await session.flush()
            taken = await take_bounce(session, parse(raw), NOW, judged=judged, ours={SUPPORT})
            assert taken is not None
            assert ("unproven" in taken.explanation) is not expected, name
            suppressed = list(await session.scalars(select(Suppression.address)))
            await session.execute(delete(Suppression))
        if suppressed != ([CUSTOMER] if expected else []):
            wrong[name] = suppressed
    assert wrong == {}


async def test_a_report_that_does_not_name_our_signed_id_is_none_of_ours(room: Mailroom) -> None:
    letter = await written(room)
    for forged in ("another-id@desk.example", "{message_id}.x", "x{message_id}"):
        named = forged.format(message_id=letter.message_id)
        raw = GONE.replace("{recipient}", CUSTOMER).replace("{message_id}", named)
        async with room.database.write() as session:
            assert await take_bounce(session, parse(raw.encode()), NOW) is None
    assert ((await row(room)).state, await room.all(Suppression)) == ("sent", [])


async def test_no_kind_of_mail_suppresses_somebody_who_can_be_reached(room: Mailroom) -> None:
    """All reports, and all mails that look like one, through the real path, about a letter to two people."""
    letter = await written(room, to=(reports.ANN, reports.BOB))
    mails = {each.name: (each.raw, each.told) for each in reports.ALL}
    mails |= {name: (raw, ()) for name, raw in no_reports.ALL.items()}
    wrong = {}
    async with room.database.write() as session:
        named = {"message_id": reports.OURS, "message_id_hash": message_id_hash(reports.OURS)}
        await session.execute(update(EmailMessage).where(EmailMessage.id == letter.id).values(**named))
        for name, (raw, told) in mails.items():
            await session.execute(delete(Suppression))
            await session.execute(update(Outbox).values(state="sent", bounced_on=None, last_error=None))
            await take_bounce(session, parse(raw), NOW, ours={"support@desk.example"})
            found = set(await session.scalars(select(Suppression.address)))
            state = await session.scalar(select(Outbox.state))
            # The server of b.example is not on the way to c.example, and what nobody knows is on no way.
            null_path = b"return-path: <>" in raw.lower()
            sender = parse(raw).from_
            known = sender is not None and sender.address.endswith(("b.example", "desk.example", "googlemail.com"))
            dead = {address for address, _, hard in told if hard and null_path and known and address == reports.ANN}
            concerned = [outcome for address, outcome, _ in told if address in (reports.ANN, reports.BOB)]
            if (found, state) != (dead, "bounced" if "failed" in concerned else "sent"):
                wrong[name] = (found, state)
    assert wrong == {}


async def test_reports_open_no_case_whatever_their_headers_say_and_what_people_write_of_them_does(
    room: Mailroom,
) -> None:
    await room.rule("support")
    letter = await written(room)
    about = GONE.replace("{recipient}", CUSTOMER).replace("{message_id}", str(letter.message_id))
    bulk = {
        "Precedence: bulk": about,
        "Auto-Submitted: auto-replied": about.replace("It failed.", "It failed, too."),
        "List-Id: <x.example>": about.replace("It failed.", "It failed as well."),
    }
    reports_of_ours = [raw.replace("MIME-Version", f"{header}\nMIME-Version") for header, raw in bulk.items()]
    in_words = f"Your message could not be delivered to:\n\n{CUSTOMER}\n  550 5.2.2 full\n\n"
    postmaster = "From: postmaster@b.example\nReturn-Path: <postmaster@b.example>\nSubject: Undeliverable: Printer\n\n"
    reports_of_ours.append(f"{postmaster}{in_words}Message-ID: <{letter.message_id}>\n")
    of_nobody = f"{postmaster}{in_words}Message-ID: <other@x.example>\n"
    asks = f"From: {CUSTOMER}\nReturn-Path: <{CUSTOMER}>\nSubject: Undeliverable\n\nHello, what is this?\n\n{in_words}"
    for raw in (*reports_of_ours, of_nobody, asks):
        await room.hub.deliver(SUPPORT, raw.encode())
    entries = await room.taken_in(6)
    assert [(entry.verdict, entry.reason) for entry in entries[:5]] == [("filed", "bounce")] * 4 + [
        ("filed", "automatic")
    ]
    assert entries[5].verdict == "opened"
    assert ((await row(room)).state, await told(room), await room.count(Case)) == ("bounced", 1, 2)


async def row(room: Mailroom) -> Outbox:
    (only,) = await room.all(Outbox)
    return only


async def told(room: Mailroom) -> int:
    return await room.count(Delivery, Delivery.kind == "send-failed")


async def test_a_hard_bounce_is_told_once_and_suppresses_its_address(room: Mailroom) -> None:
    letter = await written(room)
    for _ in range(2):
        bounced = await report(room, letter, "5.1.1")
        assert bounced is not None
    after = await row(room)
    assert (after.state, after.bounced_on, await told(room)) == ("bounced", NOW, 1)
    assert str(after.last_error).startswith("bounced: hard failed 5.1.1")
    (entry,) = await room.all(Suppression)
    assert (entry.address, entry.reason, entry.outbox_id, entry.added_on) == (CUSTOMER, "bounced", after.id, NOW)
    assert "no such user" in str(entry.detail)


async def test_a_letter_that_was_given_up_is_bounced_but_its_address_is_not_dead(room: Mailroom) -> None:
    for status in ("4.4.7", "5.2.2", "5.7.1", "5.3.4"):
        letter = await written(room)
        await report(room, letter, status)
    assert {each.state for each in await room.all(Outbox)} == {"bounced"}
    assert {str(each.last_error)[:20] for each in await room.all(Outbox)} == {"bounced: soft failed"}
    assert await told(room) == 4
    assert await room.all(Suppression) == []


async def test_a_delay_is_noted_and_changes_nothing(room: Mailroom) -> None:
    letter = await written(room)
    await report(room, letter, "4.4.1", "delayed")
    after = await row(room)
    assert (after.state, after.bounced_on, await told(room)) == ("sent", None, 0)
    assert "delayed 4.4.1" in str(after.last_error)
    await report(room, letter, "5.1.1")
    await report(room, letter, "4.4.1", "delayed")
    assert str((await row(room)).last_error).startswith("bounced: hard"), "a late delay says nothing of a bounce"


async def test_a_report_about_somebody_else_is_none_of_ours(room: Mailroom) -> None:
    letter = await written(room)
    assert await report(room, letter, "5.1.1", recipient="eve@elsewhere.example") is None
    assert (await row(room)).state == "sent"
    assert await room.all(Suppression) == []


@pytest.mark.parametrize("state", ["undone", "suppressed"])
async def test_a_letter_that_never_left_cannot_bounce(room: Mailroom, state: str) -> None:
    letter = await written(room, state)
    assert await report(room, letter, "5.1.1") is not None
    assert ((await row(room)).state, await told(room), await room.all(Suppression)) == (state, 0, [])


async def test_a_bounce_that_is_quicker_than_the_last_recipient_stays_one(room: Mailroom) -> None:
    """Accepted for one, to be tried again for the other: the first one's report comes before the second one's turn."""
    letter = await written(room, "queued", envelope_to=[OTHER])
    await report(room, letter, "5.1.1")
    assert (await row(room)).state == "queued", "it still has somebody to reach"
    job = room.jobs["support"]
    async with room.database.write() as session:
        mailbox = await rows.take_epoch(session, job.mailbox_id)
        assert mailbox is not None
        (claimed,) = await rows.claim(session, mailbox.id, mailbox.outbox_epoch, NOW + timedelta(minutes=1), 10)
    assert (claimed.envelope_to, claimed.suppressed) == ([OTHER], frozenset())
    async with room.database.write() as session:
        await rows.mark_sent(session, [claimed.id], mailbox.outbox_epoch, NOW)
    after = await row(room)
    assert (after.state, after.sent_on) == ("bounced", NOW)


async def test_a_bounce_that_is_quicker_than_a_sender_that_died_stays_one(room: Mailroom) -> None:
    """Found by the fault run: handed in, the sender killed before it could say so, and the report is there already."""
    letter = await written(room, "sending", envelope_to=[CUSTOMER])
    await report(room, letter, "5.1.1")

    async def done() -> bool:
        return (await row(room)).state != "sending"

    async with room.running(room.outbox().drain_outbox):
        await until(done)
    after = await row(room)
    assert (after.state, after.bounced_on, await told(room)) == ("bounced", NOW, 1)
    assert str(after.last_error).startswith("bounced: hard failed 5.1.1")
    assert await room.received() == [], "its address is dead by now"


async def test_a_case_that_is_gone_from_the_letter_is_not_needed(room: Mailroom) -> None:
    letter = await written(room)
    async with room.database.write() as session:
        await session.execute(update(EmailMessage).where(EmailMessage.id == letter.id).values(case_id=None))
    assert await report(room, letter, "5.1.1") is not None
    assert ((await row(room)).state, await told(room)) == ("bounced", 0)
    assert await room.count(Case) == 1
