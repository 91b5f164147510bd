"""Generated from the route table, so that a new route cannot escape it: no token, wrong role, someone else's object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args
from uuid import uuid4

from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel

from api.auth import current_identity
from models.messages.reference import Role
from tests.api.conftest import World

FRAMEWORK = {"/openapi.json"}
OPEN = {"/healthz", "/metrics", "/api/v1/healthz", "/api/v1/metrics", "/docs"}
"""What anybody may ask, and nothing else."""

TOKEN_OF = {
    Role.AGENT: "carl",
    Role.MANAGER: "mona",
    Role.ADMINISTRATOR: "ada",
    Role.KNOWLEDGE_MANAGER: "kim",
}


def routes(world: World) -> Iterator[RouteContext]:
    found = [route for route in iter_route_contexts(world.app.routes) if route.methods and route.path not in FRAMEWORK]
    assert len(found) > 30, "the route table is not where this test looks for it"
    yield from found


def calls(route: RouteContext) -> set[Any]:
    """Everything that is called before the route's own function."""
    waiting, found = [route.dependant], set()
    while waiting:
        dependant = waiting.pop()
        found.add(dependant.call)
        waiting += dependant.dependencies
    return found


def roles_of(route: RouteContext) -> set[Role] | None:
    """The roles that may call it; None if any may."""
    allowed = [set(call.roles) for call in calls(route) if hasattr(call, "roles")]
    return set.intersection(*allowed) if allowed else None


def path_of(route: RouteContext, **known: str) -> str:
    """The route's path with something for each parameter that passes its pattern."""
    known = {"number": "CAS-00001-A1B2C3", **known}
    return re.sub(r"\{(\w+)[^}]*\}", lambda name: known.get(name[1], str(uuid4())), route.path or "")


async def test_only_the_open_list_is_open(world: World) -> None:
    for route in routes(world):
        assert (route.path in OPEN) != (current_identity in calls(route)), route.path


async def test_every_route_without_a_token_is_401(world: World) -> None:
    async with world.http(None) as http:
        for route in routes(world):
            if route.path in OPEN:
                continue
            for method in route.methods or ():
                for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}):
                    answer = await http.request(method, path_of(route), headers=headers, json={})
                    assert answer.status_code == 401, f"{method} {route.path}"
                    assert answer.headers["content-type"] == "application/problem+json"
                    assert answer.headers["www-authenticate"] == "Bearer"


async def test_every_route_refuses_every_other_role(world: World) -> None:
    tried = 0
    for route in routes(world):
        if (allowed := roles_of(route)) is None:
            continue
        for role in set(Role) - allowed:
            async with world.http(TOKEN_OF[role]) as http:
                for method in route.methods or ():
                    answer = await http.request(method, path_of(route), json={})
                    assert answer.status_code == 403, f"{method} {route.path} as {role}: {answer.status_code}"
                    tried += 1
    assert tried > 30


async def test_an_agent_writes_no_reference_data(world: World) -> None:
    tried = 0
    async with world.http("carl") as http:
        for route in routes(world):
            if route.path in OPEN or roles_of(route) is not None:
                continue
            for method in (route.methods or set()) - {"GET", "HEAD"}:
                answer = await http.request(method, path_of(route), json={}, headers={"If-Match": '"v1"'})
                assert answer.status_code in (403, 404, 422), f"{method} {route.path}: {answer.status_code}"
                tried += 1
    assert tried > 30


async def test_every_route_of_a_case_hides_what_a_private_queue_hides(world: World) -> None:
    case = await world.case("inner")
    tried = 0
    async with world.http("carl") as http:
        for route in routes(world):
            if "{number}" not in (route.path or ""):
                continue
            for method in route.methods or ():
                path = path_of(route, number=case.number)
                answer = await http.request(method, path, json=example_of(route), headers={"If-Match": '"v1"'})
                assert answer.status_code == 404, f"{method} {route.path}: {answer.status_code} {answer.text}"
                assert answer.json()["detail"] == f"there is no case '{case.number}'"
                tried += 1
    assert tried > 20


def example_of(route: RouteContext) -> Any:
    """A valid body: the example that the route's description gives."""
    if route.body_field is None:
        return None
    known: dict[str, Any] = {"assign": {"agent": "berta"}, "route": {"queue": "support"}}
    if (body := known.get((route.path or "").rpartition("/")[2])) is not None:
        return body
    annotation = route.body_field.field_info.annotation
    candidates = (annotation, *get_args(annotation))
    model = next(each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel))
    return model.model_json_schema()["examples"][0]
