"""`GET /figures`: the day's page, one figure of a period, the cases behind it, CSV; who sees what, and what is refused."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import httpx
import pytest

from models.records.base import new_id
from models.records.cases import CaseResolution
from storage.figures.registry import FIGURES
from storage.figures.sweep import FigureSweep
from tests.api.conftest import AT, World

WEEK: dict[str, Any] = {"from": "2031-03-03", "to": "2031-03-10"}
DAY: dict[str, Any] = {"day": "2031-03-03"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """That figures are the same on both databases is tested in tests/storage/figures."""
    return sqlite_url


async def filled(world: World) -> None:
    """Two cases in `support`, one of them resolved by carl; one that is private to berta, resolved by her."""
    open_one = await world.case(priority="high")
    solved, inner = await world.case(title="=1+1"), await world.case("inner", priority="of-old")
    async with world.house.database.write() as session:
        for case, who, hours in ((solved, "carl", 2), (inner, "berta", 4)):
            session.add(
                CaseResolution(
                    id=new_id(),
                    case_id=case.id,
                    life=0,
                    resolution_type="problem-solved",
                    resolution="Told.",
                    total_minutes=5,
                    billable_minutes=0,
                    resolved_on=AT + timedelta(hours=hours),
                    agent_id=world.agents[who],
                )
            )
    assert open_one.priority == "high"
    sweep = FigureSweep(world.house.database, world.house.definitions, every=0)
    while await sweep.sweep():
        pass


async def get(http: httpx.AsyncClient, path: str, status: int = 200, /, **asked: Any) -> Any:
    answer = await http.get(f"/api/v1/figures{path}", params=asked)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_figures_are_read_down_to_their_cases_within_sight(world: World) -> None:
    await filled(world)
    async with world.http("mona") as http:
        await of_a_manager(http)
        await refusals(http)
        answer = await http.get("/api/v1/figures/resolved", params={**WEEK, "by": "agent", "format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(StringIO(answer.text)))
    assert [(line["key"], line["value"]) for line in lines] == [("", "2"), ("berta", "1"), ("carl", "1")]
    async with world.http("carl") as http:
        await of_an_agent_of_whom_a_queue_is_hidden(http)
    async with world.http("berta") as http:
        seen = await get(http, "/resolved", **WEEK, by="agent")
        page = await get(http, "", **DAY, by="agent")
    assert (seen["value"], [each["key"] for each in seen["groups"]]) == (1, ["berta"]), "of agents they see themselves"
    resolved = next(each for each in page["items"] if each["name"] == "resolved")
    assert (resolved["value"], [each["key"] for each in resolved["groups"]]) == (2, ["berta"])


async def of_a_manager(http: httpx.AsyncClient) -> None:
    told = await get(http, "/definitions")
    assert [each["name"] for each in told["items"]] == [figure.name for figure in FIGURES]
    page = {each["name"]: each for each in (await get(http, "", **DAY, by="queue"))["items"]}
    assert (page["incoming"]["value"], page["incoming"]["before"], page["incoming"]["change"]) == (3, 0, 3)
    assert {each["key"]: each["value"] for each in page["incoming"]["groups"]} == {"support": 2, "inner": 1}
    assert page["resolution-time"]["median"] == 2 * 3600
    found = await get(http, "/resolution-time", **WEEK)
    assert (found["value"], found["denominator"], found["p90"]) == (3 * 3600, 2, 4 * 3600)
    assert (found["from"], found["to"], found["time_zone"]) == ("2031-03-03", "2031-03-10", "UTC")
    assert found["words"].startswith("From the opening")
    why = await get(http, "/resolution-time/why", **WEEK, queue="support")
    assert (why["value"], why["recount"]["value"], why["agrees"], why["cases"]) == (2 * 3600, 2 * 3600, True, 1)
    assert (why["filters"], why["from"], why["to"], why["sight"]) == (
        *({"queue": "support"}, "2031-03-03", "2031-03-10", "all cases"),
    )
    high = await get(http, "/incoming", **WEEK, priority="high", queue="support", channel="phone", customer="ito-works")
    assert high["value"] == 1
    assert (await get(http, "/backlog", **WEEK))["value"] == 3, "the rows say that they are open"
    earlier = await get(http, "/backlog", **WEEK, at="2031-03-03T08:59:59Z")
    assert (earlier["value"], (await get(http, "/backlog", **WEEK, at="2031-03-03T09:00:00Z"))["value"]) == (0, 3)
    behind = await get(http, "/resolved/cases", **WEEK, limit=1)
    rest = await get(http, "/resolved/cases", **WEEK, limit=1, cursor=behind["next"])
    assert [each["agent"] for each in (*behind["items"], *rest["items"])] == ["carl", "berta"]
    assert rest["next"] is None
    for figure in FIGURES:
        cases = (await get(http, f"/{figure.name}/cases", **WEEK))["items"]
        whole = await get(http, f"/{figure.name}", **WEEK)
        assert sum(each["numerator"] for each in cases) == whole["numerator"], figure.name
        counted = (await get(http, f"/{figure.name}/cases", **WEEK, part="numerator"))["items"]
        assert counted == [each for each in cases if each["numerator"]]


async def of_an_agent_of_whom_a_queue_is_hidden(http: httpx.AsyncClient) -> None:
    assert (await get(http, "/resolved", **WEEK))["value"] == 1
    assert [each["agent"] for each in (await get(http, "/resolved/cases", **WEEK))["items"]] == ["carl"]
    page = {each["name"]: each for each in (await get(http, "", **DAY, by="queue"))["items"]}
    assert (page["incoming"]["value"], [each["key"] for each in page["incoming"]["groups"]]) == (2, ["support"])
    assert "inner" in (await get(http, "/resolved", 422, **WEEK, queue="inner"))["detail"]
    assert (await get(http, "/resolved", 403, **WEEK, agent="berta"))["type"] == "/problems/forbidden"
    why = await get(http, "/resolved/why", **WEEK)
    assert (why["value"], why["recount"]["numerator"], why["cases"]) == (1, 1, 1)
    assert (why["agrees"], why["sight"]) == (True, "the cases that you may see")
    assert (await get(http, "/resolved", **WEEK, agent="carl"))["value"] == 1


async def refusals(http: httpx.AsyncClient) -> None:
    assert "did you mean 'resolved'" in (await get(http, "/resolvd", 404, **WEEK))["detail"]
    assert (await get(http, "/resolved/why", 422, **(WEEK | {"to": "2031-03-03"})))["type"] == "/problems/invalid"
    wrong: tuple[dict[str, Any], ...] = (
        {"to": "2031-03-03"},
        {"to": "2051-03-03"},
        {"to": "2040-03-03", "by": "day"},
        {"agent": "nobody"},
        {"customer": "nobody"},
        {"queue": "nothing"},
        {"priority": "hihg"},
        {"channel": "smoke"},
        {"product": "nothing"},
        {"outcome": "picked"},
        {"kind": "nothing"},
        {"stage": "nothing"},
        {"by": "weather"},
        {"part": "numerator"},
        {"at": "2031-03-04T09:00:00Z"},
    )
    for asked in wrong:
        field = next(iter(asked)) if len(asked) == 1 else "by"
        assert field in (await get(http, "/resolved", 422, **(WEEK | asked)))["detail"], asked
    assert "by" in (await get(http, "", 422, **DAY, by="customer"))["detail"]
    # What would do is named; what no figure of this kind has is said so.
    assert "first-contact-reopened" in (await get(http, "/resolved", 422, **WEEK, outcome="frist-contact"))["detail"]
    assert "outcome" in (await get(http, "/contacts/cases", 422, **WEEK, outcome="picked"))["detail"]
    assert "phone-call" in (await get(http, "/handle-time/why", 422, **WEEK, kind="fax"))["detail"]
    # A word that the organisation has no more is one as long as facts have it: each group can be asked for.
    assert (await get(http, "/incoming", **WEEK, priority="of-old"))["value"] == 1
    assert (await get(http, "/resolved", **WEEK, outcome="first-contact", kind="problem-solved"))["value"] == 2
