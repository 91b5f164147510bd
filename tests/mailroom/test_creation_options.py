"""What a mail becomes, by every option of its rule (domain 6.1-6.4), on the intake's real way. On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from letters.composing import Letters
from models.messages.record_creation import RecordCreationRule
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import Account, Agent, Contact, Entitlement, Product, Subject
from tests.support.mailroom import CUSTOMER, NOW, SUPPORT, Mailroom, Outbox, letter, open_mailroom

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        yield room


async def one(room: Mailroom, **headers: Any) -> InboundMail:
    before = await room.count(InboundMail)
    await room.hub.deliver(SUPPORT, letter(**headers))
    return (await room.taken_in(before + 1))[-1]


# ---- 6.1: the rule ---------------------------------------------------------------------------------------------------


def test_a_rule_has_at_least_one_item() -> None:
    with pytest.raises(ValidationError, match="items"):
        RecordCreationRule.model_validate({"slug": "r", "name": "R", "queue": "q", "items": []})


async def test_the_mail_gives_title_and_the_item_the_rest(room: Mailroom) -> None:
    fields = {"priority": "high", "case_type": "problem", "subject": "audio", "product": "speaker"}
    urgent = {"all": [{"field": "email.subject", "op": "contains", "value": "urgent"}]}
    await room.add(
        Subject(id=new_id(), slug="audio", name="Audio"), Product(id=new_id(), slug="speaker", name="Speaker")
    )
    await room.rule("support", items=[{"name": "Urgent", "when": urgent, **fields}, {"name": "Rest"}])
    first = await one(room, subject=" It is urgent ", text="It burns.")
    second = await one(room, subject="", text="It is broken.")
    one_case, other = await room.all(Case)
    assert (one_case.title, str(one_case.description).strip()) == ("It is urgent", "It burns.")
    assert {name: getattr(one_case, name) for name in fields} == fields
    assert (other.title, other.priority, other.case_type) == ("(no subject)", "normal", None)
    assert (first.item, second.item) == ("Urgent", "Rest")


async def test_words_of_a_rule_that_were_retired_since_are_left_out(room: Mailroom) -> None:
    await room.settings(priorities=["normal", "low"], case_types=["question"])
    await room.add(Product(id=new_id(), slug="speaker", name="Speaker", active=False))
    retired = {"priority": "high", "case_type": "problem", "subject": "audio", "product": "speaker"}
    await room.rule("support", items=[{"name": "All", **retired}])
    entry = await one(room, subject="\u200b \u00a0")
    (case,) = await room.all(Case)
    assert (case.priority, case.case_type, case.subject, case.product) == ("normal", None, None, None)
    assert case.title == "(no subject)", "nobody could see the other one"
    for field in retired:
        assert f"{field}: " in str(entry.explanation), entry.explanation


async def test_the_case_is_the_rules_owners(room: Mailroom) -> None:
    await room.rule("support", owner="boss")
    await one(room)
    async with room.database.write() as session:
        await session.execute(update(Agent).values(active=False))
    await one(room)
    (boss,) = await room.all(Agent)
    assert [case.owner_id for case in await room.all(Case)] == [boss.id, None], "nobody's who has left"


async def test_without_a_template_nothing_is_answered(room: Mailroom) -> None:
    await room.rule("support")
    await one(room)
    (case,) = await room.all(Case)
    async with room.database.write() as session:
        opened = await session.get_one(Case, case.id)
        assert await Letters(room.definitions, room.tokens).acknowledgement(session, opened, NOW) is None
    assert await room.count(Outbox) == 0


# ---- 6.2: unknown senders --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allow", "create", "known", "verdict", "contacts"),
    [
        (True, True, True, "opened", 1),
        (True, True, False, "opened", 1),
        (True, False, True, "opened", 1),
        (True, False, False, "opened", 0),
        (False, True, True, "opened", 1),
        (False, True, False, "held", 0),
    ],
)
async def test_unknown_senders(
    room: Mailroom, allow: bool, create: bool, known: bool, verdict: str, contacts: int
) -> None:
    await room.rule("support", allow_unknown_senders=allow, create_contact=create)
    if known:
        await room.contact(CUSTOMER)
    entry = await one(room)
    cases = await room.all(Case)
    assert (entry.verdict, await room.count(Contact)) == (verdict, contacts)
    assert [case.contact_id for case in cases] == [row.id for row in await room.contacts()] or not contacts
    if verdict == "held":
        assert (entry.reason, cases) == ("sender-unknown", [])


async def test_a_stranger_is_made_known_once(room: Mailroom) -> None:
    await room.rule("support")
    for spelling in ("Eve <eve@elsewhere.example>", "EVE@Elsewhere.Example"):
        await one(room, from_=spelling)
    (contact,) = await room.contacts()
    assert {case.contact_id for case in await room.all(Case)} == {contact.id}


async def test_an_agent_is_no_contact(room: Mailroom) -> None:
    """A match on another kind of record does not count."""
    await room.rule("support", allow_unknown_senders=False)
    assert (await one(room, from_="boss@house.example")).reason == "sender-unknown"


async def test_what_is_filed_makes_nobody_known(room: Mailroom) -> None:
    await room.rule("support", items=[{"name": "Newsletters", "action": "file"}])
    entry = await one(room)
    assert (entry.verdict, entry.reason, entry.item) == ("filed", "by-item", "Newsletters")
    assert (await room.count(Contact), await room.count(Case)) == (0, 0)


# ---- 6.3: the entitlement gate ---------------------------------------------------------------------------------------


async def contract(room: Mailroom, **changes: Any) -> None:
    """An active contract of the customer's account, unless told otherwise."""
    (account,) = await room.all(Account)
    given = {
        "account_id": account.id,
        "start": TODAY - 9 * DAY,
        "end": TODAY + 9 * DAY,
        "restricted": True,
        "allocation": "cases",
        "decrease_on": "creation",
        "total_terms": Decimal(5),
        "remaining_terms": Decimal(5),
        "status": "active",
        "products": [],
        "contacts": [],
        **changes,
    }
    await room.add(Entitlement(id=new_id(), slug=f"care-{new_id().hex[-6:]}", name="Care", **given))


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "opened"),
        ({"contacts": ["ada"]}, "opened"),
        ({"contacts": ["somebody-else"]}, "held"),
        ({"start": TODAY + 2 * DAY}, "held"),
        ({"end": TODAY - 2 * DAY}, "held"),
        ({"status": "draft"}, "held"),
        ({"status": "cancelled"}, "held"),
        ({"remaining_terms": Decimal(0)}, "held"),
        ({"remaining_terms": Decimal(0), "restricted": False}, "opened"),
        ({"products": ["speaker"]}, "opened"),
        ({"products": ["amplifier"]}, "held"),
        ({"account_id": None}, "held"),
    ],
)
async def test_the_account_contract_counts_for_its_contact(
    room: Mailroom, changes: dict[str, date], verdict: str
) -> None:
    items = [{"name": "All", "product": "speaker"}]
    await room.rule("support", require_entitlement=True, items=items)
    account = Account(id=new_id(), slug="acme", name="Acme")
    await room.add(account)
    await room.contact(CUSTOMER, slug="ada", account_id=account.id)
    await contract(room, **changes)
    entry = await one(room)
    assert (entry.verdict, entry.reason) == (verdict, None if verdict == "opened" else "no-entitlement")
    assert await room.count(Case) == (verdict == "opened")


