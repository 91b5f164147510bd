"""A draft of a record creation rule on past mails: what was active then decides as it did, whatever has changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from desk.errors import Invalid, NotFound
from desk.reference import definitions
from desk.reference.kinds import CONTACTS
from desk.reference.records import Edit
from desk.trying import creation
from desk.trying.creation import try_creation
from mail.tokens import ReplyTokens, TokenKeys
from mailroom.arrival import read_mail
from mailroom.correlating import Correlating
from mailroom.placing import Placing
from models.messages.api_cases import ReactivateBody, ResolveBody
from models.messages.api_trying import CreationTried
from models.messages.cases import CommandKind, DeliveryInput, StepInput
from models.messages.families import SplitBody
from models.messages.mailflow import MailVerdict
from models.messages.record_creation import RecordCreationRule
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import InboundMail
from models.records.reference import Contact, Mailbox
from storage.definitions import DefinitionKind
from tests.support.desks import OPENED_ON, Desk, DeskFactory
from tests.support.hands import PRESENT, Hands, activities, run
from tests.support.mailroom import KEYS, letter

HOUR = timedelta(hours=1)
RULE = DefinitionKind.RECORD_CREATION_RULE
SUPPORT, STRANGER = "support@desk.example", "new@elsewhere.example"
UIDVALIDITY = 1


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        async with made.house.database.write() as session:
            await session.execute(update(Mailbox).values(uidvalidity=UIDVALIDITY))
        yield made


class Post:
    """Mails to the desk, taken in one after the other, and the cases that hear of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.count = desk, 0
        self.placing = Placing(
            desk.house.database,
            desk.house.definitions,
            Correlating(ReplyTokens(TokenKeys(current="k1", keys=KEYS)), []),
        )

    async def arrives(self, now: datetime = OPENED_ON, **headers: Any) -> Case | None:
        """The case that the mail opened or was told to, after it has heard of it."""
        house, self.count = self.desk.house, self.count + 1
        async with house.database.read() as session:
            mailbox = await session.scalar(select(Mailbox))
        assert mailbox is not None
        rules = await self.placing.house_rules(mailbox)
        raw = letter(to=SUPPORT, **headers)
        arrived = await read_mail(self.count, raw, house.files, rules.own_addresses, 1_000_000)
        news = await self.placing.take_in(arrived, rules, mailbox.intake_epoch, UIDVALIDITY, now)
        if news is None:
            return None
        if news.mail:
            given = DeliveryInput(case_id=news.case_id, now=now, delivery_id=news.delivery_id, version=1)
            async with house.database.read() as session:
                given = given.model_copy(update={"version": (await session.get_one(Case, news.case_id)).version})
            await run(activities(self.desk)["apply_delivery"], given)
        else:
            await run(activities(self.desk)["open_case"], StepInput(case_id=news.case_id, now=now))
        return await self.desk.case(news.number)


async def tried(desk: Desk, version: int | None = None, **options: Any) -> CreationTried:
    database = desk.house.database
    return await try_creation(database, "mail-to-support", version, OPENED_ON - HOUR, OPENED_ON + HOUR, **options)


async def draft(desk: Desk, **changes: Any) -> None:
    async with desk.house.database.write() as session:
        await definitions.change(Edit(session, "mona", PRESENT), RULE, "mail-to-support", changes, "*")


