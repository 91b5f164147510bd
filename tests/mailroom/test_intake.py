"""Taking mail in over real IMAP, on both databases: every promise of the way from the server to the delivery row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from models.messages.mailflow import MailVerdict
from models.records.base import new_id
from models.records.mails import Attachment
from models.records.reference import Account, Contact, Mailbox
from tests.support.mailroom import (
    CUSTOMER,
    SALES,
    SUPPORT,
    Case,
    Delivery,
    EmailMessage,
    InboundMail,
    Mailroom,
    letter,
    open_mailroom,
)
from tests.support.waiting import until


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support")
        yield room


async def log_has(room: Mailroom, count: int) -> bool:
    return await room.count(InboundMail, InboundMail.flagged) >= count


async def one(room: Mailroom, raw: bytes | None = None, **headers: Any) -> InboundMail:
    """Take in one mail and return its row of the mail log."""
    before = await room.count(InboundMail)
    await room.hub.deliver(SUPPORT, raw or letter(**headers))
    return (await room.taken_in(before + 1))[-1]


# ---- a mail opens a case ---------------------------------------------------------------------------------------------


async def test_a_mail_becomes_a_case_a_message_and_a_delivery(room: Mailroom) -> None:
    contact = await room.contact(CUSTOMER)
    raw = letter("It is broken.", subject="Printer", attachments={"log.txt": b"\x00\x01"})
    entry = await one(room, raw)
    (case,), (message,), (delivery,), (file,) = (
        await room.all(Case),
        await room.all(EmailMessage),
        await room.all(Delivery),
        await room.all(Attachment),
    )
    assert (entry.verdict, entry.rule, entry.case_id) == (MailVerdict.OPENED, "rule-support", case.id)
    assert (case.status, case.version, case.origin, case.title) == ("opening", 0, "email", "Printer")
    assert (case.contact_id, case.queue, case.opening_rule) == (contact.id, "support", "rule-support")
    assert case.opening_mail_id == message.id == entry.message_id
    assert (message.sender, message.subject, message.text.strip()) == (CUSTOMER, "Printer", "It is broken.")
    assert message.case_id == case.id
    assert (delivery.kind, delivery.case_id, delivery.done) == ("open", case.id, False)
    assert (file.filename, await room.files.get(file.sha256)) == ("log.txt", b"\x00\x01")
    assert await room.files.get(entry.raw_sha256) == raw
    assert room.told.opened == [case.number]


async def test_taken_in_mail_carries_our_flag_and_stays_unread(room: Mailroom) -> None:
    entry = await one(room)
    async with room.imap() as client:
        assert (await client.fetch_flags([entry.uid]))[entry.uid] >= {"$Caseloom"}
        assert "\\Seen" not in (await client.fetch_flags([entry.uid]))[entry.uid]


async def test_mail_that_arrives_while_idling_is_taken_in(room: Mailroom) -> None:
    async with room.running(room.intake().watch_mailbox):
        await room.arrives()
        await until(lambda: log_has(room, 1))
        await room.arrives()
        await until(lambda: log_has(room, 2))
    mailbox = await room.mailbox("support")
    assert mailbox.last_success is not None
    assert mailbox.last_error is None


async def test_mails_are_taken_in_oldest_first_and_once(room: Mailroom) -> None:
    for number in range(60):
        await room.arrives(subject=f"Number {number}")
    await room.taken_in(60)
    await room.taken_in(60)
    cases = await room.all(Case)
    assert [case.title for case in cases] == [f"Number {number}" for number in range(60)]
    assert sorted(room.told.opened) == sorted(case.number for case in cases)


async def test_the_customer_is_the_account_of_the_sending_contact(room: Mailroom) -> None:
    account = Account(id=new_id(), slug="acme", name="Acme")
    await room.add(account)
    await room.contact(CUSTOMER, account_id=account.id)
    await one(room)
    (case,) = await room.all(Case)
    assert case.account_id == account.id


async def test_an_unknown_sender_becomes_a_contact(room: Mailroom) -> None:
    await one(room, from_="Grace Hopper <Grace@Navy.example>")
    (contact,), (case,) = await room.all(Contact), await room.all(Case)
    assert (contact.email, contact.name, contact.slug, case.contact_id) == (
        "grace@navy.example",
        "Grace Hopper",
        None,
        contact.id,
    )


# ---- what opens no case ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "verdict", "reason"),
    [
        ({"auto_submitted": "auto-replied"}, "filed", "automatic"),
        ({"from_": SUPPORT}, "filed", "loop"),
        ({"from_": ""}, "held", "no-sender"),
        ({"subject": "", "text": ""}, "held", "blank"),
    ],
)
async def test_a_mail_that_opens_nothing_says_why(
    room: Mailroom, headers: dict[str, Any], verdict: str, reason: str
) -> None:
    entry = await one(room, **headers)
    assert (entry.verdict, entry.reason) == (verdict, reason)
    assert entry.explanation
    assert await room.count(Case) == 0
    assert room.told.opened == []


async def test_without_a_rule_a_mail_is_held(room: Mailroom) -> None:
    await room.arrives(to=SALES)
    (entry,) = await room.taken_in(1, "sales")
    assert (entry.verdict, entry.reason) == ("held", "no-rule")


async def test_a_rule_for_known_senders_holds_strangers(database_url: str, tmp_path: Path) -> None:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support", allow_unknown_senders=False)
        assert (await one(room)).reason == "sender-unknown"
        await room.contact(CUSTOMER)
        assert (await one(room)).verdict == "opened"


async def test_a_rule_that_requires_an_entitlement_holds_who_has_none(database_url: str, tmp_path: Path) -> None:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support", require_entitlement=True)
        await room.contact(CUSTOMER)
        assert (await one(room)).reason == "no-entitlement"


# ---- bad mail --------------------------------------------------------------------------------------------------------


async def test_a_mail_too_large_is_held_with_its_bytes(room: Mailroom) -> None:
    raw = letter("x" * 3000)
    await room.hub.deliver(SUPPORT, raw)
    async with room.running(room.intake(largest_mail=2000).watch_mailbox):
        await until(lambda: log_has(room, 1))
    (entry,) = await room.all(InboundMail)
    assert (entry.verdict, entry.reason) == ("held", "too-large")
    assert await room.files.get(entry.raw_sha256) == raw


async def test_a_mail_that_cannot_be_taken_in_is_held_and_stops_nobody(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailroom import creating

    def poisoned(mail: object, *others: object) -> object:
        if mail.parsed.subject == "poison":  # type: ignore[attr-defined]
            raise RuntimeError("never seen before")
        return healthy(mail, *others)  # type: ignore[arg-type]

    healthy = creating._condition_facts
    monkeypatch.setattr(creating, "_condition_facts", poisoned)
    for subject in ("before", "poison", "after"):
        await room.arrives(subject=subject)
    entries = await room.taken_in(3)
    assert [entry.verdict for entry in entries] == ["opened", "held", "opened"]
    assert (entries[1].reason, entries[1].explanation) == ("intake-failed", "RuntimeError")
    assert entries[1].message_id is None


# ---- copies ----------------------------------------------------------------------------------------------------------


async def test_the_same_mail_again_is_one_message(room: Mailroom) -> None:
    raw = letter()
    await one(room, raw)
    entry = await one(room, raw)
    assert entry.verdict == "duplicate"
    assert (await room.count(Case), await room.count(EmailMessage), await room.count(Delivery)) == (1, 1, 1)


async def test_a_copy_through_another_mailbox_is_one_case_and_two_rows_in_the_log(room: Mailroom) -> None:
    await room.rule("sales")
    raw = letter(to=f"{SUPPORT}, {SALES}")
    await room.hub.deliver(SALES, raw)
    await room.taken_in(1, "sales")
    entry = await one(room, raw)
    assert (entry.verdict, entry.case_id) == ("duplicate", (await room.all(Case))[0].id)
    assert (await room.count(Case), await room.count(EmailMessage)) == (1, 1)


async def test_a_copy_that_one_mailbox_could_only_hold_opens_a_case_by_the_other(room: Mailroom) -> None:
    raw = letter(to=f"{SUPPORT}, {SALES}")
    await room.hub.deliver(SALES, raw)
    await room.taken_in(1, "sales")
    assert await room.count(Case) == 0
    entry = await one(room, raw)
    (case,), (message,) = await room.all(Case), await room.all(EmailMessage)
    assert (entry.verdict, message.case_id, case.opening_mail_id) == ("opened", case.id, message.id)


async def test_the_same_id_with_other_content_is_another_mail(room: Mailroom) -> None:
    await one(room, message_id="<same@x>", text="one")
    entry = await one(room, message_id="<same@x>", text="two")
    assert entry.verdict in ("opened", "attached")
    messages = await room.all(EmailMessage)
    assert [message.defects for message in messages] == [[], ["message-id-reused"]]


async def test_a_mail_without_an_id_is_known_by_its_content(room: Mailroom) -> None:
    raw = letter(message_id="")
    await one(room, raw)
    assert (await one(room, raw)).verdict == "duplicate"


# ---- threads ---------------------------------------------------------------------------------------------------------


async def test_a_reply_joins_by_in_reply_to(room: Mailroom) -> None:
    await one(room, message_id="<first@x>")
    entry = await one(room, in_reply_to="<first@x>")
    (case,) = await room.all(Case)
    deliveries = await room.all(Delivery)
    assert (entry.verdict, entry.case_id) == ("attached", case.id)
    assert [delivery.kind for delivery in deliveries] == ["open", "mail"]
    assert (await room.all(EmailMessage))[-1].link_method == "in-reply-to"
    assert room.told.delivered == [(case.number, deliveries[1].id)]


async def test_a_parent_that_arrives_after_its_child_joins_the_childs_case(room: Mailroom) -> None:
    await one(room, message_id="<child@x>", in_reply_to="<parent@x>", references="<root@x> <parent@x>")
    assert (await one(room, message_id="<parent@x>", references="<root@x>")).verdict == "attached"
    assert (await one(room, message_id="<root@x>")).verdict == "attached"
    assert await room.count(Case) == 1


async def test_a_reply_joins_by_our_token_and_by_the_number_in_the_subject(room: Mailroom) -> None:
    await one(room)
    (case,) = await room.all(Case)
    address = room.tokens.plus_address(SUPPORT, case.number)
    assert (await one(room, to=address)).verdict == "attached"
    assert (await one(room, subject=f"Re: help [{case.number}]")).verdict == "attached"
    assert [message.link_method for message in await room.all(EmailMessage)] == [None, "token", "subject"]


async def test_a_stranger_with_a_token_gets_a_linked_case(room: Mailroom) -> None:
    await one(room)
    (case,) = await room.all(Case)
    stranger = letter(to=room.tokens.plus_address(SUPPORT, case.number), from_="eve@elsewhere.example")
    assert (await one(room, stranger)).verdict == "opened"
    assert (await room.all(Case))[-1].linked_case_id == case.id


async def test_a_failed_dmarc_never_joins_by_token(room: Mailroom) -> None:
    await one(room)
    (case,) = await room.all(Case)
    await room.arrives(
        to=room.tokens.plus_address(SUPPORT, case.number),
        authentication_results="mx.house.example; spf=pass; dmarc=fail (p=none) header.from=customer.example",
    )
    async with room.running(room.intake(trusted_servers=["mx.house.example"]).watch_mailbox):
        await until(lambda: log_has(room, 2))
    entry = (await room.all(InboundMail))[-1]
    assert (entry.verdict, entry.reason) == ("held", "foreign-token")
    assert (await room.all(EmailMessage))[-1].defects == ["dmarc-failed"]


# ---- the cursor ------------------------------------------------------------------------------------------------------


async def test_what_was_committed_but_not_flagged_is_flagged_at_the_next_start(room: Mailroom) -> None:
    entry = await one(room)
    async with room.imap() as client:
        await client.add_flag([entry.uid], "\\Seen")
    async with room.database.write() as session:
        await session.execute(update(InboundMail).values(flagged=False))
    await room.taken_in(1)
    assert (await room.count(Case), await room.count(InboundMail)) == (1, 1)


async def test_a_new_uidvalidity_starts_over_and_relies_on_the_content(room: Mailroom) -> None:
    await room.arrives()
    await room.arrives()
    await room.taken_in(2)
    async with room.database.write() as session:
        await session.execute(update(Mailbox).values(uidvalidity=1))
        await session.execute(update(InboundMail).values(uidvalidity=1, flagged=False))
    entries = await room.taken_in(4)
    assert sorted(entry.verdict for entry in entries) == ["duplicate", "duplicate", "opened", "opened"]
    assert await room.count(Case) == 2


async def test_a_reader_whose_epoch_was_taken_stops_and_writes_nothing(room: Mailroom) -> None:
    async with room.running(room.intake().watch_mailbox) as first:
        await until(lambda: ready(room, 1))
        async with room.running(room.intake().watch_mailbox):
            await until(lambda: ready(room, 2))
            for _ in range(10):
                await room.arrives()
            await until(lambda: log_has(room, 10))
            assert await asyncio.wait_for(first, 10) is True
    assert (await room.count(InboundMail), await room.count(Case)) == (10, 10)


async def ready(room: Mailroom, epoch: int) -> bool:
    mailbox = await room.mailbox("support")
    return mailbox.intake_epoch == epoch and mailbox.last_success is not None


async def test_an_inactive_mailbox_is_left_alone(room: Mailroom) -> None:
    async with room.database.write() as session:
        await session.execute(update(Mailbox).values(active=False))
    async with room.running(room.intake().watch_mailbox) as task:
        assert await asyncio.wait_for(task, 10) is False


async def test_a_server_that_is_away_is_told_of_and_waited_for(room: Mailroom) -> None:
    async with room.database.write() as session:
        await session.execute(update(Mailbox).values(secret=room.keyring.encrypt("wrong")))

    async def said() -> bool:
        return (await room.mailbox("support")).last_error is not None

    async with room.running(room.intake().watch_mailbox):
        await until(said)
    assert str((await room.mailbox("support")).last_error).startswith("IMAP login: ")
    assert "wrong" not in str((await room.mailbox("support")).last_error)
