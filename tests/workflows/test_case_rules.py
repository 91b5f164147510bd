"""What the record creation rule makes of a mail for a case (domain 6.1-6.4): the options beside the plain ways."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from mail.subjects import subject_stem
from models.messages.api_cases import CancelBody
from models.messages.cases import CaseStatus, CommandKind
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import Attachment, Outbox
from models.records.reference import DefinitionRecord, Mailbox
from tests.support.correspondence import (
    SUPPORT,
    heard,
    mail,
    mails_of,
    must_hear,
    open_by_mail,
    outcomes,
    receive,
    related_to,
    tell,
)
from tests.support.desks import WARM, Desk
from tests.support.organisations import add, rule

EVERY_MAIL = {"name": "Every mail", "action": "open-case"}
REOPEN = {"name": "Reopen", "action": "reopen"}
STRANGER = "someone@elsewhere.example"


@pytest.fixture
def cached() -> int:
    """Warm on both databases: two cases at work at once are beyond a cache of none, see `Desk.settled`."""
    return WARM


async def cancelled(desk: Desk) -> str:
    number = await open_by_mail(desk)
    await desk.send("grace", number, CommandKind.CANCEL, CancelBody())
    return number


async def only_related(desk: Desk, number: str) -> Case:
    (case,) = await related_to(desk, number)
    await desk.until_status(case.number, CaseStatus.ACTIVE)
    return await desk.case(case.number)


@pytest.mark.parametrize(
    ("subject", "same"),
    [
        ("Re: My headphones", True),
        ("AW: RE: my  headphones [cas-1-AB]", True),
        ("[CAS-1-AB] My headphones", True),
        ("Fwd: My headphones", False),
        ("My speakers", False),
        ("[CAS-2-AB] My headphones", False),
        ("", False),
    ],
)
def test_an_answers_prefix_and_our_number_are_no_other_subject(subject: str, same: bool) -> None:
    assert (subject_stem(subject, "CAS-1-AB") == subject_stem("My headphones", "CAS-1-AB")) is same


async def test_another_subject_is_another_case_if_the_rule_wants_it(desk: Desk) -> None:
    number = await open_by_mail(desk)
    assert (await receive(desk, number, subject="My speakers")).outcome == "attach", "not unless it is wanted"
    await rule(desk, items=[EVERY_MAIL], new_case_on_changed_subject=True)
    assert (await receive(desk, number, text="Yes.", subject=f"Re: My headphones [{number}]")).outcome == "attach"
    delivery = await receive(desk, number, times=3, text="And now.", subject="Re: My invoice")
    assert delivery.outcome == "new-case"
    made = await only_related(desk, number)
    assert made.title == "Re: My invoice"
    assert (await mails_of(desk, number), await mails_of(desk, made.number)) == (3, 1)
    assert (await desk.case(number)).status == CaseStatus.ACTIVE


async def test_the_new_case_is_the_rules_owners_and_lies_in_the_queue_that_the_mail_came_to(desk: Desk) -> None:
    number = await cancelled(desk)
    async with desk.house.database.write() as session:
        # Without routing rules, what the mail itself says remains.
        await session.execute(
            update(DefinitionRecord).where(DefinitionRecord.kind == "routing-rule-set").values(status="archived")
        )
        box = (await session.scalars(select(Mailbox))).one()
        box.settings = {**box.settings, "addresses": [{"address": "gold@desk.example", "queue": "gold"}]}
    gold = {"slug": "mail-to-gold", "name": "Mail to gold", "queue": "gold", "allow_unknown_senders": True}
    await add(desk, {"record_creation_rules": [{**gold, "owner": "mona", "items": [EVERY_MAIL]}]})
    recipients = {"to": ["gold@desk.example", SUPPORT], "cc": []}
    assert (await receive(desk, number, recipients=recipients)).outcome == "new-case"
    made = await only_related(desk, number)
    mona = await desk.agent("mona")
    assert (made.queue, made.opening_rule, made.owner_id) == ("gold", "mail-to-gold", mona.agent_id)


async def test_an_item_may_ask_for_files(desk: Desk) -> None:
    number = await cancelled(desk)
    files = {"all": [{"field": "email.has_attachments", "value": True}]}
    await rule(desk, items=[{"name": "Files", "action": "open-case", "when": files}])
    assert (await receive(desk, number)).outcome == "attach-only"
    letter = await mail(desk, "With a picture.")
    async with desk.house.database.write() as session:
        given = {"content_type": "image/png", "size": 3, "sha256": "0" * 64}
        session.add(Attachment(id=new_id(), message_id=letter.id, position=0, filename="a.png", **given))
    delivery = await must_hear(desk, number, letter.id)
    await tell(desk, await desk.case(number), delivery)
    assert (await heard(desk, delivery.id)).outcome == "new-case"
    await only_related(desk, number)


async def test_a_stranger_among_the_participants_gets_no_new_case_of_a_rule_for_known_senders(desk: Desk) -> None:
    number = await cancelled(desk)
    await rule(desk, items=[EVERY_MAIL], allow_unknown_senders=False)
    assert (await receive(desk, number, sender=STRANGER)).outcome == "attach-only"
    assert "unknown sender" in (await desk.timeline(number, "mail"))[-1].data["why"]
    assert (await receive(desk, number, text="It is me.")).outcome == "new-case"
    await only_related(desk, number)


async def test_an_automatic_mail_is_filed_and_wakes_nothing(desk: Desk) -> None:
    """It reopens no case, satisfies no KPI, is no answer of the customer's, and gets none (email promise 6)."""
    await rule(desk, items=[REOPEN, EVERY_MAIL], new_case_after_resolved=True)
    number = await open_by_mail(desk)
    before = await desk.kpis(number)
    assert (await receive(desk, number, automatic="auto-submitted")).outcome == "attach"
    case = await desk.case(number)
    assert (case.customer_replied_last, case.first_response_sent) == (False, False)
    assert await desk.kpis(number) == before
    await desk.send("grace", number, CommandKind.CANCEL, CancelBody())
    assert (await receive(desk, number, text="Out of office", automatic="auto-submitted")).outcome == "attach-only"
    assert (await desk.case(number)).status == CaseStatus.CANCELLED
    assert await related_to(desk, number) == []
    async with desk.house.database.read() as session:
        letters = list(await session.scalars(select(Outbox.kind)))
    assert letters == ["acknowledgement"], "of the mail that opened it, and of no other"


async def test_a_case_says_once_that_mail_for_it_is_held(desk: Desk) -> None:
    number = await open_by_mail(desk)
    held = await mail(desk, "Again and again.")
    delivery = await must_hear(desk, number, held.id, DeliveryKind.BRAKED)
    await tell(desk, await desk.case(number), delivery, times=3)
    assert (await heard(desk, delivery.id)).outcome == "held"
    (told,) = await desk.timeline(number, "mail-held")
    assert told.text == (
        "Mail of casey@customer.example is held: at most 100 on one case within 10 minutes are taken in"
    )
    assert (await mails_of(desk, number), await outcomes(desk, number)) == (1, ["opened"])
