"""Several addresses and several queues (domain 6.5): which queue a mail arrives in, and how many cases it opens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from letters.addresses import addressed_queue, addresses_of
from mailroom.correlating import Correlating
from mailroom.placing import Placing
from mailroom.quarantine import Quarantine
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import Mailbox
from tests.support.mailroom import CUSTOMER, NOW, SALES, SUPPORT, Mailroom, letter, open_mailroom
from tests.support.waiting import until

BILLING, PLUS = "billing@house.example", "desk+vip@house.example"
ALIASES = [
    {"address": BILLING, "queue": "billing"},
    {"address": PLUS, "queue": "vip"},
    {"address": "old@house.example"},
]


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support")
        async with room.database.write() as session:
            box = await session.get_one(Mailbox, room.jobs["support"].mailbox_id)
            box.settings = {**box.settings, "addresses": ALIASES}
        yield room


async def one(room: Mailroom, raw: bytes | None = None, at: str = SUPPORT, **headers: Any) -> InboundMail:
    before = await room.count(InboundMail)
    await room.hub.deliver(at, raw or letter(**headers))
    return (await room.taken_in(before + 1, at.partition("@")[0]))[-1]


# ---- which queue -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "queue"),
    [
        ([], "support"),
        (["someone@else.example"], "support"),
        ([SUPPORT], "support"),
        ([BILLING], "billing"),
        (["Billing@House.Example"], "billing"),
        (["billing+cas-1@house.example"], "billing"),
        ([SUPPORT, BILLING], "support"),
        (["x@else.example", BILLING, SUPPORT], "billing"),
        ([PLUS], "vip"),
        (["desk@house.example"], "support"),
        (["old@house.example", BILLING], "support"),
    ],
)
def test_the_first_address_that_is_the_mailboxs_decides(named: list[str], queue: str) -> None:
    mailbox = Mailbox(id=new_id(), slug="support", address=SUPPORT, queue="support", settings={"addresses": ALIASES})
    assert addressed_queue(mailbox, named) == queue
    assert next(iter(addresses_of(mailbox))) == SUPPORT


async def test_a_mail_arrives_in_the_queue_of_the_address_that_it_names(room: Mailroom) -> None:
    await room.rule("billing", items=[{"name": "Bills", "priority": "high"}])
    headers: list[dict[str, Any]] = [
        {"to": BILLING},
        {"to": f"x@else.example, {SUPPORT}", "cc": BILLING},
        {"to": "undisclosed@else.example", "cc": BILLING},
        {"to": "undisclosed@else.example", "delivered_to": BILLING},
        {"to": "old@house.example"},
    ]
    entries = [await one(room, **each) for each in headers]
    cases = await room.all(Case)
    assert [case.queue for case in cases] == ["billing", "support", "billing", "billing", "support"]
    assert [case.priority for case in cases] == ["high", "normal", "high", "high", "normal"]
    assert [entry.rule for entry in entries] == [f"rule-{case.queue}" for case in cases]
    assert entries[0].item == "Bills"


async def test_an_address_whose_queue_has_no_rule_holds_its_mail_and_a_release_opens_there(room: Mailroom) -> None:
    entry = await one(room, to=BILLING)
    assert (entry.verdict, entry.reason) == ("held", "no-rule")
    after = await quarantine(room).rerun(entry.id, NOW, release=True)
    (case,) = await room.all(Case)
    assert (after.verdict, after.rule, case.queue) == ("opened", None, "billing")
    assert after.explanation is not None
    assert after.explanation.startswith("released by hand")


async def test_every_address_is_our_own(room: Mailroom) -> None:
    await room.rule("billing")
    for mailbox, sender in ((SUPPORT, BILLING), (SALES, PLUS)):
        entry = await one(room, from_=sender, to=SUPPORT, at=mailbox)
        assert (entry.verdict, entry.reason) == ("filed", "loop")


async def test_a_token_is_read_at_every_address(room: Mailroom) -> None:
    opened = await one(room)
    (case,) = await room.all(Case)
    entry = await one(room, to=room.tokens.plus_address(BILLING, case.number))
    assert (entry.verdict, entry.case_id) == ("attached", opened.case_id)


async def test_two_addresses_of_one_mailbox_are_one_mail(room: Mailroom) -> None:
    await room.rule("billing")
    await room.settings(several_queues="case-per-queue")
    raw = letter(to=f"{BILLING}, {SUPPORT}")
    assert (await one(room, raw)).verdict == "opened"
    assert (await one(room, raw)).verdict == "duplicate"
    assert [case.queue for case in await room.all(Case)] == ["billing"]


# ---- several queues --------------------------------------------------------------------------------------------------


def quarantine(room: Mailroom) -> Quarantine:
    placing = Placing(room.database, room.definitions, Correlating(room.tokens))
    return Quarantine(room.database, room.files, placing, room.told)


@pytest.fixture
async def both(room: Mailroom) -> Mailroom:
    """A case per queue, and a rule in each of the two mailboxes' queues."""
    await room.rule("sales")
    await room.settings(several_queues="case-per-queue")
    return room


