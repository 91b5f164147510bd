"""Closed is closed, and can be woken: what a case hears of, each applied once (domain 6.4, 1.5; checklist 10, 36)."""

from __future__ import annotations

from models.messages.api_cases import ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from tests.support.correspondence import (
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
from tests.support.desks import Desk
from tests.support.organisations import rule

EVERY_MAIL = {"name": "Every mail", "action": "open-case", "priority": "high"}
REOPEN = {
    "name": "Reopen",
    "action": "reopen",
    "when": {"all": [{"field": "email.related_status", "value": "resolved"}]},
}


async def resolved(desk: Desk) -> str:
    number = await open_by_mail(desk)
    await desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="Paired."))
    return number


async def test_an_open_case_takes_its_mail_in(desk: Desk) -> None:
    number = await open_by_mail(desk)
    version = (await desk.case(number)).version
    delivery = await receive(desk, number, times=3)
    assert (delivery.outcome, await outcomes(desk, number)) == ("attach", ["opened", "attach"])
    case = await desk.case(number)
    assert (case.version, case.customer_replied_last) == (version + 1, True)
    assert await mails_of(desk, number) == 2
    await receive(desk, number, automatic="auto-replied")
    assert await outcomes(desk, number) == ["opened", "attach", "attach"]


async def test_mail_that_comes_while_it_opens_waits_until_it_is_open(desk: Desk) -> None:
    case = await desk.insert()
    delivery = await must_hear(desk, case.number, (await mail(desk)).id)
    # The delivery is what starts the run here; the opening follows from the row.
    await tell(desk, case, delivery, 3)
    await desk.house.dispatcher.open(case.id, case.number, case.origin)
    assert (await heard(desk, delivery.id)).outcome == "attach"
    assert [entry.kind for entry in await desk.timeline(case.number)][-2:] == ["opened", "mail"]


async def test_mail_for_a_resolved_case_is_only_attached(desk: Desk) -> None:
    number = await resolved(desk)
    delivery = await receive(desk, number, times=3)
    assert delivery.outcome == "attach-only"
    case = await desk.case(number)
    assert (case.status, case.customer_replied_last, await mails_of(desk, number)) == (CaseStatus.RESOLVED, True, 2)
    assert await related_to(desk, number) == []


async def test_a_reopening_item_reopens_and_opens_nothing(desk: Desk) -> None:
    await rule(desk, items=[REOPEN, EVERY_MAIL], new_case_after_resolved=True)
    number = await resolved(desk)
    assert (await desk.entitlement("care")).remaining_terms == 14
    assert (await receive(desk, number, automatic="auto-replied")).outcome == "attach-only", "a machine reopens nothing"
    delivery = await receive(desk, number, times=3)
    assert delivery.outcome == "reopen"
    case = await desk.case(number)
    assert (case.status, case.status_reason, case.queue, case.life) == (CaseStatus.ACTIVE, "in-progress", "gold", 1)
    assert (await desk.entitlement("care")).remaining_terms == 15
    assert await related_to(desk, number) == []
    # It lives on in the run that the mail woke.
    await desk.send("grace", number, CommandKind.PICK)
    assert (await receive(desk, number)).outcome == "attach"


async def test_a_burst_of_mail_for_a_closed_case_is_applied_mail_by_mail(desk: Desk) -> None:
    number = await resolved(desk)
    case = await desk.case(number)
    found = [await must_hear(desk, number, (await mail(desk, text)).id) for text in ("One.", "Two.", "Three.")]
    for _ in range(3):
        for delivery in found:
            await tell(desk, case, delivery)
    for delivery in found:
        assert (await heard(desk, delivery.id)).outcome == "attach-only"
    assert (await desk.case(number)).version == case.version + 3
    assert await mails_of(desk, number) == 4
