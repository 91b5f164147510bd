"""What the routes of reference data share: paging, keys, roles, and the transaction that an edit runs in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Body, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, TypeAdapter

from api.auth import Anybody
from api.dependencies import HouseDep, Now
from api.dependencies import Key as IdempotencyKey
from api.problems import responses
from desk.answered import Answer, OnceOnly
from desk.identity import Identity
from desk.reference.records import MAX_PAGE, Edit
from desk.services import WiredHouse
from models.messages.reference import Role

V = TypeVar("V")

MANAGERS = (Role.MANAGER, Role.ADMINISTRATOR)
ADMINISTRATORS = (Role.ADMINISTRATOR,)
"""Who writes what: domain 11."""

READ = responses(401, 404, 422)
LIST = responses(401, 422)
CREATE = responses(401, 403, 409, 422)
CHANGE = responses(401, 403, 404, 409, 412, 422, 428)
VERB = responses(401, 403, 404, 409, 422)

Key = Annotated[str, Path(description="A slug, or an id.", pattern=r"^[A-Za-z0-9-]{1,63}$")]
Cursor = Annotated[UUID | None, Query(description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Tag = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag that the change was made from; required.", max_length=100),
]
Patch = Annotated[
    dict[str, Any], Body(description="A merge patch (RFC 7396): fields given replace, the others stay as they are.")
]


class Page(BaseModel, Generic[V]):
    items: list[V]
    next: str | None


def page(items: list[dict[str, Any]], following: object | None) -> dict[str, Any]:
    return {"items": items, "next": None if following is None else str(following)}


class Editor:
    """Who asks, and a transaction in their name.

    A route answers within the transaction, by `tagged` or `answered`, so that the answer is kept with the change; what it
    has to have done once both are committed, it leaves to `afterwards`.
    """

    def __init__(
        self, request: Request, response: Response, house: WiredHouse, identity: Identity, now: datetime
    ) -> None:
        self.request, self.response = request, response
        self.house, self.identity, self.now = house, identity, now
        self.once: OnceOnly | None = None
        self._answer: Answer | None = None
        self._secret = False
        self._afterwards: list[Callable[[], Awaitable[None]]] = []

    @asynccontextmanager
    async def edit(self) -> AsyncIterator[Edit]:
        """Commits at its end. `Replayed` if the request was answered before."""
        async with self.house.database.write() as session:
            if self.once is not None:
                await self.once.claim(session)
            yield Edit(session, self.identity.slug, self.now, self.house.keyring)
            if self.once is not None:
                if self._answer is None:
                    raise AssertionError("a route that writes has answered outside of its transaction")
                await self.once.keep(session, self._answer, secret=self._secret)
        for work in self._afterwards:
            await work()

    async def does(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """As `edit`, for what has transactions of its own and whose second time finds it done: the answer is kept after it.

        Where a process ends in between, the second time answers as without a key.
        """
        if self.once is None:
            return await work()
        async with self.house.database.read() as session:
            await self.once.look(session)
        shown = await work()
        async with self.house.database.write() as session:
            await self.once.claim(session)
            await self.once.keep(session, Answer({}, _rendered(self.request.scope["route"], shown)))
        return shown

    def afterwards(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have this done after the commit. It must be safe to leave out: a process may end in between."""
        self._afterwards.append(work)

    def tagged(self, shown: dict[str, Any], etag: str, *, location: str | None = None) -> Any:
        headers = {"ETag": etag}
        if location is not None:
            headers["Location"] = f"/api/v1{location}"
        return self.answered(shown, headers)

    def answered(self, shown: Any, headers: dict[str, str], *, secret: bool = False) -> Any:
        """`shown` is None where the answer has no body; `secret`: it is kept sealed."""
        self.response.headers.update(headers)
        if self.once is not None:
            self._answer, self._secret = Answer(headers, _rendered(self.request.scope["route"], shown)), secret
        return shown


async def editor(
    request: Request, response: Response, house: HouseDep, identity: Anybody, now: Now, key: IdempotencyKey
) -> Editor:
    """A dependency of every route that writes."""
    made = Editor(request, response, house, identity, now)
    if key is not None:
        made.once = OnceOnly(identity.agent_id, key, await _asked(request), house.keyring)
    return made


def _rendered(route: Any, shown: Any) -> Any:
    """An answer as JSON values, in the form that the route's model gives it."""
    if shown is None:
        return None
    model: TypeAdapter[Any] = TypeAdapter(route.response_model)
    return model.dump_python(
        model.validate_python(shown, from_attributes=True),
        mode="json",
        by_alias=True,
        exclude_unset=route.response_model_exclude_unset,
    )


async def _asked(request: Request) -> str:
    """Method, address and body; the same fields in another order are the same body."""
    body = await request.body()
    try:
        said = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    except (RecursionError, ValueError):
        said = body.decode("latin-1")  # It is no JSON, and is refused elsewhere.
    return f"{request.method} {request.url.path}?{request.url.query}\n{said}"


Edits = Annotated[Editor, Depends(editor)]

__all__ = [
    "ADMINISTRATORS",
    "CHANGE",
    "CREATE",
    "LIST",
    "MANAGERS",
    "READ",
    "VERB",
    "Cursor",
    "Edits",
    "Key",
    "Limit",
    "Page",
    "Patch",
    "Tag",
    "page",
]
