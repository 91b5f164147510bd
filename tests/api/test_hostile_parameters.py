"""No value of any parameter is a fault of ours: of addresses, queries, cursors and headers, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from api.problems import MEDIA_TYPE
from tests.api.conftest import World
from tests.api.route_table import ask, path_of, protected

HOSTILE = (
    "%00",
    "%ED%A0%80",  # half a surrogate pair
    "%FF%FE",
    quote("\uffff\ufdd0"),  # no characters
    quote("\u202egnp.exe"),
    "%0d%0aSet-Cookie:%20a=b",
    "..%2f..%2fetc%2fpasswd",
    "-1",
    "9" * 400,
    "1e999",
    quote("' OR 1=1 --"),
    quote("{{7*7}}${7*7}%s%n"),
    "__class__.__mro__",
    "owner.password",
    "é" * 300,
    "W10",  # the cursor `[]`
    "WyJuZXh0X2R1ZSIsIjAwMDEtMDEtMDFUMDA6MDA6MDArMTQ6MDAiLCIwIl0",
    "WyJudW1iZXIiLCJcdWQ4MDAiLCIwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCJd",
    "WyJ0aW1lbGluZSIsbnVsbCwiMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAiXQ",
)


def parameters(described: dict[str, Any], operation: str) -> Iterator[tuple[str, str]]:
    for path in described["paths"].values():
        for each in path.values():
            if each.get("operationId") == operation:
                yield from ((one["in"], one["name"]) for one in each.get("parameters", ()))


async def test_no_value_of_any_parameter_is_a_fault_of_ours(world: World) -> None:
    """Paths, queries, cursors and headers of every route: an error that says so, or an answer."""
    case = await world.case(queue=None)  # of no queue, from which somebody would pick it: see below
    asked = 0
    async with world.http("ada") as http:
        described = (await http.get("/openapi.json")).json()
        for route, operation, method, _ in protected(world):
            for position, (place, name) in enumerate(parameters(described, operation)):
                for turn, value in enumerate(HOSTILE):
                    # Each parameter meets some of them, and each of them every kind of parameter.
                    if (turn + position + len(operation)) % (3 if method == "GET" else 7):
                        continue
                    # Nobody works cases here, so that a command on one that is there would be waited for.
                    known = {"number": case.number} if method == "GET" else {}
                    known |= {name: value} if place == "path" else {}
                    path = path_of(route, **known) + (f"?{name}={value}" if place == "query" else "")
                    headers = {name.replace("-", "_"): value} if place == "header" and value.isascii() else {}
                    answer = await ask(http, route, method, path, **headers)
                    assert answer.status_code < 500, f"{method} {path} {headers}: {answer.text}"
                    if answer.status_code >= 400:
                        assert answer.headers["content-type"] == MEDIA_TYPE
                    assert "set-cookie" not in answer.headers
                    asked += 1
    assert asked > 500


async def test_a_cursor_of_another_list_or_of_nobodys_making_is_422(world: World) -> None:
    async with world.http("ada") as http:
        for path in (
            "/cases",
            f"/cases/{(await world.case()).number}/timeline",
            "/agents",
            "/audit",
            "/slas",
            "/incidents",
        ):
            for cursor in ("%00", "..%2f", "W10", "9" * 700, quote("\uffff"), "e30", "%ED%A0%80"):
                if path == "/slas" and cursor in ("W10", "e30", "9" * 700):
                    continue  # its cursors are slugs
                answer = await http.get(f"/api/v1{path}?cursor={cursor}")
                assert answer.status_code == 422, f"{path} {cursor}: {answer.text}"
