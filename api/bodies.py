"""Every request before its route: who asks, and a body that is read once, and refused here if no row could hold a value of
it (`models.messages.storable`).

It is read after the caller's token was looked at: whoever may not ask learns nothing of their body either.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.auth import authenticate, current_identity, roles_asked
from api.parameters import query_check
from api.stray import refuse_stray_body
from desk.identity import require
from models.messages import storable
from models.messages.storable import Unstorable

MOST_DIGITS = 25
"""Digits of an integer that are read at all: reading takes time that grows with their square."""
TOO_LARGE = 10**MOST_DIGITS
REFUSED = 0
"""Stands for a body that was refused: no model takes a number. An object of ours would pass: FastAPI reads attributes."""


class _Request(Request):
    refused: Unstorable | None = None

    async def json(self) -> Any:
        try:
            body = json.loads(await self.body(), parse_int=_integer, object_pairs_hook=_object)
            storable.check(body)
            _refuse_repetition(body)
        except Unstorable as error:
            self.refused = error
        except RecursionError:
            self.refused = Unstorable("", f"is nested deeper than {storable.DEEPEST} levels")
        except ValueError:
            # No JSON, or no UTF-8.
            self.refused = Unstorable("", "the body is not valid JSON")
        else:
            return body
        return REFUSED


class _Repeated(dict[str, Any]):
    """An object that names a field twice: which of the two counts, no two readers agree on (RFC 8259 4)."""

    field: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    repeated = _Repeated(found)
    repeated.field = next(name for name in names if names.count(name) > 1)
    return repeated


def _refuse_repetition(value: Any, path: storable.Path = ()) -> None:
    """`Unstorable` names the first field that is given twice. Called after the check of how deep the body is."""
    if isinstance(value, _Repeated):
        place = (*path, value.field)
        raise Unstorable(storable.path_text(place), "is given twice", place)
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in inner:
        _refuse_repetition(each, (*path, part))


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else TOO_LARGE


class CheckedRoute(APIRoute):
    """A route that looks at a request in one order: whose token, in which role, with which parameters, and last its body,
    which can be stored, whatever its model allows."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        called = _called(self.dependant)
        protected, roles = current_identity in called, roles_asked(called)
        check_query = query_check(self.dependant)

        async def checked(request: Request) -> Response:
            reading = _Request(request.scope, request.receive)
            if protected:
                identity = await authenticate(request)
                for needed in roles:
                    require(identity, *needed)
            check_query(request)
            if protected:
                await refuse_stray_body(reading)
            try:
                return await handle(reading)
            except RequestValidationError:
                if reading.refused is not None:
                    raise reading.refused from None
                if await reading.body() and not _is_json(reading):
                    raise HTTPException(415) from None
                raise

        return checked


def _called(dependant: Dependant) -> set[Any]:
    """Everything that is called before a route's own function."""
    return {dependant.call}.union(*map(_called, dependant.dependencies))


class Router(APIRouter):
    """A router of the API: its routes check what they are asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=CheckedRoute, **options)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
