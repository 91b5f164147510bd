"""Generated from the route table, so that a new route cannot escape it: every route without a token, and in every role.

A route without a row in `ROWS` fails the first test. What is out of sight is asked for in `test_sight.py`.
"""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import RouteContext
from sqlalchemy import update

from api.auth import current_identity, roles_asked
from desk.identity import create_token, revoke, token_id
from models.messages.reference import Role
from models.records.base import new_id
from models.records.reference import Agent
from tests.api.conftest import AT, World
from tests.api.route_table import BODIES, OPEN, ROWS, TOKEN_OF, ask, path_of, protected, routes


def calls(route: RouteContext) -> set[Any]:
    """Everything that is called before the route's own function."""
    waiting, found = [route.dependant], set()
    while waiting:
        dependant = waiting.pop()
        found.add(dependant.call)
        waiting += dependant.dependencies
    return found


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Who may ask does not depend on the database."""
    return sqlite_url


# ---- the table -------------------------------------------------------------------------------------------------------


async def test_every_route_has_its_row(world: World) -> None:
    assert {str(route.operation_id) for route in routes(world) if route.path not in OPEN} == set(ROWS)


async def test_every_route_says_its_roles(world: World) -> None:
    for route, _, _, row in protected(world):
        asked = roles_asked(calls(route))
        said = frozenset(Role).intersection(*map(frozenset, asked)) if asked else frozenset(Role)
        assert said == row.roles, route.operation_id


async def test_only_the_open_list_is_open(world: World) -> None:
    for route in routes(world):
        assert (route.path in OPEN) != (current_identity in calls(route)), route.path


# ---- without a token -------------------------------------------------------------------------------------------------


async def tokens_that_open_nothing(world: World) -> dict[str, str]:
    """Of an agent who was deactivated, one whose role was taken, and one that was revoked."""
    house, found = world.house, {}
    async with house.database.write() as session:
        for slug in ("gone", "demoted", "revoked"):
            session.add(Agent(id=new_id(), slug=slug, name=slug, email=f"{slug}@x.example", roles=["administrator"]))
            await session.flush()
            found[slug] = await create_token(session, slug, Role.ADMINISTRATOR, actor="test", now=AT)
        await session.execute(update(Agent).where(Agent.slug == "gone").values(active=False))
        await session.execute(update(Agent).where(Agent.slug == "demoted").values(roles=["agent"]))
        revoked = await token_id(session, found["revoked"])
        assert revoked is not None
        await revoke(session, revoked, actor="test", now=AT)
    return found


async def test_every_route_without_a_token_is_401_whatever_else_is_wrong(world: World) -> None:
    """Before its address, its headers and its body are looked at."""
    dead = await tokens_that_open_nothing(world)
    authorizations: list[dict[bytes, bytes]] = [
        {},
        {b"Authorization": b"Bearer"},
        {b"Authorization": b"Bearer " + b"x" * 5000},
        {b"Authorization": b"Basic YTpi"},
        {b"Authorization": b"Basic /w=="},
        {b"Authorization": "Bearer é€".encode()},
        {b"Authorization": b"Bearer \xff\xfe"},
        *({b"Authorization": f"Bearer {token}".encode()} for token in dead.values()),
    ]
    contents = (b"{", b"\xff", b"[" * 5000, b'{"x": NaN}', b"", b"x" * 3_000_000)
    async with world.http(None) as http:
        for position, (route, operation, method, _) in enumerate(protected(world)):
            for turn, authorization in enumerate(authorizations):
                if turn and (turn + position) % 3:
                    continue  # each route meets none, and some; each of them meets many routes
                content = contents[(position + turn) % len(contents)] if method != "GET" else b""
                kind = b"multipart/form-data" if operation == "upload_attachment" else b"application/json"
                headers = authorization | {b"Content-Type": kind, b"If-Match": b"wrong", b"Idempotency-Key": b"\xff"}
                path = path_of(route) if turn % 2 else path_of(route, number="no%20number", id="no-id", key="%00")
                answer = await http.request(method, f"{path}?limit=many", content=content, headers=headers)
                assert answer.status_code == 401, f"{method} {path} {authorization} {answer.text}"
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["www-authenticate"] == "Bearer"


# ---- in each role ----------------------------------------------------------------------------------------------------


async def test_every_route_answers_its_roles_and_refuses_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.opening.OPEN_WITHIN", 0.0)
    refused = 0
    for role, who in TOKEN_OF.items():
        async with world.http(who) as http:
            for route, operation, method, row in protected(world):
                answer = await ask(http, route, method, path_of(route))
                what = f"{method} {route.path} as {role}: {answer.status_code} {answer.text[:200]}"
                assert answer.status_code < 500, what
                assert answer.status_code != 401, what
                if operation in BODIES and operation.startswith("create_"):
                    assert answer.status_code != 422, f"{what}: the body is no valid one, so that its role is not seen"
                if role in row.roles:
                    assert answer.status_code != 403, what
                else:
                    assert answer.status_code == 403, what
                    refused += 1
    assert refused > 150


async def test_a_role_is_looked_at_before_address_query_headers_and_body(world: World) -> None:
    """403 says nothing of what was asked, and 422 nothing of a route that is not this role's."""
    contents = (b"{", b"[]", b'{"surplus": 1}', b"", b"\xff", b"[" * 5000)
    refused = 0
    for role, who in TOKEN_OF.items():
        async with world.http(who) as http:
            for position, (route, _, method, row) in enumerate(protected(world)):
                if role in row.roles:
                    continue
                path = path_of(route) if position % 2 else path_of(route, number="no%20number", id="no-id", key="%00")
                headers = {"Content-Type": "application/json", "If-Match": "wrong", "Idempotency-Key": ""}
                content = contents[position % len(contents)] if method != "GET" else b""
                answer = await http.request(method, f"{path}?limit=many&statuss=1", content=content, headers=headers)
                assert answer.status_code == 403, f"{method} {path} as {role}: {answer.text}"
                assert answer.json()["type"] == "/problems/forbidden"
                refused += 1
    assert refused > 150
