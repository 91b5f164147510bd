"""Sending over real SMTP, on both databases: the outbox's rows from queued to sent or failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from cases.opener import NewCase, insert_case
from letters.composing import Letters
from models.records.base import new_id
from models.records.mails import Attachment, Suppression
from models.records.reference import Mailbox, Queue
from tests.support.mailroom import CUSTOMER, NOW, SALES, Case, Delivery, Mailroom, Outbox, open_mailroom
from tests.support.waiting import until


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        yield room


@pytest.fixture
async def case(room: Mailroom) -> Case:
    async with room.database.write() as session:
        new = NewCase(title="Printer", origin="phone", queue="support")
        made, _ = await insert_case(session, new, NOW, prefix="CAS")
    return made


async def write(
    room: Mailroom, case: Case, key: str, *uploads: Attachment, to: tuple[str, ...] = (CUSTOMER,), **given: Any
) -> Outbox:
    letters = Letters(room.definitions, room.tokens)
    async with room.database.write() as session:
        given["attachments"] = [await session.get_one(Attachment, upload.id) for upload in uploads]
        await letters.letter(
            session, case, **{"kind": "reply", "key": key, "text": f"Answer {key}", "to": to, "now": NOW, **given}
        )
    return next(row for row in await room.all(Outbox) if row.key == key)


async def states(room: Mailroom) -> list[str]:
    return [row.state for row in await room.all(Outbox)]


async def settled(room: Mailroom) -> bool:
    return not set(await states(room)) & {"queued", "sending"}


async def test_a_letter_leaves_as_it_was_written(room: Mailroom, case: Case) -> None:
    sha256 = await room.files.put(b"%PDF")
    upload = Attachment(
        id=new_id(), position=0, filename="a.pdf", content_type="application/pdf", size=4, sha256=sha256
    )
    await room.add(upload)
    row = await write(room, case, "reply/1", upload)
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    (mail,) = await room.received()
    (sent,) = await room.all(Outbox)
    assert (sent.state, sent.attempts, sent.id) == ("sent", 1, row.id)
    assert sent.sent_on is not None
    assert mail["From"] == "Support <support@house.example>"
    assert mail["Subject"] == f"Printer [{case.number}]"
    assert mail["Return-Path"] == "<support@house.example>"
    assert room.tokens.verify(mail["Reply-To"].addresses[0].username.partition("+")[2]) == case.number
    assert mail["Auto-Submitted"] is None
    body, file = mail.get_body(("plain",)), next(mail.iter_attachments())
    assert body is not None
    assert body.get_content().strip() == "Answer reply/1"
    assert (file.get_filename(), file.get_content()) == ("a.pdf", b"%PDF")


async def test_text_and_html_leave_as_alternatives_signed_by_the_queue(room: Mailroom, case: Case) -> None:
    async with room.database.write() as session:
        await session.execute(update(Queue).values(signature="Support & more"))
    sha256 = await room.files.put(b"%PDF")
    given: dict[str, Any] = {"content_type": "application/pdf", "size": 4, "sha256": sha256}
    upload = Attachment(id=new_id(), position=0, filename="Größe.pdf", **given)
    await room.add(upload)
    await write(room, case, "reply/rich", upload, html="<p>Answer</p>")
    await write(room, case, "reply/plain")
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    rich, plain = await room.received()
    assert plain.get_content_type() == "text/plain"
    assert str(plain.get_content()).splitlines() == ["Answer reply/plain", "", "-- ", "Support & more"]
    body, file = rich.iter_parts()
    assert (rich.get_content_type(), body.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "text/html"]
    first, second = (str(part.get_content()) for part in body.iter_parts())
    assert first.splitlines()[-2:] == ["-- ", "Support & more"]
    assert second.startswith("<p>Answer</p>")
    assert "Support &amp; more" in second
    assert (file.get_filename(), file.get_content()) == ("Größe.pdf", b"%PDF")


async def test_many_letters_leave_once_each_and_in_order(room: Mailroom, case: Case) -> None:
    for number in range(60):
        await write(room, case, f"reply/{number}", to=(CUSTOMER,))
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    bodies = [str(mail.get_content()).strip() for mail in await room.received()]
    assert bodies == [f"Answer reply/{number}" for number in range(60)]


async def test_a_letter_written_while_the_sender_waits_leaves_at_once(room: Mailroom, case: Case) -> None:
    sender = room.outbox()
    async with room.running(sender.drain_outbox):
        await until(lambda: epoch_is(room, 1))
        await write(room, case, "reply/1")
        await until(lambda: settled(room))


async def epoch_is(room: Mailroom, epoch: int) -> bool:
    return (await room.mailbox("support")).outbox_epoch == epoch


async def test_a_letter_waits_for_its_not_before(room: Mailroom, case: Case) -> None:
    later = await write(room, case, "reply/later")
    async with room.database.write() as session:
        await session.execute(
            update(Outbox).where(Outbox.id == later.id).values(not_before=datetime.now(UTC) + timedelta(hours=1))
        )
    await write(room, case, "reply/now")
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: one_sent(room))
    assert await states(room) == ["queued", "sent"]


async def one_sent(room: Mailroom) -> bool:
    return "sent" in await states(room)


async def test_a_transient_refusal_is_tried_again_with_the_same_message_id(room: Mailroom, case: Case) -> None:
    room.hub.answers[CUSTOMER] = "451 4.3.0 later"
    await write(room, case, "reply/1")
    async with room.running(room.outbox(first_retry=timedelta(milliseconds=200)).drain_outbox):
        await until(lambda: tried(room, 2))
        room.hub.answers.clear()
        await until(lambda: settled(room))
    (row,), (mail,) = await room.all(Outbox), await room.received()
    assert row.state == "sent"
    assert "451" in str(row.last_error)
    assert mail["Message-ID"].strip(" <>").startswith(room.tokens.sign(case.number))


async def tried(room: Mailroom, times: int) -> bool:
    return (await room.all(Outbox))[0].attempts >= times


async def test_a_permanent_refusal_is_told_to_the_case_once(room: Mailroom, case: Case) -> None:
    row = await write(room, case, "reply/1", to=("nobody@house.example",))
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    (failed,) = await room.all(Outbox)
    (delivery,) = [each for each in await room.all(Delivery) if each.kind == "send-failed"]
    assert (failed.state, delivery.subject_id) == ("failed", row.message_id)
    assert "550" in str(failed.last_error)
    assert room.told.delivered == [(case.number, delivery.id)]


async def test_one_refused_recipient_does_not_cost_the_others_their_mail(room: Mailroom, case: Case) -> None:
    await write(room, case, "reply/1", to=(CUSTOMER, "nobody@house.example"))
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    assert len(await room.received()) == 1
    assert await states(room) == ["failed"]
    assert len(room.told.delivered) == 1


async def test_the_envelope_leaves_in_ascii_where_that_says_the_same(room: Mailroom, case: Case) -> None:
    """Few servers know SMTPUTF8. This one knows these people by the ASCII form of their domains alone."""
    people = {
        "jana@bücher.example": "jana@xn--bcher-kva.example",
        "ann@straße.example": "ann@xn--strae-oqa.example",
        "ann@例え.example": "ann@xn--r8jz45g.example",
        "ann@i❤.example": "ann@xn--i-7iq.example",
        "ann@xn--bcher-kva.example": "ann@xn--bcher-kva.example",
    }
    room.hub.answers.update(dict.fromkeys(people.values(), "550 5.2.0 known by this form"))
    for number, address in enumerate(people):
        await write(room, case, f"reply/{number}", to=(address,))
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    assert all("known by this form" in str(row.last_error) for row in await room.all(Outbox))


async def test_a_suppressed_recipient_is_left_out_and_the_others_get_their_mail(room: Mailroom, case: Case) -> None:
    await suppress(room, SALES.upper())
    await write(room, case, "reply/1", to=(CUSTOMER, SALES))
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    assert (len(await room.received()), len(await room.received(SALES))) == (1, 0)
    (row,) = await room.all(Outbox)
    assert (row.state, row.last_error, len(room.told.delivered)) == ("failed", f"{SALES} is on the suppression list", 1)


async def test_a_letter_to_nobody_but_suppressed_ones_is_not_handed_in(room: Mailroom, case: Case) -> None:
    await suppress(room, CUSTOMER)
    letter = await write(room, case, "reply/1")
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    (row,), (*_, delivery) = await room.all(Outbox), await room.all(Delivery)
    assert (row.state, row.sent_on, delivery.kind, delivery.subject_id) == (
        "suppressed",
        None,
        "send-failed",
        letter.message_id,
    )
    assert await room.received() == []
    assert room.told.delivered == [(case.number, delivery.id)]


@pytest.mark.parametrize(
    ("answer", "state", "suppressed"),
    [
        ("550 5.1.1 no such user here", "failed", True),
        ("550 User unknown", "failed", True),
        ("550 5.1.1 envelope <support@house.example>: unknown user", "failed", False),  # our own address is the bad one
        ("550 5.7.1 relaying denied", "queued", False),  # so far to everybody: it may be we who are refused
        ("550 5.7.1 no mail from strangers", "failed", False),
        ("554 5.3.4 too big", "failed", False),
        ("451 4.1.1 no such user yet", "queued", False),
    ],
)
async def test_a_dead_address_is_suppressed_when_the_server_says_so(
    room: Mailroom, case: Case, answer: str, state: str, suppressed: bool
) -> None:
    room.hub.answers[CUSTOMER] = answer
    row = await write(room, case, "reply/1")

    async def answered() -> bool:
        return (await room.all(Outbox))[0].last_error is not None

    async with room.running(room.outbox(first_retry=timedelta(hours=1)).drain_outbox):
        await until(answered)
    assert await states(room) == [state]
    found = [(each.address, each.reason, each.outbox_id) for each in await room.all(Suppression)]
    assert found == ([(CUSTOMER, "refused", row.id)] if suppressed else [])


async def suppress(room: Mailroom, address: str) -> None:
    await room.add(Suppression(id=new_id(), address=address.lower(), reason="operator", added_on=NOW))


async def test_no_more_leave_to_a_domain_than_the_organisation_allows(room: Mailroom, case: Case) -> None:
    await room.define("organisation", "organisation", outgoing_per_domain_per_minute=3)
    for number in range(5):
        await write(room, case, f"reply/{number}")
    await write(room, case, "reply/else", to=(SALES,))
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: sent(room, 4))
    assert await states(room) == ["sent"] * 3 + ["queued"] * 2 + ["sent"]
    assert len(await room.received()) == 3


async def sent(room: Mailroom, count: int) -> bool:
    return (await states(room)).count("sent") == count


async def test_a_letter_that_cannot_be_composed_fails_alone(room: Mailroom, case: Case) -> None:
    gone = Attachment(id=new_id(), position=0, filename="a", content_type="text/x", size=1, sha256="0" * 64)
    await room.add(gone)
    await write(room, case, "reply/1", gone)
    await write(room, case, "reply/2")
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    assert await states(room) == ["failed", "sent"]


async def test_what_a_dead_sender_had_claimed_is_sent_again_with_the_same_id(room: Mailroom, case: Case) -> None:
    await write(room, case, "reply/1")
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    async with room.database.write() as session:
        await session.execute(update(Outbox).values(state="sending", epoch=1))
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
    first, second = await room.received()
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_server_that_is_away_costs_no_attempt(room: Mailroom, case: Case) -> None:
    await write(room, case, "reply/1")
    async with room.database.write() as session:
        mailbox = await session.get_one(Mailbox, room.jobs["support"].mailbox_id)
        good = dict(mailbox.settings)
        mailbox.settings = {**good, "smtp": {**good["smtp"], "port": 1}}

    async def said() -> bool:
        return (await room.mailbox("support")).last_error is not None

    async with room.running(room.outbox().drain_outbox):
        await until(said)
    (row,) = await room.all(Outbox)
    assert (row.state, row.attempts) == ("queued", 0)
    assert str((await room.mailbox("support")).last_error).startswith("SMTP: ")
    async with room.database.write() as session:
        (await session.get_one(Mailbox, room.jobs["support"].mailbox_id)).settings = good

    async def forgotten() -> bool:
        return (await room.mailbox("support")).last_error is None

    async with room.running(room.outbox().drain_outbox):
        await until(lambda: settled(room))
        await until(forgotten)


async def test_a_later_sender_fences_the_earlier_off(room: Mailroom, case: Case) -> None:
    async with room.running(room.outbox().drain_outbox) as first:
        await until(lambda: epoch_is(room, 1))
        async with room.running(room.outbox().drain_outbox):
            assert await asyncio.wait_for(first, 10) is True
            await write(room, case, "reply/1")
            await until(lambda: settled(room))
    assert len(await room.received()) == 1


async def test_an_inactive_mailbox_sends_nothing(room: Mailroom, case: Case) -> None:
    await write(room, case, "reply/1")
    async with room.running(room.outbox().drain_outbox, "sales") as task:
        async with room.database.write() as session:
            await session.execute(update(Mailbox).where(Mailbox.slug == "sales").values(active=False))
        assert await asyncio.wait_for(task, 10) is False
    assert await states(room) == ["queued"]
