"""Who owns a case and who works on it: assigned to whom, by whom, over whom, and where the capacity goes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import update

from desk.identity import create_token
from models.messages.reference import Role
from models.records.reference import Agent
from tests.support.asking import Http, asked, problem
from tests.support.desks import OPENED_ON, DeskFactory
from tests.support.organisations import add, load_of, settings

pytestmark = pytest.mark.usefixtures("patience")

PEOPLE = [
    {"slug": "kim", "name": "Kim", "email": "kim@desk.example", "roles": ["knowledge-manager"]},
    {"slug": "olaf", "name": "Olaf", "email": "olaf@desk.example", "roles": ["agent"]},
]


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk() as desk:
        await add(desk, {"agents": PEOPLE})
        async with asked(desk) as made:
            async with desk.house.database.write() as session:
                token = await create_token(session, "olaf", Role.AGENT, actor="test", now=OPENED_ON)
            made.agents["olaf"] = httpx.AsyncClient(
                transport=made.agents["grace"]._transport,
                base_url="http://caseloom",
                headers={"Authorization": f"Bearer {token}"},
                timeout=60,
            )
            yield made


async def picked(http: Http, by: str = "grace") -> str:
    number = await http.open()
    assert (await http(by, "POST", f"/cases/{number}/pick")).status_code == 200
    return number


async def seen(http: Http, number: str) -> tuple[str | None, str | None]:
    """Slugs of the owner and of who works on it."""
    case = (await http("mona", "GET", f"/cases/{number}")).json()
    return case["owner"] and case["owner"]["slug"], case["worked_by"]


async def loads(http: Http, *slugs: str) -> list[int]:
    return [await load_of(http.desk, slug) for slug in slugs]


async def test_the_worker_follows_the_owner_and_capacity_the_worker(http: Http) -> None:
    number = await picked(http)
    assert await loads(http, "grace", "sam") == [1, 0]
    assert (await http("mona", "POST", f"/cases/{number}/assign", {"agent": "sam"})).status_code == 200
    assert await seen(http, number) == ("sam", "sam")
    assert await loads(http, "grace", "sam") == [0, 1]
    # To the one who works on it already: nothing moves, although sam is full.
    assert (await http("mona", "POST", f"/cases/{number}/assign", {"agent": "sam"})).status_code == 200
    assert await loads(http, "grace", "sam") == [0, 1]
    # To a team: grace belongs to the lab, sam does not.
    assert (await http("mona", "POST", f"/cases/{number}/assign", {"team": "lab"})).status_code == 200
    assert await seen(http, number) == ("lab", None)
    assert await loads(http, "grace", "sam") == [0, 0]
    await http("grace", "POST", f"/cases/{number}/pick")
    assert (await http("mona", "POST", f"/cases/{number}/assign", {"team": "lab"})).status_code == 200
    assert await seen(http, number) == ("lab", "grace")
    await http("grace", "POST", f"/cases/{number}/resolve", {"resolution": "Done."})
    assert await loads(http, "grace", "sam") == [0, 0]


async def test_to_whom_nothing_is_assigned(http: Http) -> None:
    full = await picked(http, "sam")
    number, waiting = await picked(http), await http.open()
    async with http.desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "ada").values(active=False))
    for agent, answered in (
        ("kim", (422, "invalid")),
        ("ada", (422, "invalid")),
        ("nobody", (422, "invalid")),
        ("sam", (409, "no-capacity")),
    ):
        for case in (number, waiting):
            answer = await http("mona", "POST", f"/cases/{case}/assign", {"agent": agent})
            assert problem(answer) == answered, (agent, case)
            if answered[0] == 422:
                assert answer.json()["errors"][0]["field"] == "/agent"
    assert await seen(http, number) == ("grace", "grace")
    assert await seen(http, waiting) == (None, None)
    assert await loads(http, "grace", "sam") == [1, 1]
    await http("sam", "POST", f"/cases/{full}/release")
    assert (await http("mona", "POST", f"/cases/{waiting}/assign", {"agent": "sam"})).status_code == 200
    assert await seen(http, waiting) == ("sam", None), "who owns it need not work on it yet"
    assert await loads(http, "grace", "sam") == [1, 0]


OVER = (
    ("assign", {"agent": "olaf"}),
    ("assign", {"team": "lab"}),
    ("release", None),
    ("route", {"queue": "standard"}),
    ("remove-from-queue", None),
    ("apply-routing", None),
)


@pytest.mark.parametrize(
    ("take_over", "may"),
    [("anybody", {"olaf", "grace", "mona"}), ("members", {"grace", "mona"}), ("managers", {"mona"})],
)
async def test_who_may_dispose_of_a_case_that_another_works_on(http: Http, take_over: str, may: set[str]) -> None:
    await settings(http.desk, take_over=take_over)
    await add(http.desk, {"agents": [{"slug": "sam", "name": "Sam", "email": "sam@desk.example", "capacity": 100}]})
    for who in ("olaf", "grace", "mona"):
        for verb, body in OVER:
            number = await picked(http, "sam")
            answer = await http(who, "POST", f"/cases/{number}/{verb}", body)
            if who in may:
                assert answer.status_code == 200, (who, verb, answer.text)
                owner, worker = await seen(http, number)
                assert worker in (None, owner), "nobody works on what another agent owns"
            else:
                assert problem(answer) == (403, "not-a-member"), (who, verb)
                assert await seen(http, number) == ("sam", "sam")
                assert (await http("sam", "POST", f"/cases/{number}/{verb}", body)).status_code == 200, "their own"
    # Where nobody works on it, anybody may, whatever the setting says.
    number = await http.open()
    assert (await http("olaf", "POST", f"/cases/{number}/assign", {"agent": "olaf"})).status_code == 200


async def test_where_a_queue_lists_no_members_everybody_belongs_to_it(http: Http) -> None:
    number = await picked(http, "sam")
    await http("sam", "POST", f"/cases/{number}/route", {"queue": "inbox"})
    await http("sam", "POST", f"/cases/{number}/pick")
    assert (await http("olaf", "POST", f"/cases/{number}/assign", {"agent": "olaf"})).status_code == 200
    assert await seen(http, number) == ("olaf", "olaf")


async def test_a_rule_gives_nothing_to_somebody_who_was_deactivated_since(http: Http) -> None:
    rules = [{"name": "All", "agent": "olaf"}]
    await add(http.desk, {"routing_rule_sets": [{"slug": "to-olaf", "name": "To Olaf", "rules": rules}]})
    assert await seen(http, await http.open()) == ("olaf", None)
    async with http.desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "olaf").values(active=False))
    assert await seen(http, await http.open()) == (None, None)
