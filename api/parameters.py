"""The query of every request: each parameter is one that its route knows, and is said once.

A misspelt filter that nobody looks at would list everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant

from desk.errors import Invalid
from desk.reference.unknown import did_you_mean
from models.messages.base import MOST_QUOTED


class WrongParameter(Invalid):
    """422: a parameter of the address, by its name."""


LISTS = (list, tuple, set, frozenset)


def query_check(dependant: Dependant) -> Callable[[Request], None]:
    """A check of a request's query against what a route takes. It raises `WrongParameter`."""
    takes = dict(_taken(dependant))

    def check(request: Request) -> None:
        if not request.scope["query_string"]:
            return
        for name, count in Counter(name for name, _ in request.query_params.multi_items()).items():
            if name not in takes:
                raise WrongParameter(name[:MOST_QUOTED], _unknown(name, takes))
            if count > 1 and not takes[name]:
                raise WrongParameter(name, "is given twice")

    return check


def is_parameter(request: Request, name: str) -> bool:
    """Whether the request's route has a parameter or a header of that name in its address, its query or its head."""
    dependant = getattr(request.scope.get("route"), "dependant", None)
    return dependant is not None and name.lower() in {each.lower() for each in _names(dependant)}


def _names(dependant: Dependant) -> Iterator[str]:
    for field in (*dependant.path_params, *dependant.query_params, *dependant.header_params):
        yield field.alias
    for inner in dependant.dependencies:
        yield from _names(inner)


def _unknown(name: str, takes: dict[str, bool]) -> str:
    known = f"; known: {', '.join(sorted(takes))}" if takes else ", and none is taken here"
    return f"there is no such parameter{known}{did_you_mean(name, takes)}"


def _taken(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Each parameter with whether it may be given several times."""
    for field in dependant.query_params:
        yield field.alias, _is_list(field.field_info.annotation)
    for inner in dependant.dependencies:
        yield from _taken(inner)


def _is_list(annotation: Any) -> bool:
    return (get_origin(annotation) or annotation) in LISTS or any(map(_is_list, get_args(annotation)))
