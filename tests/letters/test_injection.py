"""Hostile words in every field that reaches a header: what leaves over SMTP has exactly the recipients that were meant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from cases.opener import NewCase, insert_case
from letters.composing import Letters
from mail.parse import parse
from models.records.base import new_id
from models.records.customers import ContactAddress
from models.records.mails import Attachment, EmailMessage
from models.records.reference import Contact, Mailbox, Queue
from tests.support.mailroom import CUSTOMER, NOW, SALES, SUPPORT, Case, Mailroom, Outbox, open_mailroom
from tests.support.waiting import until

VICTIM = SALES
"""Has a mailbox on the same server: whatever is smuggled in would arrive."""

HOSTILE = {
    "crlf": f"x\r\nBcc: {VICTIM}\r\nX-Caseloom-Loop: {SUPPORT}",
    "lf": f"x\nTo: {VICTIM}",
    "cr": f"x\rCc: {VICTIM}",
    "two lines": f"x\r\n\r\nDear {VICTIM}",
    "nul": f"x\0\r\nBcc: {VICTIM}",
    "comma": f"x, {VICTIM}, <{VICTIM}>",
    "quoted": f'x" <{VICTIM}>, "y',
    "encoded word": f"=?utf-8?q?x=0D=0ABcc:_{VICTIM}?=",
    "encoded brackets": "=?utf-8?b?PHNhbGVzQGhvdXNlLmV4YW1wbGU+LA==?=",
    "unicode lines": f"x\u2028Bcc: {VICTIM}\x85Cc: {VICTIM}\x1eTo: {VICTIM}\x0b",
    "10 kB": "x" * 10_000 + f" <{VICTIM}>",
    "10 kB of words": f"{VICTIM}, " * 500,
    "10 kB of umlauts": "ü" * 10_000,
    "override": f"\u202e{VICTIM}\u202c",
    "surrogate": f"x\udcff <{VICTIM}>",
}
FIELDS = (
    "subject of the opening mail",
    "contact's name",
    "case's title",
    "mailbox's name",
    "queue's signature",
    "file",
)
UNSTORABLE = {"surrogate"}
"""No database can store it, so the parser and the API's models have to refuse it before."""


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support", auto_reply_template="ack")
        spoken = "{{ contact.name }} {{ case.title }} {{ mail.subject }} {{ case.number }}"
        await room.define("template", "ack", texts={"en": {"subject": spoken, "body": spoken, "html": spoken}})
        yield room


async def hostile_case(room: Mailroom, field: str, words: str) -> Case:
    """A case whose one field holds the words, as an attacker or a careless record could have put them there."""
    stored = words.replace("\0", "")  # no column holds it
    contact = await room.contact(CUSTOMER)
    upload_id = new_id()
    async with room.database.write() as session:
        if field == "contact's name":
            await session.execute(update(Contact).where(Contact.id == contact.id).values(name=stored[:200]))
        elif field == "mailbox's name":
            await session.execute(update(Mailbox).where(Mailbox.slug == "support").values(display_name=stored[:200]))
        elif field == "queue's signature":
            await session.execute(update(Queue).values(signature=stored))
        subject = stored if field == "subject of the opening mail" else "Printer"
        mail_id = new_id()
        new = NewCase(
            title=stored[:300] if field == "case's title" else "Printer", origin="email", queue="support",
            contact_id=contact.id, opening_rule="rule-support", opening_mail_id=mail_id,
        )  # fmt: skip
        case, _ = await insert_case(session, new, NOW, prefix="CAS")
        opening = EmailMessage(
            id=mail_id, direction="in", case_id=case.id, mailbox_id=room.jobs["support"].mailbox_id,
            message_id=f"{mail_id}@customer.example", message_id_hash=mail_id.hex * 2, content_hash=mail_id.hex * 2,
            references=[stored[:900], "fine@customer.example"], sender=CUSTOMER, recipients={"to": [SUPPORT]},
            subject=subject[:998], text="It is broken.", defects=[],
        )  # fmt: skip
        session.add(opening)
        await session.flush()
        name = stored[:300] if field == "file" else "a.txt"
        sha256 = await room.files.put(b"abc")
        session.add(
            Attachment(id=upload_id, position=0, filename=name, content_type="text/plain", size=3, sha256=sha256)
        )
        await session.flush()
        letters = Letters(room.definitions, room.tokens)
        upload = await session.get_one(Attachment, upload_id)
        await letters.letter(
            session, case, kind="reply", key="reply/1", text="Try this.", html="<p>Try this.</p>", to=[CUSTOMER], now=NOW,
            attachments=[upload],
        )  # fmt: skip
        await letters.acknowledgement(session, case, NOW)
    return case


