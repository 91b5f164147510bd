"""The maximum of a family holds although cases that bring their children with them are merged at once (domain 1.4, 1.5)."""

from __future__ import annotations

from sqlalchemy import update

from models.messages.cases import CommandKind, ProblemType
from models.messages.families import MergeBody
from models.records.cases import Case
from tests.cases.test_merging_at_once import ordered
from tests.support.desks import Desk, DeskFactory
from tests.support.hands import Hands, activities, run
from tests.support.organisations import settings

MOST = 4


async def test_the_children_of_all_who_are_on_their_way_are_counted(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        survivor, first, second = await three(desk)
        for _ in range(2):
            await child_of(desk, first)
        for _ in range(3):
            await child_of(desk, second)
        going = await ordered(desk, first, into=survivor)
        assert await refused(survivor, second) == f"{survivor.case.number} has 2 of at most 4 children"

        await run(activities(desk)["apply_delivery"], going)
        # It has gone up; its children have not heard of their new parent yet.
        assert (await desk.case(first.case.number)).merged_into == survivor.case.number
        assert await refused(survivor, second) == f"{survivor.case.number} has 2 of at most 4 children"


async def test_who_has_got_more_children_since_the_command_stays(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        survivor, first, _ = await three(desk)
        for _ in range(2):
            await child_of(desk, survivor)
            await child_of(desk, first)
        going = await ordered(desk, first, into=survivor)
        await child_of(desk, first)
        await run(activities(desk)["apply_delivery"], going)
        assert (await desk.case(first.case.number)).merged_into is None
        (told,) = await desk.timeline(first.case.number, "kept")
        assert told.data["why"] == "the other case has no room for 3 more of at most 4 children"


async def three(desk: Desk) -> tuple[Hands, Hands, Hands]:
    await settings(desk, most_children=MOST)
    one, two, other = [await Hands.opened(desk) for _ in range(3)]
    return one, two, other


async def child_of(desk: Desk, parent: Hands) -> None:
    child = await Hands.opened(desk)
    async with desk.house.database.write() as session:
        await session.execute(update(Case).where(Case.id == child.case.id).values(parent_id=parent.case.id))


async def refused(survivor: Hands, loser: Hands) -> str:
    """What the refusal of the merge says first."""
    given = await survivor.ask(CommandKind.MERGE, MergeBody(losers=(loser.case.number,)))
    outcome = await run(activities(survivor.desk)["apply_command"], given)
    assert outcome.refusal.type is ProblemType.FAMILY_FORBIDDEN
    return str(outcome.refusal.detail).split(";")[0]
