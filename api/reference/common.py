"""What the routes of reference data share: paging, keys, roles, and the transaction that an edit runs in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Body, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel

from api.auth import Anybody
from api.dependencies import HouseDep, Now, WiredHouse
from api.problems import responses
from api.stray import refuse_stray_body
from desk.identity import Identity, require
from desk.reference.records import MAX_PAGE, Edit
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
    """Who asks, and a transaction in their name."""

    def __init__(self, response: Response, house: WiredHouse, identity: Identity, now: datetime) -> None:
        self.response, self.house, self.identity, self.now = response, house, identity, now

    @asynccontextmanager
    async def edit(self, *roles: Role) -> AsyncIterator[Edit]:
        """Commits at its end. `Forbidden` without one of the roles."""
        require(self.identity, *roles)
        async with self.house.database.write() as session:
            yield Edit(session, self.identity.slug, self.now, self.house.keyring)

    def tagged(self, shown: dict[str, Any], etag: str, *, location: str | None = None) -> dict[str, Any]:
        self.response.headers["ETag"] = etag
        if location is not None:
            self.response.headers["Location"] = f"/api/v1{location}"
        return shown


async def editor(request: Request, response: Response, house: HouseDep, identity: Anybody, now: Now) -> Editor:
    """A dependency of every route that writes."""
    await refuse_stray_body(request)
    return Editor(response, house, identity, now)


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
