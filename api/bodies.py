"""The body of every request: read once, and refused here if no row could hold a value of it (`models.messages.storable`).

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

from api.auth import authenticate, current_identity
from desk.errors import Invalid
from models.messages import storable
from models.messages.storable import Unstorable

MOST_DIGITS = 25
"""Digits of an integer that are read at all: reading takes time that grows with their square."""
TOO_LARGE = 10**MOST_DIGITS
REFUSED = 0
"""Stands for a body that was refused: no model takes a number. An object of ours would pass: FastAPI reads attributes."""
NOTHING = (b"", b"{}", b"null")
"""Bodies that say nothing: some programs send one with every request."""


class _Request(Request):
    refused: Unstorable | None = None

    async def json(self) -> Any:
        try:
            body = json.loads(await self.body(), parse_int=_integer)
            storable.check(body)
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


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else TOO_LARGE


class BodyRoute(APIRoute):
    """A route whose JSON body can be stored, whatever its model allows."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        protected = current_identity in _called(self.dependant)

        async def checked(request: Request) -> Response:
            if protected:
                await authenticate(request)
            reading = _Request(request.scope, request.receive)
            try:
                return await handle(reading)
            except RequestValidationError:
                if reading.refused is None:
                    raise
                raise reading.refused from None

        return checked


def _called(dependant: Dependant) -> set[Any]:
    """Everything that is called before a route's own function."""
    return {dependant.call}.union(*map(_called, dependant.dependencies))


class Router(APIRouter):
    """A router of the API: its routes check their bodies."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=BodyRoute, **options)


async def refuse_stray_body(request: Request) -> None:
    """422 for a body on a verb that takes none: whoever sends one believes that it counts."""
    takes_one = getattr(request.scope.get("route"), "body_field", None) is not None
    if not takes_one and (await request.body()).strip() not in NOTHING:
        raise Invalid("", "this request takes no body")