@pytest.mark.parametrize("field", FIELDS)
async def test_only_the_intended_recipient_gets_a_mail(room: Mailroom, field: str) -> None:
    for name, words in HOSTILE.items():
        if name not in UNSTORABLE:
            await _check(room, field, name, words)


async def _check(room: Mailroom, field: str, name: str, words: str) -> None:
    before = len(await room.received_bytes())
    case = await hostile_case(room, field, words)

    async def settled() -> bool:
        return not {row.state for row in await room.all(Outbox)} & {"queued", "sending"}

    async with room.running(room.outbox().drain_outbox):
        await until(settled)
    rows = [row for row in await room.all(Outbox) if row.case_id == case.id]
    came = (await room.received_bytes())[before:]
    sent = [row for row in rows if row.state == "sent"]
    assert len(came) == len(sent), f"{field}, {name}"
    for row in rows:
        assert row.envelope_to == [CUSTOMER]
        assert row.state in ("sent", "failed"), f"{field}, {name}"
        if row.state == "failed":
            assert str(row.last_error) == "cannot be composed: HeaderRefused", f"{field}, {name}: {row.last_error}"
    assert await room.received_bytes(VICTIM) == [], f"{field}, {name}"
    for raw in came:
        mail, headers = parse(raw), message_from_bytes(raw)
        assert [to.address for to in (*mail.to, *mail.cc)] == [CUSTOMER], f"{field}, {name}"
        assert mail.from_ is not None
        assert mail.from_.address == SUPPORT, f"{field}, {name}"
        assert [len(headers.get_all(each, [])) for each in ("To", "From", "Subject", "Message-ID", "Date")] == [1] * 5
        assert headers.get_all("Bcc", []) == headers.get_all("Cc", []) == []
        assert case.number in mail.subject, f"{field}, {name}"
    async with room.database.write() as session:
        # The next words meet a fresh house.
        await session.execute(update(Mailbox).values(display_name="Support"))
        await session.execute(update(Queue).values(signature=None))
        await session.execute(
            update(Contact).where(Contact.email == CUSTOMER).values(email=f"{new_id().hex}@gone.example", slug=None)
        )
        await session.execute(delete(ContactAddress))


@pytest.mark.parametrize(
    "address",
    [
        f"ada@customer.example, {VICTIM}",
        f"ada@customer.example>\r\nRCPT TO:<{VICTIM}>",
        f"ada@customer.example\nBcc: {VICTIM}",
        f"<ada@customer.example> {VICTIM}",
        f"group:{VICTIM};",
        f"=?utf-8?q?{VICTIM}?=@customer.example,{VICTIM}",
        f'"{VICTIM},"@customer.example',
        "ada@" + "x" * 10_000,
        "",
    ],
)
async def test_an_address_that_is_none_gets_nothing_and_names_nobody_else(room: Mailroom, address: str) -> None:
    async with room.database.write() as session:
        case, _ = await insert_case(
            session, NewCase(title="Printer", origin="phone", queue="support"), NOW, prefix="CAS"
        )
        letters = Letters(room.definitions, room.tokens)
        await letters.letter(session, case, kind="reply", key="reply/1", text="Try this.", to=[address], now=NOW)

    async def failed() -> bool:
        return [row.state for row in await room.all(Outbox)] == ["failed"]

    async with room.running(room.outbox().drain_outbox):
        await until(failed)
    assert await room.received_bytes(VICTIM) == await room.received_bytes() == []