async def test_a_stranger_has_no_contract(room: Mailroom) -> None:
    await room.rule("support", require_entitlement=True)
    entry = await one(room)
    assert (entry.verdict, entry.reason, await room.count(Contact)) == ("held", "no-entitlement", 0)


# ---- 6.4: mail about a case ------------------------------------------------------------------------------------------


async def test_another_subject_still_belongs_to_the_thread(room: Mailroom) -> None:
    await room.rule("support")
    await one(room, message_id="<first@x>", subject="Printer")
    entry = await one(room, in_reply_to="<first@x>", subject="Something else")
    assert entry.verdict == "attached"


@pytest.mark.parametrize("status", ["opening", "active", "resolved", "cancelled"])
async def test_intake_only_attaches_and_the_case_decides(room: Mailroom, status: str) -> None:
    """Whether a closed case reopens, or another is opened, is decided once, under the case's own lock."""
    await room.rule("support", new_case_after_resolved=True)
    await one(room, message_id="<first@x>")
    async with room.database.write() as session:
        await session.execute(update(Case).values(status=status))
    entry = await one(room, in_reply_to="<first@x>")
    assert (entry.verdict, await room.count(Case)) == ("attached", 1)


async def test_an_automatic_mail_is_filed_on_its_case(room: Mailroom) -> None:
    await room.rule("support")
    opened = await one(room, message_id="<first@x>")
    entry = await one(room, in_reply_to="<first@x>", auto_submitted="auto-replied")
    assert (entry.verdict, entry.case_id) == ("attached", opened.case_id)
    assert [message.automatic for message in await room.all(EmailMessage)] == [None, "auto-submitted"]
