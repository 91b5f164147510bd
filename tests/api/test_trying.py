"""`POST .../{id}/try` of a record creation rule and of an SLA, over HTTP: who may, what is answered, what is refused."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from desk.trying import slas
from models.records.base import new_id
from models.records.reference import DefinitionRecord
from tests.api.conftest import AT, World

PERIOD = {"from": "2031-01-01T00:00:00Z", "to": "2031-06-01T00:00:00Z"}
SUCCESS = {"all": [{"field": "case.status", "value": "resolved"}]}
RULE = {"slug": "mail", "name": "Mail", "queue": "support", "items": [{"name": "All"}]}
SLA: dict[str, Any] = {
    "slug": "draft",
    "name": "Draft",
    "items": [{"name": "Solved", "kpi": "resolution", "success": SUCCESS, "fail_after": "1 hour"}],
}
KPI = {"slug": "resolution", "name": "Solved"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is found on both databases is tested in tests/desk/trying."""
    return sqlite_url


async def tried(http: httpx.AsyncClient, path: str, **asked: Any) -> httpx.Response:
    return await http.post(f"/api/v1/{path}/try", params={**PERIOD, **asked})


async def test_managers_try_rules_and_slas(world: World) -> None:
    async with world.house.database.write() as session:
        of_nothing = {
            "no-kpi": {**SLA, "items": [{**SLA["items"][0], "kpi": "nothing"}]},
            "no-calendar": {**SLA, "calendar": "nothing"},
            "no-hours": {**SLA, "items": [{**SLA["items"][0], "business_hours": "nothing"}]},
        }
        drafts = [("sla", {**body, "slug": slug}) for slug, body in of_nothing.items()]
        drafts.append(("routing-rule-set", {"slug": "r", "name": "R", "rules": [{"name": "All", "queue": "nothing"}]}))
        for kind, body in (
            *(("record-creation-rule", RULE), ("sla", SLA), ("sla", {**SLA, "slug": "gold"}), ("kpi", KPI)),
            *drafts,
        ):
            in_force = body["slug"] in ("gold", "resolution")
            session.add(
                DefinitionRecord(
                    id=new_id(),
                    kind=kind,
                    slug=body["slug"],
                    version=1,
                    status="active" if in_force else "draft",
                    activated_on=AT if in_force else None,
                    body=body,
                )
            )
    async with world.http("mona") as http:
        rule = await tried(http, "record-creation-rules/mail")
        sla = await tried(http, "slas/draft", instead_of="gold")
        alone = await tried(http, "slas/draft")
        unknown = await tried(http, "slas/draft", instead_of="nothing")
        backwards = await tried(http, "record-creation-rules/mail", to=PERIOD["from"])
        naive = await tried(http, "slas/gold", to="2031-06-01T00:00:00")
        nowhere = await tried(http, "routing-rule-sets/r")
        named = [(await tried(http, f"slas/{slug}", instead_of="gold")).json() for slug in of_nothing]
    assert (rule.status_code, rule.json()["decisions"], rule.json()["complete"]) == (200, 0, True)
    assert (sla.status_code, sla.json()["instead_of"], sla.json()["version"]) == (200, "gold", 1)
    assert (alone.status_code, "instead_of" in alone.text) == (422, True)
    assert (unknown.status_code, "nothing" in unknown.text) == (422, True)
    assert (backwards.status_code, naive.status_code) == (422, 422)
    assert (nowhere.status_code, "there is no active queue 'nothing'" in nowhere.text) == (422, True)
    assert [answer["errors"][0]["field"] for answer in named] == [
        "/items/0/kpi",
        "/calendar",
        "/items/0/business_hours",
    ]


async def test_progress_is_told_line_by_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slas, "AT_ONCE", 1)
    async with world.house.database.write() as session:
        row = {"kind": "sla", "slug": "gold", "version": 1, "status": "active", "activated_on": AT}
        session.add(DefinitionRecord(id=new_id(), **row, body={**SLA, "slug": "gold"}))
        session.add(DefinitionRecord(id=new_id(), **{**row, "kind": "kpi", "slug": "resolution"}, body=KPI))
    for _ in range(3):
        await world.case(sla="gold")
    async with world.http("mona", timeout=30) as http:
        http.headers["accept"] = "application/x-ndjson"
        answer = await tried(http, "slas/gold")
        unknown = await tried(http, "slas/unknown")
        backwards = await tried(http, "slas/gold", to=PERIOD["from"])
    *progress, last = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert [each["looked_at"] for each in progress] == [1, 2, 3]
    assert {datetime.fromisoformat(each["reached"]) for each in progress} == {AT}
    assert (last["slug"], last["cases"], last["uncertain"], last["complete"]) == ("gold", 3, 3, True)
    assert (unknown.status_code, backwards.status_code) == (404, 422), "a refusal is one, however it was asked"
    assert unknown.headers["content-type"].startswith("application/problem+json")
