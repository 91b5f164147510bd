"""Presence, my queues, why somebody got it, and the way to an agent or a team, through the API (domain 2, 5.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from models.records.cases import Case
from tests.support.asking import NEW, Http, asked, problem
from tests.support.assignment import QUEUE, people, staffed, worker_of
from tests.support.desks import Desk, DeskFactory
from tests.support.organisations import add, settings
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("patience")


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Figures and memberships are asked of PostgreSQL, which minds types; the rest looks at what the house does."""
    engine = "postgres" if request.node.name.endswith("queues") else "sqlite"
    url: str = request.getfixturevalue(f"{engine}_url")
    return url


async def test_who_says_that_they_are_there_gets_the_case_and_it_is_told_why(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        roster = [*people(1), *({"slug": s, "name": s, "email": f"{s}@desk.example"} for s in ("grace", "sam"))]
        await staffed(desk, roster, online=False)
        async with asked(desk) as http:
            number = await http.open()
            assert problem(await http("grace", "PUT", "/me/presence", {"presence": "there"})) == (422, "invalid")
            assert problem(await http("grace", "PUT", "/agents/sam/presence", {"presence": "busy"})) == (
                403,
                "forbidden",
            )
            assert (await http("mona", "PUT", "/agents/sam/presence", {"presence": "busy"})).status_code == 200
            said = await http("grace", "PUT", "/me/presence", {"presence": "online"})
            assert (said.json()["agent"], said.json()["presence"]) == ("grace", "online")

            async def got() -> bool:
                return await worker_of(desk, number) == "grace"

            await until(got)
            why = (await http("grace", "GET", f"/cases/{number}/why/assignment")).json()
            assert (why["owner"], why["worked_by"], why["queue"]) == ("grace", "grace", QUEUE)
            decided = why["decided"]
            assert (decided["by"], decided["method"], decided["queue"]) == ("queue", "round-robin", QUEUE)
            assert decided["why"] == "got their last case the longest time ago of those who can take it"
            over = {each["agent"]: each["why"] for each in decided["passed_over"]}
            assert over == {"five-0": "offline", "sam": "busy"}
            assert [step["kind"] for step in why["steps"]] == ["assigned", "routed"]
            assert why["steps"][1]["why"] == "rule 'All' matched: always"

            # Said once more, it changes nothing; what was said stands in the audit.
            again = await http("grace", "PUT", "/me/presence", {"presence": "online"})
            assert again.json()["presence_on"] == said.json()["presence_on"]
            audit = (await http("mona", "GET", "/audit?kind=agent")).json()["items"]
            told = [(row["actor"], row["object"], row["changes"]) for row in audit if row["action"] == "presence"]
            assert told == [
                ("grace", "grace", {"presence": ["offline", "online"]}),
                ("mona", "sam", {"presence": ["offline", "busy"]}),
            ]
            assert (await http("ada", "GET", "/agents/grace")).json()["presence"] == "online"
            # Who left and comes back is there once they say so.
            for verb in ("deactivate", "activate"):
                assert (await http("ada", "POST", f"/agents/sam/{verb}")).status_code == 200
            assert (await http("ada", "GET", "/agents/sam")).json()["presence"] == "offline"


async def test_to_an_agent_and_to_a_team_by_their_default_queues(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, asked(desk) as http:
        await _by_default_queues(desk, http)


async def _by_default_queues(desk: Desk, http: Http) -> None:
    number = await http.open()
    for body in ({}, {"queue": "gold", "agent": "sam"}):
        assert problem(await http("mona", "POST", f"/cases/{number}/route", body)) == (422, "invalid")
    routed = await http("mona", "POST", f"/cases/{number}/route", {"agent": "sam"})
    assert (routed.status_code, routed.json()["queue"]) == (200, "sam"), routed.text
    queue = (await http("mona", "GET", "/queues/sam")).json()
    assert (queue["private"], queue["owner"], queue["default_of_agent"]) == (True, "sam", "sam")
    assert problem(await http("grace", "GET", f"/cases/{number}")) == (404, "not-found")
    mine = (await http("sam", "GET", "/me/queues")).json()["items"]
    assert [(each["slug"], each["default"], each["available"]) for each in mine] == [
        ("sam", True, 1),
        ("standard", False, 0),
    ]

    # A team: whoever joins it belongs to the queue at once, and whoever leaves it no more.
    other = await http.open()
    routed = await http("mona", "POST", f"/cases/{other}/route", {"team": "lab"})
    assert routed.json()["queue"] == "lab", routed.text
    assert problem(await http("sam", "POST", f"/cases/{other}/pick")) == (404, "not-found")
    await add(desk, {"teams": [{"slug": "lab", "name": "Lab", "members": ["grace", "sam"]}]})
    assert (await http("sam", "POST", f"/cases/{other}/pick")).json()["worked_by"] == "sam"
    assert (await http("sam", "POST", f"/cases/{other}/release")).status_code == 200
    await add(desk, {"teams": [{"slug": "lab", "name": "Lab", "members": ["grace"]}]})
    assert problem(await http("sam", "GET", f"/cases/{other}")) == (404, "not-found")

    # Many at once, too.
    many = {"action": "route", "numbers": [other], "body": {"agent": "grace"}}
    assert (await http("mona", "POST", "/cases/bulk", many)).status_code in (200, 202)

    async def gone_on() -> bool:
        return (await desk.case(other)).queue == "grace"

    await until(gone_on)

    # What waits for somebody who goes is handed over too, into the other's default queue.
    refused = await http("ada", "POST", "/agents/sam/deactivate")
    assert problem(refused) == (409, "transfer-needed")
    gone = await http("ada", "POST", "/agents/sam/deactivate", {"transfer_to": "grace"})
    assert (gone.status_code, gone.json().get("active")) == (200, False), gone.text
    assert (await http("grace", "GET", f"/cases/{number}")).json()["queue"] == "grace"


async def test_a_queue_that_a_rule_names_cannot_vanish_and_has_one_rule(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, asked(desk) as http:
        given = {"slug": "gold", "name": "G", "queue": "gold", "overflow": {"to": ["standard"], "longest_queue": 5}}
        assert (await http("mona", "POST", "/assignment-rules", given)).status_code == 201
        assert (await http("mona", "POST", "/assignment-rules/gold/activate")).status_code == 200
        for slug in ("gold", "standard"):
            assert problem(await http("mona", "POST", f"/queues/{slug}/deactivate")) == (409, "in-use")
        assert (await http("mona", "POST", "/assignment-rules", given | {"slug": "second"})).status_code == 201
        assert problem(await http("mona", "POST", "/assignment-rules/second/activate")) == (409, "queue-has-rule")
        unknown = await http("ada", "PATCH", "/agents/grace", {"skills": {"german": 3}}, If_Match="*")
        assert problem(unknown) == (422, "invalid")
        assert unknown.json()["errors"][0]["field"] == "/skills/german"
        refused = await http("grace", "POST", "/cases", NEW | {"skills": {"german": 3}})
        assert problem(refused) == (422, "invalid")
        await settings(desk, skills=["german"])
        assert problem(await http("grace", "POST", "/cases", NEW | {"skills": {"german": 11}})) == (422, "invalid")
        number = await http.open(skills={"german": 3})
        changed = await http("grace", "PATCH", f"/cases/{number}", {"skills": None}, If_Match="*")
        assert (changed.status_code, changed.json()["skills"]) == (200, None)
        told = (await http("grace", "GET", f"/cases/{number}/timeline")).json()["items"][0]
        assert told["data"]["changes"] == {"skills": [{"german": 3}, None]}


async def test_figures_of_my_queues(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, asked(desk) as http:
        first, second, third = [await http.open() for _ in range(3)]
        await http("grace", "POST", f"/cases/{first}/pick")
        await http("grace", "POST", f"/cases/{second}/hold", {"status_reason": "waiting-for-details"})
        async with desk.house.database.write() as session:
            soon = datetime.now(UTC) + timedelta(minutes=30)
            await session.execute(update(Case).values(next_due=soon + timedelta(days=1)))
            await session.execute(
                update(Case).where(Case.number == third).values(next_due=soon, sla_state="noncompliant")
            )
        mine = {each["slug"]: each for each in (await http("grace", "GET", "/me/queues")).json()["items"]}
        assert set(mine) == {"gold", "private", "standard"}
        assert {name: value for name, value in mine["gold"].items() if name not in ("slug", "name")} == {
            "private": False,
            "default": False,
            "method": "manual",
            "cases": 3,
            "mine": 1,
            "available": 2,
            "due_within_the_hour": 1,
            "breached": 1,
            "waiting_on_customer": 1,
        }
        assert mine["standard"]["cases"] == 0

        # Behind each figure stand its cases, the most urgent first.
        async def listed(who: str = "grace", **params: str) -> list[str]:
            asking = "&".join(f"{name}={value}" for name, value in params.items())
            answer = await http(who, "GET", f"/me/cases?{asking}")
            return [line["number"] for line in answer.json()["items"]]

        total = (await http("grace", "GET", "/me/queues")).json()["total"]
        assert total == {name: mine["gold"][name] for name in total}
        for view, expected in (
            ("all", [third, first, second]),
            ("mine", [first]),
            ("available", [third, second]),
            ("due-within-the-hour", [third]),
            ("breached", [third]),
            ("waiting-on-customer", [second]),
        ):
            assert await listed(view=view) == expected, view
            assert await listed(view=view, queue="gold") == expected, view
            assert await listed(view=view, queue="standard") == []
        page = (await http("grace", "GET", "/me/cases?limit=2")).json()
        assert [line["number"] for line in page["items"]] == [third, first]
        assert await listed(cursor=page["next"]) == [second]
        assert await listed("sam", view="all") == [], "gold is not theirs"
        wrong = await http("sam", "GET", "/me/cases?queue=gold")
        assert (problem(wrong), "gold" in wrong.text) == ((422, "invalid"), True)
        assert problem(await http("grace", "GET", "/me/cases?view=every")) == (422, "invalid")

        # The next one of all my queues.
        await http("mona", "POST", f"/cases/{second}/route", {"queue": "private"})
        assert (await http("sam", "POST", "/me/next")).status_code == 204
        got = [await http("grace", "POST", "/me/next") for _ in range(3)]
        assert [each.status_code for each in got] == [200, 200, 204]
        assert {each.json()["number"] for each in got[:2]} == {third, second}


async def test_who_left_a_private_queue_sees_the_case_of_it_that_they_work_on(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, asked(desk) as http:
        first, second = [await http.open() for _ in range(2)]
        for number in (first, second):
            await http("mona", "POST", f"/cases/{number}/route", {"queue": "private"})
        await http("grace", "POST", f"/cases/{first}/pick")
        left = await http("mona", "PATCH", "/queues/private", {"members": ["sam"]}, If_Match="*")
        assert left.status_code == 200, left.text
        listed = (await http("grace", "GET", "/me/cases")).json()["items"]
        assert [line["number"] for line in listed] == [first]
        (private,) = [q for q in (await http("grace", "GET", "/me/queues")).json()["items"] if q["slug"] == "private"]
        assert (private["cases"], private["mine"], private["available"]) == (1, 1, 0), "the others are none of hers"
