"""What the routes need of the house, and the small things that every request carries.

All of them are coroutines, although none waits: FastAPI gives a plain function to a thread, twenty times a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

from fastapi import Depends, Header, Request
from temporalio.client import Client

from desk.bulk import BulkDesk
from desk.commands import CaseDesk, checked_key
from desk.errors import Invalid, PreconditionRequired
from desk.incidents import IncidentDesk
from desk.opening import CaseOpenings
from desk.pulse import Pulse
from engine.commands import CommandSender
from engine.dispatch import CaseDispatcher
from engine.operations import OperationStarter
from mailroom.quarantine import Quarantine
from models.messages.names import case_workflow_id
from storage.definitions import Definitions
from storage.engines import Database
from storage.files import FileStore
from storage.secrets import Keyring


class WiredHouse(Protocol):
    """What `bootstrap` builds, as far as the API knows it."""

    @property
    def database(self) -> Database: ...
    @property
    def client(self) -> Client: ...
    @property
    def sender(self) -> CommandSender: ...
    @property
    def definitions(self) -> Definitions: ...
    @property
    def files(self) -> FileStore: ...
    @property
    def keyring(self) -> Keyring: ...
    @property
    def quarantine(self) -> Quarantine: ...
    @property
    def settings(self) -> Any: ...
    @property
    def temporal_ui(self) -> str | None:
        """Base address of the Temporal UI, for links; None: no links."""
        ...

    @property
    def temporal_namespace(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the desk does for the whole process: one of each."""

    cases: CaseDesk
    openings: CaseOpenings
    incidents: IncidentDesk
    pulse: Pulse
    bulk: BulkDesk

    @classmethod
    def of(cls, house: WiredHouse) -> Services:
        cases = CaseDesk(house.database, house.sender, house.definitions)
        return cls(
            cases,
            CaseOpenings(house.database, house.client, house.definitions),
            IncidentDesk(house.database, cases.pursuit, CaseDispatcher(house.client)),
            Pulse(house.database, house.files),
            BulkDesk(house.database, house.definitions, OperationStarter(house.client)),
        )


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


def workflow_link(house: WiredHouse, number: str) -> str | None:
    """The page of the case's workflow in the Temporal UI; None if the house knows no UI."""
    if house.temporal_ui is None:
        return None
    return f"{house.temporal_ui.rstrip('/')}/namespaces/{house.temporal_namespace}/workflows/{case_workflow_id(number)}"


def etag(version: int) -> str:
    return f'"v{version}"'


HouseDep = Annotated[WiredHouse, Depends(house_of)]
DeskDep = Annotated[Services, Depends(desk_of)]
Now = Annotated[datetime, Depends(now)]
Key = Annotated[str | None, Depends(idempotency_key)]
IfMatch = Annotated[int | None, Depends(if_match)]
RequiredVersion = Annotated[int | None, Depends(required_version)]
