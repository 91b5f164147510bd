"""An open activity that a merge moves is due on the survivor: its run hears of the reminder with the move (domain 1.5, 9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.messages.api_activities import ActivityBody
from models.messages.cases import CaseSnapshot, CommandKind, DeliveryInput
from models.messages.families import MergeBody
from models.messages.slas import ClockKind
from tests.support.desks import DeskFactory
from tests.support.hands import PRESENT, Hands, activities, run


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What moves is the same on both."""
    return sqlite_url


async def test_the_survivor_reminds_of_what_it_takes_over(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        survivor, loser = await Hands.opened(desk), await Hands.opened(desk)
        due = PRESENT + timedelta(minutes=1)
        await loser.do(CommandKind.ADD_ACTIVITY, ActivityBody(title="Call back", due=due))
        await survivor.do(CommandKind.MERGE, MergeBody(losers=(loser.case.number,)))
        snapshot: CaseSnapshot | None = None
        for hands in (loser, survivor):
            case = await desk.case(hands.case.number)
            (delivery,) = [row for row in await desk.deliveries() if row.number == case.number and not row.done]
            given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=delivery.id)
            snapshot = await run(activities(desk)["apply_delivery"], given)
        assert snapshot is not None
        clocks = [clock.due for clock in snapshot.clocks if clock.kind is ClockKind.REMINDER]
        assert clocks == [due]
        await desk.clear()
