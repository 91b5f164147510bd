"""`GET /time`: what agents spent on which cases, within a period and within sight."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.records.base import new_id
from models.records.timeline import Activity
from tests.api.conftest import AT, World

PERIOD = {"from": AT.isoformat(), "to": (AT + timedelta(days=1)).isoformat()}


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """PostgreSQL minds what is grouped."""
    url: str = request.getfixturevalue("postgres_url")
    return url


async def spent(world: World, who: str, **asked: Any) -> list[tuple[str, str, int, int]]:
    async with world.http(who) as http:
        answer = await http.get("/api/v1/time", params={**PERIOD, **asked})
    assert answer.status_code == 200, answer.text
    return [(each["agent"], each["case"], each["activities"], each["minutes"]) for each in answer.json()["items"]]


async def test_by_agent_and_case_within_the_period_and_within_sight(world: World) -> None:
    first, inner = await world.case(), await world.case("inner")
    done = [
        (first, "berta", 10, AT),
        (first, "berta", 5, AT + timedelta(hours=1)),
        (first, "carl", 7, AT),
        (inner, "berta", 20, AT),
        (first, "carl", 100, AT + timedelta(days=1)),
        (first, "carl", 100, AT - timedelta(seconds=1)),
    ]
    async with world.house.database.write() as session:
        for case, agent, minutes, at in done:
            given = {"status": "completed", "kind": "phone-call", "title": "Called", "created_on": at, "closed_on": at}
            whose = {"case_id": case.id, "owner_id": world.agents[agent], "duration_minutes": minutes}
            session.add(Activity(id=new_id(), **given, **whose))
        open_one = {"status": "open", "kind": "task", "title": "Call", "created_on": AT, "duration_minutes": 50}
        session.add(Activity(id=new_id(), **open_one, case_id=first.id, owner_id=world.agents["carl"]))
    of_first = [("berta", first.number, 2, 15), ("carl", first.number, 1, 7)]
    assert sorted(await spent(world, "mona")) == sorted([*of_first, ("berta", inner.number, 1, 20)])
    assert await spent(world, "carl") == of_first, "what is private stays so"
    assert await spent(world, "carl", agent="carl") == of_first[1:]
    assert await spent(world, "mona", case=inner.number.lower()) == [("berta", inner.number, 1, 20)]

    async with world.http("mona") as http:
        page = (await http.get("/api/v1/time", params={**PERIOD, "limit": 2})).json()
        rest = (await http.get("/api/v1/time", params={**PERIOD, "limit": 2, "cursor": page["next"]})).json()
        unknown = await http.get("/api/v1/time", params={**PERIOD, "agent": "nobody"})
        nowhere = await http.get("/api/v1/time", params={**PERIOD, "case": "CAS-99999-ABCDEF"})
        backwards = await http.get("/api/v1/time", params={**PERIOD, "to": PERIOD["from"]})
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert (unknown.status_code, "nobody" in unknown.text) == (422, True)
    assert (nowhere.status_code, "there is no case" in nowhere.text) == (422, True), (
        "as every filter that names nothing"
    )
    assert backwards.status_code == 422
    async with world.http("carl") as http:
        hidden = await http.get("/api/v1/time", params={**PERIOD, "case": inner.number})
    assert (hidden.status_code, "there is no case" in hidden.text) == (422, True)
