"""A short run of the fuzzer of the API, and that it would find something; a long one: python -m tests.fuzz.api."""

from __future__ import annotations

from random import Random
from typing import Any
from unittest.mock import MagicMock

import httpx
import pytest
from pydantic import TypeAdapter, ValidationError

from api.app import create_app
from models.messages.slas import SlaDefinition
from tests.fuzz.api.calls import faults, prepared
from tests.fuzz.api.documents import Documents, Leaves
from tests.fuzz.api.knowledge import Knowledge
from tests.fuzz.api.requests import PREFIX, Drawn, Requests
from tests.fuzz.api.run import Fuzz
from tests.fuzz.api.values import Raw, write
from tests.fuzz.api.watch import Watch
from tests.support.desks import DeskFactory

SEED = 3
CALLS = 300


async def test_a_short_run(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, Fuzz.of(desk, SEED) as fuzz:
        report = await fuzz.run(CALLS, every=CALLS)
    assert report.problems == []
    assert report.calls == CALLS
    assert len(report.routes) > 100, "calls of many routes"
    assert sum(report.done.values()) > CALLS / 5, "and a good part of them is done"
    assert report.noted, "cases were asked whether they are frozen"


@pytest.fixture(scope="module")
def description() -> Any:
    return create_app(MagicMock()).openapi()


def test_a_request_follows_from_seed_and_number(description: Any) -> None:
    def drawn(seed: int) -> list[Drawn]:
        requests = Requests(description, seed)
        return [requests.draw(number) for number in range(30)]

    assert drawn(SEED) == drawn(SEED)
    assert drawn(SEED) != drawn(SEED + 1)


def test_every_route_that_writes_is_drawn(description: Any) -> None:
    requests = Requests(description, SEED)
    writing = {(route.method, route.path) for route in requests.routes if route.method != "GET"}
    assert len(writing) > 100
    assert writing <= {(drawn.route.method, drawn.route.path) for drawn in map(requests.draw, range(3000))}


def test_documents_keep_to_their_schema_often_enough(description: Any) -> None:
    components = description["components"]["schemas"]
    model, leaves = TypeAdapter(SlaDefinition), Leaves(SEED)
    good = 0
    for number in range(200):
        make = Documents(Random(number), components, leaves)
        text = write(Knowledge().resolved(make.body({"$ref": "#/components/schemas/SlaDefinition"})))
        try:
            model.validate_json(text)
        except ValidationError:
            continue
        good += 1
    assert 20 < good < 180, "some are right, and some are not"


def answered(status: int, **problem: Any) -> httpx.Response:
    body = {"type": "/problems/invalid", "status": status, **problem}
    return httpx.Response(status, json=body, headers={"content-type": "application/problem+json"})


def notes(requests: Requests, body: Any) -> Any:
    route = next(each for each in requests.routes if each.path == f"{PREFIX}/cases/{{number}}/notes")
    return prepared(Drawn(route, "grace", {"number": "CAS-1"}, body=body), Knowledge(), None)


def test_what_is_wrong_with_an_answer_is_said(description: Any) -> None:
    sent = notes(Requests(description, SEED), {"text": "a", "more": [{"deep": Raw("1E+1000000")}]})
    assert sent.curl().endswith('\'{"text":"a","more":[{"deep":1E+1000000}]}\' /api/v1/cases/CAS-1/notes')
    for field in ("/text", "/more/0/deep", "/more/0/missing", "", "If-Match", "number"):
        assert faults(sent, answered(422, errors=[{"field": field, "rule": "is wrong"}])) == [], field
    for field in ("/more/1", "/text/x", "/function-after[_check(), Clause]/x", "/a/b", "status.0"):
        (fault,) = faults(sent, answered(422, errors=[{"field": field, "rule": "is wrong"}]))[-1:]
        assert "was not sent" in fault, field
    assert "no field is named" in faults(sent, answered(422, errors=[]))[0]
    assert faults(sent, answered(500))[0].startswith("500")
    assert faults(sent, answered(503))[0].startswith("503")
    assert "is no problem" in faults(sent, httpx.Response(404, json={}))[0]
    assert "a problem of" in faults(sent, answered(409, detail="x" * 30_000))[0]
    assert faults(sent, httpx.Response(200, json={})) == []


async def test_what_cannot_be_read_or_takes_no_note_is_told(description: Any) -> None:
    async def ask(method: str, path: str, body: Any = None) -> httpx.Response:
        if path.startswith("/slas/bad") or method == "POST":
            return answered(500)
        if path.startswith("/slas?") or path == "/slas":
            return httpx.Response(200, json={"items": [{"slug": "good"}, {"slug": "bad"}], "next": None})
        if path == "/incidents":
            return httpx.Response(200, json={"items": [{"case": "CAS-1", "step": "note"}], "next": None})
        return httpx.Response(200, json={"status": "active"})

    watch = Watch(Requests(description, SEED).routes, ask)
    await watch.everything_is_readable(["CAS-1"])
    assert {problem.split(" cannot")[0] for problem in watch.problems} == {"GET /slas/bad", "GET /slas/bad/versions"}
    watch.problems.clear()
    await watch.no_case_is_frozen(["CAS-1"])
    await watch.nothing_is_set_aside()
    assert ["CAS-1 took no note" in watch.problems[0], "incident: case=CAS-1" in watch.problems[1]] == [True, True]
