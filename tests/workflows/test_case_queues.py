"""Queue and ownership, through desk and workflow (domain 2; checklist 13 to 16)."""

from __future__ import annotations

from sqlalchemy import select

from models.messages.api_cases import ChangeBody, ResolveBody
from models.messages.cases import CommandKind
from models.records.reference import Team
from tests.support.desks import Desk
from tests.support.organisations import add, load_of, queue
from tests.support.refusals import problem, refusal


async def owner(desk: Desk, number: str) -> str | None:
    case = await desk.case(number)
    agents = {(await desk.agent(slug)).agent_id: slug for slug in ("grace", "sam", "mona")}
    return agents[case.owner_id] if case.owner_id else None


async def route_to(desk: Desk, number: str, slug: str) -> None:
    await desk.send("mona", number, CommandKind.ROUTE, target_id=(await queue(desk, slug)).id)


async def test_who_picks_owns_the_case_and_gives_it_back_to_the_queues_owner(desk: Desk) -> None:
    number = await desk.open()
    await desk.send("grace", number, CommandKind.PICK)
    (item,) = await desk.items(number)
    assert (item.worked_by, item.live) == ((await desk.agent("grace")).agent_id, True)
    assert (await owner(desk, number), await load_of(desk, "grace")) == ("grace", 1)

    error = await refusal(desk.send("mona", number, CommandKind.PICK))
    assert (error.status, error.type) == (409, "already-picked")
    assert error.allowed == ("assign", "route", "release")  # type: ignore[attr-defined]

    await desk.send("grace", number, CommandKind.RELEASE)
    (item,) = await desk.items(number)
    assert (item.worked_by, item.live) == (None, True)
    assert (await owner(desk, number), await load_of(desk, "grace")) == ("mona", 0)
    assert await problem(desk.send("grace", number, CommandKind.RELEASE)) == (409, "not-picked")


async def test_capacity_is_taken_by_a_pick_and_given_back_by_the_same_case(desk: Desk) -> None:
    first, second = await desk.open(), await desk.open()
    await desk.send("sam", first, CommandKind.PICK)
    assert await problem(desk.send("sam", second, CommandKind.PICK)) == (409, "no-capacity")
    assert (await owner(desk, second), await load_of(desk, "sam")) == (None, 1)

    await desk.send("sam", first, CommandKind.RELEASE)
    await desk.send("sam", second, CommandKind.PICK)
    assert await problem(desk.send("sam", first, CommandKind.PICK)) == (409, "no-capacity")

    await desk.send("sam", second, CommandKind.RESOLVE, ResolveBody(resolution="Done."))
    assert await load_of(desk, "sam") == 0
    await desk.send("sam", first, CommandKind.PICK)
    await route_to(desk, first, "standard")
    assert await load_of(desk, "sam") == 0, "the case went elsewhere"


async def test_to_pick_from_a_private_queue_one_must_be_its_member(desk: Desk) -> None:
    number = await desk.open()
    await route_to(desk, number, "private")
    assert await problem(desk.send("ada", number, CommandKind.PICK)) == (403, "not-a-member")
    assert await problem(desk.send("sam", number, CommandKind.PICK)) == (404, "not-found"), "not even to be known of"
    await desk.send("grace", number, CommandKind.PICK)
    assert await owner(desk, number) == "grace"
    await desk.send("grace", number, CommandKind.RELEASE)
    await desk.send("mona", number, CommandKind.PICK)
    assert await owner(desk, number) == "mona", "the queue's owner needs no membership"


async def test_a_case_is_in_one_queue_at_a_time(desk: Desk) -> None:
    number = await desk.open()
    assert (await desk.case(number)).queue == "gold"
    await desk.send("grace", number, CommandKind.PICK)
    await route_to(desk, number, "standard")
    left, live = await desk.items(number)
    assert (left.live, live.live, live.worked_by) == (False, True, None)
    assert (await desk.case(number)).queue == "standard"
    assert (await owner(desk, number), await load_of(desk, "grace")) == ("grace", 0), "routing changes no owner"

    await desk.send("grace", number, CommandKind.APPLY_ROUTING)
    assert (await desk.case(number)).queue == "gold"
    assert (await desk.timeline(number, "routed"))[-1].data["rule"] == "Gold customers"

    await desk.send("mona", number, CommandKind.REMOVE_FROM_QUEUE)
    assert (await desk.case(number)).queue is None
    assert [item.live for item in await desk.items(number)] == [False, False, False]
    for kind in (CommandKind.PICK, CommandKind.RELEASE, CommandKind.REMOVE_FROM_QUEUE):
        error = await refusal(desk.send("mona", number, kind))
        assert (error.type, error.allowed) == ("no-queue-item", ("route", "apply-routing", "assign"))  # type: ignore[attr-defined]


async def test_assigned_to_an_agent_or_a_team_the_case_stays_in_its_queue(desk: Desk) -> None:
    number = await desk.open()
    await desk.send("mona", number, CommandKind.ASSIGN, target_id=(await desk.agent("sam")).agent_id)
    assert (await owner(desk, number), (await desk.case(number)).queue) == ("sam", "gold")
    assert await load_of(desk, "sam") == 0, "owning is not working"

    async with desk.house.database.read() as session:
        team = (await session.scalars(select(Team))).one()
    await desk.send("mona", number, CommandKind.ASSIGN, target_id=team.id)
    case = await desk.case(number)
    assert (case.owner_id, case.owner_team_id) == (None, team.id)
    assert await problem(desk.send("mona", number, CommandKind.ASSIGN, target_id=case.id)) == (404, "not-found")


async def test_what_no_rule_matches_stays_where_it_is(desk: Desk) -> None:
    number = await desk.open()
    never = {"name": "Never", "when": {"all": [{"field": "case.priority", "value": "low"}]}, "queue": "standard"}
    await add(desk, {"routing_rule_sets": [{"slug": "by-tier", "name": "By tier", "rules": [never]}]})
    error = await refusal(desk.send("mona", number, CommandKind.APPLY_ROUTING))
    assert (error.status, error.type) == (409, "no-routing-rule")
    assert "Never" in error.detail
    assert (await desk.case(number)).queue == "gold"
    await desk.send("mona", number, CommandKind.CHANGE, ChangeBody(priority="low"))
    await desk.send("mona", number, CommandKind.APPLY_ROUTING)
    assert (await desk.case(number)).queue == "standard"
