"""`GET /audit?case=`: who changed what of a case, for who may see it, and without what they may not know of."""

from __future__ import annotations

from typing import Any

import pytest

from models.records.timeline import TimelineEntry
from tests.api.conftest import AT, World


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """That the entries are right on both is tested in tests/cases/test_changes.py."""
    return sqlite_url


async def asked(world: World, who: str, **params: Any) -> tuple[int, Any]:
    async with world.http(who) as http:
        answer = await http.get("/api/v1/audit", params=params)
    return answer.status_code, answer.json()


async def test_it_is_read_by_who_sees_the_case(world: World) -> None:
    hidden = await world.case("inner", title="Secret")
    seen = await world.case("support")
    moved = {"queue": ["inner", "support"], "merged_into": [None, hidden.number], "parent_id": [str(hidden.id), None]}
    entries: tuple[tuple[Any, str, dict[str, Any] | None], ...] = (
        (hidden, "command/0199aabb-0000-7000-8000-000000000001", {"title": ["A", "Secret"]}),
        (seen, "opening/routed", moved),
        (seen, "note", None),
        (seen, "opening/opened", {"status": ["opening", "active"]}),
    )
    async with world.house.database.write() as session:
        for case, key, changes in entries:
            actor = world.agents["berta"] if key.startswith("command/") else None
            told = {"kind": "told", "actor_id": actor, "data": {"rule": "r", "related": hidden.number}}
            session.add(TimelineEntry(case_id=case.id, key=key, at=AT, changes=changes, **told))
            await session.flush()

    status, page = await asked(world, "berta", case=hidden.number)
    assert status == 200
    assert page["items"] == [
        {
            "id": page["items"][0]["id"],
            "at": "2031-03-03T09:00:00Z",
            "actor": "berta",
            "kind": "case",
            "object": hidden.number,
            "action": "told",
            "changes": {"title": ["A", "Secret"]},
            "command": "0199aabb-0000-7000-8000-000000000001",
            "because": {"rule": "r", "related": hidden.number},
        }
    ]
    assert (await asked(world, "carl", case=hidden.number))[0] == 404
    assert (await asked(world, "kim", case=seen.number))[0] == 403
    status, problem = await asked(world, "carl")
    assert (status, problem["detail"][:5]) == (422, "case:")
    assert (await asked(world, "mona", case=seen.number, kind="queue"))[0] == 422
    assert (await asked(world, "mona", kind="queue"))[0] == 200
    status, problem = await asked(world, "mona", kind="nonsense")
    assert (status, problem["errors"][0]["field"]) == (422, "kind"), problem
    assert "queue" in problem["detail"]
    _, problem = await asked(world, "carl", kind="nonsense")
    assert problem["errors"][0]["field"] == "case", "what kinds there are is for managers"

    _, first = await asked(world, "carl", case=seen.number.lower(), limit=1)
    assert [entry["changes"] for entry in first["items"]] == [{"status": ["opening", "active"]}]
    _, second = await asked(world, "carl", case=seen.number, limit=1, cursor=first["next"])
    (entry,) = second["items"]
    assert entry["changes"] == {"queue": [None, "support"], "merged_into": [None, None], "parent_id": [None, None]}
    assert entry["because"] == {"rule": "r", "related": None}
    assert (entry["actor"], entry["command"], second["next"]) == ("system", None, None)
    assert (await asked(world, "mona", case=seen.number))[1]["items"][1]["changes"] == moved
