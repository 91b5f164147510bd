"""Every error is a problem, wherever it comes from, and none tells how we are built."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError, OperationalError

from api.app import create_app
from api.middleware import BODY_LIMIT
from api.problems import MEDIA_TYPE, install, pointer
from models.messages.base import PATTERNS
from tests.api.conftest import World


@pytest.mark.parametrize(
    ("given", "shown"),
    [("title", "/title"), ("rules[1].queue", "/rules/1/queue"), ("If-Match", "If-Match"), ("", ""), ("a/b", "/a~1b")],
)
def test_pointer(given: str, shown: str) -> None:
    assert pointer(given) == shown


def patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from patterns(each)


def test_nobody_has_to_read_a_pattern() -> None:
    """For that of every field and parameter there is a sentence."""
    assert set(patterns(create_app(MagicMock()).openapi())) - set(PATTERNS) == set()


class _StartingUp(Exception):
    sqlstate = "57P03"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("SELECT 1", {}, Exception("secret")), 503),
        (DBAPIError("SELECT 1", {}, _StartingUp("secret")), 503),
        (ConnectionRefusedError("secret"), 503),
        (DBAPIError("SELECT 1", {}, Exception("secret")), 500),
    ],
)
async def test_a_database_that_is_away_is_to_be_tried_again(error: Exception, status: int) -> None:
    app = FastAPI()
    install(app)

    @app.get("/")
    async def fail() -> None:
        raise error

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house") as http:
        answer = await http.get("/")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, "5" if status == 503 else None)
    assert "secret" not in answer.text


async def test_an_unknown_address_and_an_unoffered_method_are_problems(world: World) -> None:
    async with world.http() as http:
        unknown, unoffered = await http.get("/api/v1/nothing"), await http.delete("/api/v1/cases")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, MEDIA_TYPE)
    assert (unoffered.status_code, unoffered.headers["content-type"]) == (405, MEDIA_TYPE)
    assert "allow" in unoffered.headers


async def test_each_wrong_field_is_pointed_at_and_never_repeated(world: World) -> None:
    async with world.http() as http:
        body = {"title": "a\nb", "customer": "NO SLUG", "secret": "hunter2", "custom": {"UP": 1}}
        answer = await http.post("/api/v1/cases", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert {error["field"] for error in answer.json()["errors"]} >= {"/title", "/customer", "/secret"}
    assert "hunter2" not in answer.text


async def test_a_body_that_is_no_json(world: World) -> None:
    async with world.http() as http:
        answer = await http.post("/api/v1/cases", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["rule"] == "the body is not valid JSON"


async def test_a_body_that_is_too_large(world: World) -> None:
    async def endless() -> object:
        for _ in range(2 * BODY_LIMIT // 65536):
            await asyncio.sleep(0)
            yield b"x" * 65536

    async with world.http() as http:
        announced = await http.post("/api/v1/cases", content=b"x" * (BODY_LIMIT + 1))
        streamed = await http.post("/api/v1/cases", content=endless())  # type: ignore[arg-type]
    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert announced.headers["content-type"] == streamed.headers["content-type"] == MEDIA_TYPE


async def test_a_fault_leaks_nothing(world: World) -> None:
    app: FastAPI = world.app

    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError("a secret in a trace")

    async with world.http() as http:
        answer = await http.get("/boom")
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_patch_needs_if_match_and_if_match_is_one_of_ours(world: World) -> None:
    case = await world.case()
    async with world.http() as http:
        url = f"/api/v1/cases/{case.number}"
        missing = await http.patch(url, json={"priority": "high"})
        odd = await http.patch(url, json={"priority": "high"}, headers={"If-Match": '"abc"'})
        stale = await http.patch(url, json={"priority": "high"}, headers={"If-Match": '"v9"'})
    assert (missing.status_code, missing.json()["type"]) == (428, "/problems/if-match-required")
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "If-Match")
    assert (stale.status_code, stale.json()["version"], stale.headers["etag"]) == (412, 1, '"v1"')


async def test_a_key_has_its_bounds(world: World) -> None:
    case = await world.case()
    async with world.http() as http:
        for key in (b"x" * 201, b"a\tb", "é".encode()):
            answer = await http.post(f"/api/v1/cases/{case.number}/pick", headers={b"Idempotency-Key": key})
            assert answer.status_code == 422, key
            assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_the_description_is_complete(world: World) -> None:
    async with world.http(None) as http:
        described = (await http.get("/openapi.json")).json()
        page = await http.get("/docs")
        script = await http.get("/static/swagger-ui/swagger-ui-bundle.js")
    assert described["openapi"].startswith("3.1")
    assert page.status_code == script.status_code == 200
    assert "//" not in page.text, "the page fetches something from elsewhere"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    ids = [op["operationId"] for path in described["paths"].values() for op in path.values()]
    assert len(ids) == len(set(ids))
    assert "Problem" in described["components"]["schemas"]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if not path.startswith("/api/v1/cases"):
                continue
            assert operation.get("summary"), f"{method} {path}"
            assert {"401", "403", "422"} <= set(operation["responses"]), f"{method} {path}"
            for status, response in operation["responses"].items():
                if status[0] in "45":
                    assert list(response["content"]) == [MEDIA_TYPE], f"{method} {path} {status}"


async def test_alive_and_counted(world: World) -> None:
    await world.case(title="A title that no figure tells")
    async with world.http(None) as http:
        health, figures = await http.get("/healthz"), await http.get("/metrics")
        again = await http.get("/metrics")
    assert health.json() == {"ok": True, "database": True, "files": True, "temporal": True}
    assert 'caseloom_cases{state="active"} 1.0' in figures.text
    assert 'caseloom_requests_total{method="GET",route="/metrics",status="200"} 1.0' in again.text
    assert "title that" not in again.text


async def test_no_route_takes_a_body_that_cannot_be_stored(world: World) -> None:
    """Whatever its model allows: an optional body, a patch, a model with defaults alone."""
    asked = 0
    async with world.http("ada") as http:
        described = (await http.get("/openapi.json")).json()
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                if "application/json" not in operation.get("requestBody", {}).get("content", {}):
                    continue
                address = re.sub(r"{[^}]*}", "00000000-0000-0000-0000-000000000000", path)
                headers = {"content-type": "application/json", "if-match": "*"}
                answer = await http.request(method, address, content=b'{"a": [NaN]}', headers=headers)
                assert (answer.status_code, answer.json().get("detail")) == (
                    422,
                    "a[0]: must be a finite number",
                ), f"{method} {path}"
                assert answer.json()["errors"] == [{"field": "/a/0", "rule": "must be a finite number"}]
                asked += 1
    assert asked > 40
