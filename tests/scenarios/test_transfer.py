"""An agent, a team or a queue is switched off while it has open cases: they are handed over first, by commands to the cases.

One desk, whose cases are worked by a real worker, for all of it; asked through HTTP as a manager would.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from models.records.reference import Agent
from tests.support.asking import Http, asked, problem
from tests.support.desks import WARM, DeskFactory
from tests.support.organisations import add, load_of

PEOPLE = {
    "agents": [
        {"slug": slug, "name": slug.title(), "email": f"{slug}@desk.example", "roles": ["agent"]}
        for slug in ("olga", "otto", "nina")
    ]
    + [
        {"slug": "kim", "name": "Kim", "email": "kim@desk.example", "roles": ["knowledge-manager"]},
        {"slug": "full", "name": "Full", "email": "full@desk.example", "roles": ["agent"], "capacity": 0},
    ],
    "teams": [{"slug": "night", "name": "Night", "members": ["olga"]}],
    "queues": [{"slug": slug, "name": slug.title(), "owner": "mona", "mailbox": "support"} for slug in ("old", "new")],
}


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """The database whose writers really meet."""
    return postgres_url


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk(cached=WARM) as desk:
        await add(desk, PEOPLE)
        async with asked(desk) as made:
            yield made


async def given(http: Http, count: int, verb: str, body: dict[str, str]) -> list[str]:
    numbers = [await http.open() for _ in range(count)]
    for number in numbers:
        assert (await http("mona", "POST", f"/cases/{number}/{verb}", body)).status_code == 200
    return numbers


async def owners(http: Http, numbers: list[str]) -> set[str | None]:
    cases = [(await http("mona", "GET", f"/cases/{number}")).json() for number in numbers]
    return {case["owner"]["slug"] if case["owner"] else None for case in cases}


async def switch_off(http: Http, path: str, to: str | None, who: str = "mona") -> tuple[int, str]:
    answer = await http(who, "POST", f"{path}/deactivate", None if to is None else {"transfer_to": to})
    return (200, "") if answer.status_code == 200 else problem(answer)


async def test_open_cases_are_handed_over_before_their_agent_team_or_queue_goes(http: Http) -> None:
    await agents(http)
    await teams(http)
    await queues(http)
    await what_is_refused(http)
    await cases_that_come_meanwhile(http)


async def agents(http: Http) -> None:
    admin = "ada"
    owned = await given(http, 3, "assign", {"agent": "olga"})
    for path in (f"/cases/{owned[0]}/activities", "/activities"):
        for title, completed in (("To be done", False), ("Done", True)):
            body = {"title": title, "owner": "olga", "completed": completed}
            assert (await http("mona", "POST", path, body)).status_code == 201
    assert await switch_off(http, "/agents/olga", None, admin) == (409, "transfer-needed")
    assert await switch_off(http, "/agents/olga", "otto", admin) == (200, "")
    assert await owners(http, owned) == {"otto"}
    for agent, titles in (("otto", ["To be done"] * 2), ("olga", ["Done"] * 2)):
        theirs = (await http("mona", "GET", f"/activities?owner={agent}")).json()["items"]
        assert [each["title"] for each in theirs] == titles, agent
    picked = [await http.open() for _ in range(2)]
    for number in picked:
        assert (await http("grace", "POST", f"/cases/{number}/pick")).status_code == 200
    assert await load_of(http.desk, "grace") == 2
    assert await switch_off(http, "/agents/grace", "kim", admin) == (422, "invalid"), "kim works no cases"
    assert await owners(http, picked) == {"grace"}
    assert await switch_off(http, "/agents/grace", "otto", admin) == (200, "")
    assert await owners(http, picked) == {"otto"}
    assert await load_of(http.desk, "grace") == 0, "nobody works on what is handed over"
    async with http.desk.house.database.read() as session:
        active = {row.slug for row in await session.scalars(select(Agent).where(Agent.active))}
    assert {"olga", "grace"}.isdisjoint(active)
    assert (await http(admin, "POST", "/agents/grace/activate")).status_code == 200
    last = await http.open()
    assert (await http("grace", "POST", f"/cases/{last}/pick")).status_code == 200
    refused = await http(admin, "POST", "/agents/grace/deactivate", {"transfer_to": "full"})
    assert problem(refused) == (409, "transfer-incomplete"), "what nobody took is not passed over in silence"
    assert last in refused.json()["detail"]
    assert (await http(admin, "GET", "/agents/grace")).json()["active"]
    assert await owners(http, [last]) == {"grace"}, "nobody took it, so that it is hers still"
    again = await http(admin, "POST", "/agents/grace/deactivate", {"transfer_to": "full"})
    assert problem(again) == (409, "transfer-incomplete"), "asked again it is not passed over either"
    assert last in again.json()["detail"]
    assert await switch_off(http, "/agents/grace", "otto", admin) == (200, "")
    assert await owners(http, [last]) == {"otto"}, "somebody else may take it in the next request"
    assert (await http(admin, "POST", "/agents/grace/activate")).status_code == 200


async def teams(http: Http) -> None:
    numbers = await given(http, 2, "assign", {"team": "night"})
    assert await switch_off(http, "/teams/night", None) == (409, "transfer-needed")
    assert await switch_off(http, "/teams/night", "lab") == (200, ""), "another team"
    assert await owners(http, numbers) == {"lab"}


async def queues(http: Http) -> None:
    numbers = await given(http, 3, "route", {"queue": "old"})
    assert await switch_off(http, "/queues/old", None) == (409, "transfer-needed")
    assert await switch_off(http, "/queues/old", "new") == (200, "")
    cases = [(await http("mona", "GET", f"/cases/{number}")).json() for number in numbers]
    assert {case["queue"]["slug"] if isinstance(case["queue"], dict) else case["queue"] for case in cases} == {"new"}
    assert await switch_off(http, "/queues/old", "new") == (200, ""), "asked again it stays off"


async def what_is_refused(http: Http) -> None:
    for path, to in (("/queues/new", "new"), ("/queues/new", "nowhere"), ("/queues/new", "otto")):
        assert await switch_off(http, path, to) == (422, "invalid"), (path, to)
    named = await http("mona", "POST", "/queues/standard/deactivate", {"transfer_to": "new"})
    assert problem(named) == (409, "in-use")
    assert "routing rule set 'by-tier' at rules[1].queue" in named.json()["detail"]
    watched = await http("mona", "POST", "/queues/inbox/deactivate", {"transfer_to": "new"})
    assert "mailbox 'support' at queue" in watched.json()["detail"]
    assert "record creation rule 'mail-to-support' at queue" in watched.json()["detail"]
    owner = await http("ada", "POST", "/agents/mona/deactivate", {"transfer_to": "otto"})
    assert problem(owner) == (409, "in-use")
    assert "record creation rule 'mail-to-support' at owner" in owner.json()["detail"]
    assert await switch_off(http, "/queues/new", "gold", "sam") == (403, "forbidden")


async def cases_that_come_meanwhile(http: Http) -> None:
    numbers = await given(http, 4, "assign", {"agent": "nina"})
    late = [await http.open() for _ in range(3)]

    async def more() -> None:
        for number in late:
            await http("mona", "POST", f"/cases/{number}/assign", {"agent": "nina"})

    answer, _ = await asyncio.gather(switch_off(http, "/agents/nina", "otto", "ada"), more())
    if answer != (200, ""):
        assert answer[0] == 409
        assert await switch_off(http, "/agents/nina", "otto", "ada") == (200, "")
    assert "nina" not in await owners(http, [*numbers, *late])