async def test_a_mail_to_two_queues_opens_one_case_in_each(both: Mailroom) -> None:
    raw = letter(to=f"{SUPPORT}, {SALES}", attachments={"log.txt": b"1"})
    first, second = await one(both, raw), await one(both, raw, at=SALES)
    assert (first.verdict, second.verdict) == ("opened", "opened")
    again = await one(both, raw), await one(both, raw, at=SALES)
    assert [(entry.verdict, entry.case_id) for entry in again] == [
        ("duplicate", first.case_id),
        ("duplicate", second.case_id),
    ]
    cases, messages = await both.all(Case), await both.all(EmailMessage)
    assert [(case.queue, case.opening_rule) for case in cases] == [("support", "rule-support"), ("sales", "rule-sales")]
    assert [case.opening_mail_id for case in cases] == [message.id for message in messages]
    assert [message.defects for message in messages] == [[], []]
    assert len({message.content_hash for message in messages}) == 2


@pytest.mark.parametrize(("setting", "each"), [("one-case", 1), ("case-per-queue", 2)])
async def test_both_mailboxes_at_once_come_to_the_same(room: Mailroom, setting: str, each: int) -> None:
    mails = 15
    await room.rule("sales")
    await room.settings(several_queues=setting)
    for _ in range(mails):
        raw = letter(to=f"{SUPPORT}, {SALES}")
        for at in (SUPPORT, SALES):
            await room.hub.deliver(at, raw)

    async def complete() -> bool:
        return await room.count(InboundMail, InboundMail.flagged) == 2 * mails

    intake = room.intake()
    async with room.running(intake.watch_mailbox), room.running(intake.watch_mailbox, "sales"):
        await until(complete)
    verdicts = [entry.verdict for entry in await room.all(InboundMail)]
    assert verdicts.count("opened") == await room.count(Case) == await room.count(EmailMessage) == each * mails
    assert verdicts.count("duplicate") == (2 - each) * mails


async def test_by_default_it_opens_one_case_alone(room: Mailroom) -> None:
    await room.rule("sales")
    raw = letter(to=f"{SUPPORT}, {SALES}")
    assert ((await one(room, raw)).verdict, (await one(room, raw, at=SALES)).verdict) == ("opened", "duplicate")
    assert await room.count(Case) == 1


async def test_a_queue_without_a_rule_gets_no_case_of_its_own(room: Mailroom) -> None:
    await room.settings(several_queues="case-per-queue")
    raw = letter(to=f"{SUPPORT}, {SALES}")
    assert ((await one(room, raw)).verdict, (await one(room, raw, at=SALES)).verdict) == ("opened", "duplicate")


async def test_two_mailboxes_of_one_queue_are_one_queue(both: Mailroom) -> None:
    async with both.database.write() as session:
        await session.execute(update(Mailbox).where(Mailbox.slug == "sales").values(queue="support"))
    raw = letter(to=f"{SUPPORT}, {SALES}")
    assert ((await one(both, raw)).verdict, (await one(both, raw, at=SALES)).verdict) == ("opened", "duplicate")


async def test_a_mail_of_a_case_never_fans_out(both: Mailroom) -> None:
    await one(both, message_id="<first@x>", to=SUPPORT)
    raw = letter(in_reply_to="<first@x>", to=f"{SUPPORT}, {SALES}")
    first, second = await one(both, raw), await one(both, raw, at=SALES)
    assert (first.verdict, second.verdict) == ("attached", "duplicate")
    assert await both.count(Case) == 1


async def test_an_answer_belongs_to_the_case_of_the_queue_that_it_comes_in_by(both: Mailroom) -> None:
    raw = letter(to=f"{SUPPORT}, {SALES}", message_id="<both@x>")
    opened = [await one(both, raw), await one(both, raw, at=SALES)]
    for entry, at in zip(opened, (SUPPORT, SALES), strict=True):
        answer = await one(both, in_reply_to="<both@x>", to=f"{SUPPORT}, {SALES}", at=at)
        assert (answer.verdict, answer.case_id) == ("attached", entry.case_id)


async def test_what_the_second_queue_holds_opens_there_when_it_is_run_again(room: Mailroom) -> None:
    await room.rule("sales", allow_unknown_senders=False)
    await room.rule("billing")
    await room.settings(several_queues="case-per-queue")
    async with room.database.write() as session:
        await session.execute(update(Mailbox).where(Mailbox.slug == "support").values(queue="billing"))
    raw = letter(to=f"{SUPPORT}, {SALES}", from_="Eve <eve@elsewhere.example>")
    held = await one(room, raw, at=SALES)
    opened = await one(room, raw)
    assert (held.reason, opened.verdict) == ("sender-unknown", "opened")
    after = await quarantine(room).rerun(held.id, NOW)  # Eve is known by now
    assert after.verdict == "opened"
    assert [case.queue for case in await room.all(Case)] == ["billing", "sales"]


async def test_an_automatic_mail_is_filed_once(both: Mailroom) -> None:
    raw = letter(to=f"{SUPPORT}, {SALES}", auto_submitted="auto-generated", from_=CUSTOMER)
    assert ((await one(both, raw)).verdict, (await one(both, raw, at=SALES)).verdict) == ("filed", "filed")
    assert (await both.count(Case), await both.count(EmailMessage)) == (0, 1)