async def test_what_was_active_decides_as_it_did_and_a_draft_says_what_would_differ(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post(desk)
    async with desk.house.database.read() as session:
        known = (await session.scalars(select(Contact).order_by(Contact.id))).first()
    assert known is not None
    theirs: dict[str, Any] = {"from_": f"{known.name} <{known.email}>"}
    opened = await post.arrives(subject="Broken", message_id="<one@x>", **theirs)
    assert opened is not None
    await post.arrives(subject="Lost", from_=STRANGER)
    await post.arrives(subject="Away", auto_submitted="auto-replied", **theirs)
    reply: dict[str, Any] = {"subject": "Re: Broken", "in_reply_to": "<one@x>", **theirs}
    await post.arrives(**reply)
    hands = Hands(desk, await desk.case(opened.number), "grace")
    await hands.do(CommandKind.PICK)
    await hands.do(CommandKind.RESOLVE, ResolveBody(resolution_type="problem-solved", resolution="Done."))
    await post.arrives(PRESENT + timedelta(minutes=9), **reply)
    # What has changed since does not change what was: the address is another one, the case is active again.
    await hands.do(CommandKind.REACTIVATE, ReactivateBody())
    async with desk.house.database.write() as session:
        edit = Edit(session, "mona", PRESENT + HOUR)
        await CONTACTS.change(edit, known.slug or str(known.id), {"email": "other@customer.example"}, "*")
    monkeypatch.setattr(creation, "AT_ONCE", 2)

    same = await tried(desk, version=1)
    assert (same.decisions, same.differing, same.uncertain, same.complete) == (5, 0, 0, True), same.differences
    did = {(each.outcome, each.reason, each.item): (each.would, each.did) for each in same.outcomes}
    assert did == {
        ("open", None, "Every mail"): (2, 2),
        ("file", "automatic", None): (1, 1),
        ("attach", None, None): (1, 1),
        ("attach-only", None, None): (1, 1),
    }

    await draft(desk, allow_unknown_senders=False, new_case_after_resolved=True, require_entitlement=False)
    before = await rows(desk)
    other = await tried(desk)
    assert await rows(desk) == before, "nothing is written"
    assert (other.slug, other.version, other.decisions, other.differing) == ("mail-to-support", 2, 5, 2)
    held, new = other.differences
    assert (held.did.outcome, held.would.outcome, held.would.reason) == ("open", "hold", "sender-unknown")
    assert (new.did.outcome, new.would.outcome, new.case) == ("attach-only", "new-case", opened.number)
    assert (held.mailbox, held.did_by) == ("support", "mail-to-support")
    assert "item 'Every mail'" in held.why
    assert "the case is resolved" in new.why

    some = await tried(desk, most=2)
    assert (some.decisions, some.complete) == (2, False)


async def test_a_further_address_is_known_from_the_day_that_it_was_given(desk: Desk) -> None:
    """And one that was taken away was known before."""
    post = Post(desk)
    async with desk.house.database.read() as session:
        known = (await session.scalars(select(Contact).order_by(Contact.id))).first()
    assert known is not None

    async def has(now: datetime, *addresses: str) -> None:
        async with desk.house.database.write() as session:
            edit = Edit(session, "mona", now)
            await CONTACTS.change(edit, known.slug or str(known.id), {"addresses": list(addresses)}, "*")

    await has(OPENED_ON, "home@customer.example", "old@customer.example")
    await draft(desk, allow_unknown_senders=False)
    async with desk.house.database.write() as session:
        await definitions.activate(Edit(session, "mona", OPENED_ON), RULE, "mail-to-support")
    for sender in ("home@customer.example", "old@customer.example", "new@customer.example"):
        await post.arrives(OPENED_ON + timedelta(minutes=1), subject=f"From {sender}", from_=sender)
    await has(OPENED_ON + timedelta(minutes=2), "home@customer.example", "new@customer.example")
    found = await tried(desk)
    assert found.differing == 0, found.differences
    counts = {(each.outcome, each.reason): each.did for each in found.outcomes}
    assert counts == {("open", None): 2, ("hold", "sender-unknown"): 1}


async def test_the_gate_of_contracts_and_another_subject(desk: Desk) -> None:
    post = Post(desk)
    async with desk.house.database.read() as session:
        known = (await session.scalars(select(Contact).order_by(Contact.id))).first()
    assert known is not None
    theirs: dict[str, Any] = {"from_": f"{known.name} <{known.email}>"}
    opened = await post.arrives(subject="Broken", message_id="<one@x>", **theirs)
    assert opened is not None
    await post.arrives(subject="Something else", in_reply_to="<one@x>", **theirs)
    await post.arrives(subject="Stranger", from_=STRANGER)
    await draft(desk, require_entitlement=True, new_case_on_changed_subject=True)
    found = await tried(desk)
    assert {(each.did.outcome, each.would.outcome, each.would.reason) for each in found.differences} == {
        ("attach", "new-case", None),
        ("open", "hold", "no-entitlement"),
    }
    assert found.uncertain == 3, "of all three it was asked whether a contract of today covers them"


async def test_a_first_rule_of_a_queue_is_tried_on_what_waits_for_one(desk: Desk) -> None:
    async with desk.house.database.write() as session:
        await definitions.deactivate(Edit(session, "mona", OPENED_ON), RULE, "mail-to-support")
    post = Post(desk)
    await post.arrives(subject="Broken")
    found = await tried(desk)
    (each,) = found.differences
    assert (each.did.reason, each.would.outcome) == ("no-rule", "open")
    async with desk.house.database.write() as session:
        await session.execute(update(InboundMail).values(reason="loop"))
    assert (await tried(desk)).decisions == 0, "no rule was asked about a loop"


async def test_a_mail_that_somebody_split_off_is_nobodys_decision(desk: Desk) -> None:
    post = Post(desk)
    async with desk.house.database.read() as session:
        known = (await session.scalars(select(Contact).order_by(Contact.id))).first()
    assert known is not None
    theirs: dict[str, Any] = {"from_": f"{known.name} <{known.email}>"}
    opened = await post.arrives(subject="Broken", message_id="<one@x>", **theirs)
    assert opened is not None
    await post.arrives(subject="Re: Broken", in_reply_to="<one@x>", **theirs)
    async with desk.house.database.read() as session:
        attached = await session.scalar(
            select(InboundMail.message_id).where(InboundMail.verdict == MailVerdict.ATTACHED)
        )
    assert attached is not None
    split = await Hands(desk, await desk.case(opened.number), "grace").do(
        CommandKind.SPLIT, SplitBody(message=attached)
    )
    assert split.resource is not None
    made = await desk.case(split.resource)
    await run(activities(desk)["open_case"], StepInput(case_id=made.id, now=PRESENT))
    found = await tried(desk, version=1)
    assert (found.decisions, found.differing) == (1, 0), found.differences


async def test_what_cannot_be_tried_is_said(desk: Desk) -> None:
    database = desk.house.database
    for until in (OPENED_ON, OPENED_ON + timedelta(days=401)):
        with pytest.raises(Invalid):
            await try_creation(database, "mail-to-support", None, OPENED_ON, until)
    for key, version in (("unknown", None), ("mail-to-support", 9)):
        with pytest.raises(NotFound):
            await try_creation(database, key, version, OPENED_ON, OPENED_ON + HOUR)
    async with database.write() as session:
        draft = {"slug": "draft", "name": "Draft", "queue": "gold", "items": [{"name": "All", "priority": "urgent"}]}
        body = RecordCreationRule.model_validate(draft)
        await definitions.create(Edit(session, "test", OPENED_ON), DefinitionKind.RECORD_CREATION_RULE, body)
    with pytest.raises(Invalid, match=r"items\[0\].priority: unknown 'urgent'"):
        await try_creation(database, "draft", None, OPENED_ON, OPENED_ON + HOUR)
    async with database.write() as session:
        calls = {"slug": "calls", "name": "Calls", "source": "phone-call", "queue": "gold", "items": [{"name": "All"}]}
        body = RecordCreationRule.model_validate(calls)
        await definitions.create(Edit(session, "test", OPENED_ON), DefinitionKind.RECORD_CREATION_RULE, body)
    with pytest.raises(Invalid, match="only rules about mail are tried"):
        await try_creation(database, "calls", None, OPENED_ON, OPENED_ON + HOUR)


async def rows(desk: Desk) -> list[tuple[Any, ...]]:
    """What a decision that was carried out would have changed."""
    async with desk.house.database.read() as session:
        log = (await session.execute(select(InboundMail.id, InboundMail.verdict, InboundMail.case_id))).all()
        cases = (await session.execute(select(Case.number, Case.version, Case.status))).all()
        deliveries = (await session.execute(select(Delivery.id, Delivery.done))).all()
    return sorted(map(tuple, (*log, *cases, *deliveries)), key=str)
