"""What the routes need of the house, and the small things that every request carries.

All of them are coroutines, although none waits: FastAPI gives a plain function to a thread, twenty times a request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Request

from desk.commands import checked_key
from desk.errors import Invalid, PreconditionRequired
from desk.services import Services, WiredHouse


async def house_of(request: Request) -> WiredHouse:
    house: WiredHouse = request.app.state.house
    return house


async def desk_of(request: Request) -> Services:
    desk: Services = request.app.state.desk
    return desk


async def now() -> datetime:
    return datetime.now(UTC)


async def idempotency_key(
    given: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="1 to 200 printable characters. The same key again gives the same answer; another body: 422. "
            "Without one the server makes one, and a repeated request is a second request.",
        ),
    ] = None,
) -> str | None:
    return None if given is None else checked_key(given)


async def if_match(
    given: Annotated[
        str | None, Header(alias="If-Match", description='The ETag that the change was made from, such as `"v7"`.')
    ] = None,
) -> int | None:
    """The version that the caller saw; None without the header, or with `*`."""
    if given is None or given.strip() == "*":
        return None
    tag = given.strip().strip('"')
    if not tag.startswith("v") or not tag[1:].isdecimal() or len(tag) > 12:
        raise Invalid("If-Match", 'one ETag of this object, such as "v7"')
    return int(tag[1:])


async def required_version(request: Request, version: Annotated[int | None, Depends(if_match)]) -> int | None:
    """As `if_match`, but the header must be there (RFC 6585 3)."""
    if "if-match" not in request.headers:
        raise PreconditionRequired
    return version


def etag(version: int) -> str:
    return f'"v{version}"'


HouseDep = Annotated[WiredHouse, Depends(house_of)]
DeskDep = Annotated[Services, Depends(desk_of)]
Now = Annotated[datetime, Depends(now)]
Key = Annotated[str | None, Depends(idempotency_key)]
IfMatch = Annotated[int | None, Depends(if_match)]
RequiredVersion = Annotated[int | None, Depends(required_version)]
