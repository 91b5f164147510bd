"""A letter that is lost, however it was lost, was no answer: its case hears of it once. On both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from models.messages.api_cases import ReplyBody
from models.messages.cases import CommandKind, DeliveryInput
from models.messages.mailflow import DeliveryKind
from models.records.mails import Outbox
from tests.support.correspondence import must_hear
from tests.support.desks import Desk
from tests.support.hands import PRESENT, Hands, activities, run


async def lose(hands: Hands, state: str) -> None:
    """The case hears that its last letter did not arrive."""
    assert hands.made is not None
    async with hands.desk.house.database.write() as session:
        lost = {"state": state, "last_error": "550 5.1.1 no"}
        await session.execute(update(Outbox).where(Outbox.message_id == hands.made).values(**lost))
    delivery = await must_hear(hands.desk, hands.case.number, hands.made, DeliveryKind.SEND_FAILED)
    case = await hands.desk.case(hands.case.number)
    given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=delivery.id)
    await run(activities(hands.desk)["apply_delivery"], given)


async def standing(hands: Hands) -> tuple[bool, str]:
    (kpi,) = (await hands.desk.kpis(hands.case.number))["first-response"]
    return (await hands.desk.case(hands.case.number)).first_response_sent, kpi["status"]


@pytest.mark.parametrize("state", ["failed", "bounced", "suppressed"])
async def test_the_promise_runs_again_when_the_only_answer_is_lost(desk: Desk, state: str) -> None:
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.REPLY, ReplyBody(text="Hold the button."))
    assert await standing(hands) == (True, "succeeded")
    await lose(hands, state)
    assert await standing(hands) == (False, "in-progress")
    (entry,) = await desk.timeline(hands.case.number, "send-failed")
    assert (entry.text, entry.data["state"], entry.subject_id) == ("550 5.1.1 no", state, hands.made)
    await hands.do(CommandKind.REPLY, ReplyBody(text="Once more."))
    await hands.do(CommandKind.REPLY, ReplyBody(text="And more."))
    await lose(hands, state)
    assert await standing(hands) == (True, "succeeded"), "an earlier answer arrived"
