"""Mail for one case that concerns another: a related case is opened, or a merge's survivor is told (domain 6.4, 1.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from models.messages.api_cases import CancelBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.records.cases import Case
from tests.support.correspondence import heard, mails_of, open_by_mail, outcomes, receive, related_to
from tests.support.desks import WARM, Desk
from tests.support.organisations import rule

EVERY_MAIL = {"name": "Every mail", "action": "open-case", "priority": "high"}
REOPEN = {
    "name": "Reopen",
    "action": "reopen",
    "when": {"all": [{"field": "email.related_status", "value": "resolved"}]},
}


@pytest.fixture
def cached() -> int:
    """Warm on both databases: two cases at work at once are beyond a cache of none, see `Desk.settled`."""
    return WARM


async def only_related(desk: Desk, number: str) -> Case:
    (case,) = await related_to(desk, number)
    await desk.until_status(case.number, CaseStatus.ACTIVE)
    return await desk.case(case.number)


async def test_after_the_window_it_opens_a_related_case(desk: Desk) -> None:
    await rule(desk, items=[EVERY_MAIL], new_case_after_resolved=True, resolved_window_minutes=60)
    number = await open_by_mail(desk)
    await desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="Paired."))
    assert (await receive(desk, number)).outcome == "attach-only", "within the window"
    async with desk.house.database.write() as session:
        case = await session.get_one(Case, (await desk.case(number)).id)
        assert case.resolved_on is not None
        case.resolved_on -= timedelta(minutes=61)
    delivery = await receive(desk, number, times=3, subject="Again", text="It lost its pair.")
    assert delivery.outcome == "new-case"
    made = await only_related(desk, number)
    assert (made.title, made.origin, made.priority, made.contact_id) == ("Again", "email", "high", case.contact_id)
    assert (made.opening_rule, made.queue) == ("mail-to-support", "gold")
    assert (await mails_of(desk, number), await mails_of(desk, made.number)) == (2, 1)
    assert (await desk.timeline(number, "mail"))[-1].data["related"] == made.number
    assert len(await desk.timeline(made.number, "acknowledgement")) == 1


async def test_mail_for_a_cancelled_case_opens_another(desk: Desk) -> None:
    await rule(desk, items=[REOPEN, EVERY_MAIL])
    number = await open_by_mail(desk)
    await desk.send("grace", number, CommandKind.CANCEL, CancelBody())
    assert (await receive(desk, number, times=3)).outcome == "new-case"
    made = await only_related(desk, number)
    assert (await desk.case(number)).status == CaseStatus.CANCELLED
    assert (await mails_of(desk, number), await mails_of(desk, made.number)) == (1, 1)


async def test_mail_for_a_merged_case_is_passed_on_to_its_survivor(desk: Desk) -> None:
    loser, survivor = await open_by_mail(desk), await open_by_mail(desk)
    await desk.send("grace", loser, CommandKind.CANCEL, CancelBody())
    async with desk.house.database.write() as session:
        merged = {"merged_into": survivor, "status_reason": "merged"}
        await session.execute(update(Case).where(Case.number == loser).values(**merged))
    delivery = await receive(desk, loser, times=3)
    assert delivery.outcome == "passed-on"
    onward = [row for row in await desk.deliveries() if row.subject_id == delivery.subject_id and row.id != delivery.id]
    assert [row.number for row in onward] == [survivor]
    assert (await heard(desk, onward[0].id)).outcome == "attach"
    assert (await mails_of(desk, loser), await mails_of(desk, survivor)) == (1, 2)
    assert await outcomes(desk, loser) == ["opened", "passed-on"]
    assert await outcomes(desk, survivor) == ["opened", "attach"]
