"""Requests drawn from the OpenAPI description: every route, with its path, query, headers and body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.fuzz.api.documents import Documents, Leaves
from tests.fuzz.api.values import EXTREMES, TEXTS, Fresh, Known

PREFIX = "/api/v1"
KEYS = ("grace", "sam", "mona", "ada", "kim")
NOTHING = object()
"""No body at all."""


@dataclass(frozen=True)
class Route:
    """One operation of the description."""

    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    schema: Mapping[str, Any] | None
    """Of its JSON body, or of the whole document that a merge patch changes."""
    partial: bool = False
    form: bool = False
    """It takes a form with a file."""

    @property
    def group(self) -> str:
        if self.method == "GET":
            return "reads"
        return (
            "cases"
            if self.path.startswith((f"{PREFIX}/cases", f"{PREFIX}/activities", f"{PREFIX}/att"))
            else "reference"
        )

    @property
    def collection(self) -> str:
        return self.path.removeprefix(PREFIX).split("/")[1]


@dataclass(frozen=True)
class Drawn:
    """A request as it was drawn; marks stand for what only the desk knows."""

    route: Route
    who: str | None
    path: Mapping[str, Any]
    query: tuple[tuple[str, Any], ...] = ()
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = NOTHING
    spoil: str | None = None
    """What becomes of the body's bytes: `cut`, `latin`, `text`, `twice`."""


def routes_of(description: Mapping[str, Any]) -> list[Route]:
    found: list[Route] = []
    for path, operations in description["paths"].items():
        if not path.startswith(PREFIX):
            continue
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            partial = method == "patch" and schema is not None and "$ref" not in schema
            if partial:
                whole = description["paths"][path.removesuffix("/{key}")].get("post")
                schema = whole["requestBody"]["content"]["application/json"]["schema"] if whole else ORGANISATION
            parameters = tuple(operation.get("parameters", ()))
            found.append(Route(method.upper(), path, parameters, schema, partial, "multipart/form-data" in content))
    return found


ORGANISATION = {"$ref": "#/components/schemas/OrganisationSettings"}


class Requests:
    """The requests of a run: each follows from the seed and its number alone, so that one can be had again."""

    def __init__(self, description: Mapping[str, Any], seed: int) -> None:
        self.routes = routes_of(description)
        self._seed, self._leaves = seed, Leaves(seed)
        self._components = description["components"]["schemas"]
        self._groups = {
            group: [route for route in self.routes if route.group == group] for group in ("cases", "reference", "reads")
        }

    def draw(self, number: int) -> Drawn:
        make = Documents(Random(f"{self._seed}/{number}"), self._components, self._leaves)
        group = make.one(("cases",) * 5 + ("reference",) * 4 + ("reads",))
        return self._request(make, make.one(self._groups[group]))

    def _request(self, make: Documents, route: Route) -> Drawn:
        path = {each["name"]: _in_path(make, route, each["name"]) for each in route.parameters if each["in"] == "path"}
        chance = 15 if route.method == "GET" else 8
        queries = [each for each in route.parameters if each["in"] == "query" and make.percent(chance)]
        query = [(each["name"], _in_query(make, each)) for each in queries]
        body: Any = NOTHING
        if route.form:
            kind = make.one((None, "text/plain", "\r\n", "x/" + "y" * 300, "ü"))
            body = {"name": make.one(TEXTS), "type": kind, "size": make.one((0, 1, 100_000))}
        elif route.schema is not None:
            body = NOTHING if make.percent(2) else make.body(route.schema, partial=route.partial)
        elif make.percent(4):
            body = make.one(({}, {"queue": "gold"}, [], "x", None, 0))
        spoil = make.one(("cut", "latin", "text", "twice")) if make.percent(2) else None
        return Drawn(route, _who(make, route), path, tuple(query), _headers(make, route), body, spoil)


def _who(make: Documents, route: Route) -> str | None:
    if make.percent(8):
        return make.one((*KEYS, None))
    if route.group == "cases":
        return make.one(("grace", "grace", "mona", "sam"))
    return make.one(("kim", "mona")) if route.collection == "articles" else make.one(("ada", "ada", "mona"))


def _headers(make: Documents, route: Route) -> dict[str, Any]:
    given: dict[str, Any] = {}
    odd: tuple[str, ...]
    for each in route.parameters:
        if each["in"] != "header":
            continue
        if each["name"] == "If-Match":
            if route.method == "PATCH" or make.percent(10):
                odd = ('"v0"', "v1", '"v99999999999"', '"v-1"', '"v\u0661"', "", '"v1", "v2"', 'W/"v1"', "x" * 101)
                given["If-Match"] = make.one(odd) if make.percent(12) else make.one(("*", "*", Known("etag", 0)))
        elif make.percent(20):
            odd = ("", " ", "k" * 200, "k" * 201, "\u00fc", "a\tb")
            given[each["name"]] = make.one(odd) if make.percent(25) else f"key-{make.pick() % 40}"
    return given


def _in_path(make: Documents, route: Route, name: str) -> Any:
    if make.percent(4):
        return str(make.one(_IN_ADDRESSES)) or "%"
    if make.percent(2):
        return Fresh(make.pick())
    kinds = {
        "number": "cases",
        "address": "addresses",
        "entry": "incidents",
        "key": route.collection,
        "id": {"cases": "links", "activities": "activities", "attachments": "attachments"}.get(
            route.collection, route.collection
        ),
    }
    return Known("letters" if "/replies/" in route.path and name == "id" else kinds.get(name, "cases"), make.pick())


def _in_query(make: Documents, parameter: Mapping[str, Any]) -> Any:
    if make.percent(20):
        return make.one(_IN_ADDRESSES)
    made = make.value(parameter["schema"], parameter["name"], 0)
    return make.one(made) if isinstance(made, list) and made else "" if made is None else str(made)[:3000]


# Longer ones httpx itself refuses to send.
_IN_ADDRESSES = [
    value for values in EXTREMES for value in values if isinstance(value, str | int | float) and len(str(value)) < 3000
]
