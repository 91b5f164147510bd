"""No parameter of an address is passed over: a misspelt filter would list everything. Of every route of the table."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import World
from tests.api.route_table import ask, path_of, routes
from tests.api.test_hostile_parameters import parameters
from tests.support.asking import problem

PAGES = {"/docs"}
"""For browsers."""
SEVERAL = {("list_cases", "status"), ("list_articles", "status"), ("search", "kind"), ("search", "status")}
"""What may be given several times."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """A query is looked at before any row."""
    return sqlite_url


def error(answer: Any) -> tuple[str, str]:
    assert problem(answer) == (422, "invalid"), answer.text
    (only,) = answer.json()["errors"]
    return only["field"], only["rule"]


async def test_every_route_names_a_parameter_that_it_does_not_know(world: World) -> None:
    async with world.http("ada") as http:
        described = (await http.get("/openapi.json")).json()
        for route in routes(world):
            if route.path in PAGES:
                continue
            known = {name for place, name in parameters(described, str(route.operation_id)) if place == "query"}
            for method in route.methods or ():
                answer = await ask(http, route, method, f"{path_of(route)}?zzz=1")
                field, rule = error(answer)
                assert field == "zzz", route.path
                assert all(name in rule for name in known), route.path
                assert "did you mean" not in rule


async def test_of_a_misspelt_parameter_the_known_one_is_told(world: World) -> None:
    async with world.http("ada") as http:
        described, asked = (await http.get("/openapi.json")).json(), 0
        for route in routes(world):
            operation = str(route.operation_id)
            for place, name in parameters(described, operation):
                if place != "query" or name == "q":
                    continue
                for misspelt in (f"{name}s", name.upper(), name[:-1], f"{name}[]"):
                    method = min(route.methods or ())
                    answer = await ask(http, route, method, f"{path_of(route)}?{misspelt}=1")
                    assert error(answer)[0] == misspelt
                    assert error(answer)[1].endswith(f"did you mean {name!r}?"), (route.path, misspelt, answer.text)
                    asked += 1
    assert asked > 150


async def test_a_parameter_that_counts_once_is_given_once(world: World) -> None:
    async with world.http("ada") as http:
        described, asked = (await http.get("/openapi.json")).json(), 0
        for route in routes(world):
            operation = str(route.operation_id)
            for place, name in parameters(described, operation):
                if place == "query" and (operation, name) not in SEVERAL:
                    method = min(route.methods or ())
                    answer = await ask(http, route, method, f"{path_of(route)}?{name}=1&{name}=1")
                    assert error(answer) == (name, "is given twice"), route.path
                    asked += 1
        assert asked > 50
        twice = await http.get("/api/v1/cases?status=active&status=resolved")
        assert twice.status_code == 200


async def test_what_is_repeated_of_a_name_is_short(world: World) -> None:
    async with world.http("ada") as http:
        for name in ("x" * 5000, "%00", "%ED%A0%80", "a%0d%0ab", "", "<script>"):
            answer = await http.get(f"/api/v1/cases?{name}=1")
            assert problem(answer) == (422, "invalid"), name
            assert len(answer.text) < 800
