"""Routes of the plain kinds, alike for each: list, create, read, change, activate, deactivate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Anybody, only
from api.bodies import Router
from api.dependencies import HouseDep, desk_of
from api.reference.common import (
    ADMINISTRATORS,
    CHANGE,
    CREATE,
    LIST,
    MANAGERS,
    READ,
    VERB,
    Cursor,
    Edits,
    Key,
    Limit,
    Page,
    Patch,
    Tag,
    page,
)
from api.reference.views import (
    AccountView,
    AgentView,
    ContactView,
    EntitlementView,
    MailboxView,
    ProductView,
    QueueView,
    SubjectView,
    TeamView,
)
from desk.contract_runs import tell_run
from desk.identity import Identity
from desk.mailbox_runs import take_up
from desk.queries.visibility import sight_of
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.kinds import ACCOUNTS, AGENTS, CONTACTS, MAILBOXES, PRODUCTS, QUEUES, SUBJECTS, TEAMS
from desk.reference.records import Item, Kind, etag
from desk.services import WiredHouse
from desk.transfer import TRANSFERRED, transfer
from models.messages.base import Message
from models.messages.reference import CASE_ROLES, DeactivateBody, Role

After = Callable[[WiredHouse, Item[Any]], Awaitable[None]]
Seen = Callable[[AsyncSession, Identity], Awaitable[Sequence[Any]]]


async def _all(_session: AsyncSession, _identity: Identity) -> Sequence[Any]:
    return ()


async def _queues_in_sight(session: AsyncSession, identity: Identity) -> Sequence[Any]:
    return ((await sight_of(session, identity)).queues(),)


def routes(
    kind: Kind[Any],
    plural: str,
    view: type[BaseModel],
    writers: tuple[Role, ...],
    readers: tuple[Role, ...] = tuple(Role),
    after: After | None = None,
    seen: Seen = _all,
) -> APIRouter:
    """The six routes of one kind below `/plural`. `after`: what follows when one was made, activated or deactivated; `seen`:
    the conditions of those that a reader may know of."""
    router = Router(prefix=f"/{plural}", tags=["reference data"])
    name = kind.name

    def follow(edits: Edits, item: Item[Any]) -> None:
        if after is not None:
            edits.afterwards(partial(after, edits.house, item))

    @router.get(
        "",
        operation_id=f"list_{plural}",
        response_model=Page[view],  # type: ignore[valid-type]  # a model of this kind
        responses=LIST,
        summary=f"List {plural}",
        dependencies=only(*readers),
    )
    async def list_all(house: HouseDep, identity: Anybody, cursor: Cursor = None, limit: Limit = 50) -> Any:
        async with house.database.read() as session:
            items, following = await kind.list(session, cursor, limit, await seen(session, identity))
        return page([item.shown for item in items], following)

    @router.get(
        "/{key}",
        operation_id=f"read_{name}",
        response_model=view,
        responses=READ,
        summary=f"Read one of {plural}",
        dependencies=only(*readers),
    )
    async def read(key: Key, house: HouseDep, identity: Anybody, response: Response) -> Any:
        async with house.database.read() as session:
            item = await kind.get(session, key, await seen(session, identity))
        response.headers["ETag"] = etag(item.version)
        return item.shown

    async def create(body: Message, edits: Edits) -> Any:
        async with edits.edit() as edit:
            item = await kind.create(edit, body)
            follow(edits, item)
            return edits.tagged(item.shown, etag(item.version), location=f"/{plural}/{item.shown['slug'] or item.id}")

    # The body's model is known only here, and FastAPI reads it from the annotation.
    create.__annotations__["body"] = kind.body
    router.add_api_route(
        "",
        create,
        methods=["POST"],
        status_code=201,
        operation_id=f"create_{name}",
        response_model=view,
        responses=CREATE,
        summary=f"Add to {plural}",
        dependencies=only(*writers),
    )

    @router.patch(
        "/{key}",
        operation_id=f"change_{name}",
        response_model=view,
        responses=CHANGE,
        summary=f"Change one of {plural}",
        dependencies=only(*writers),
    )
    async def change(key: Key, patch: Patch, edits: Edits, if_match: Tag = None) -> Any:
        async with edits.edit() as edit:
            item = await kind.change(edit, key, patch, if_match)
            return edits.tagged(item.shown, etag(item.version))

    @router.post(
        "/{key}/activate",
        operation_id=f"activate_{name}",
        response_model=view,
        responses=VERB,
        summary="Activate",
        dependencies=only(*writers),
    )
    async def activate(key: Key, edits: Edits) -> Any:
        async with edits.edit() as edit:
            item = await kind.activate(edit, key)
            follow(edits, item)
            return edits.tagged(item.shown, etag(item.version))

    async def deactivate(key: Key, edits: Edits) -> Any:
        async with edits.edit() as edit:
            item = await kind.deactivate(edit, key)
            follow(edits, item)
            return edits.tagged(item.shown, etag(item.version))

    async def hand_over(key: Key, edits: Edits, request: Request, body: DeactivateBody | None = None) -> Any:
        """With open cases it needs `transfer_to`: to whom they go first."""
        if body is not None and body.transfer_to is not None:
            desk = (await desk_of(request)).cases
            await transfer(edits.house.database, desk, edits.identity, name, key, body.transfer_to, edits.now)
        return await deactivate(key, edits)

    router.add_api_route(
        "/{key}/deactivate",
        hand_over if name in TRANSFERRED else deactivate,
        methods=["POST"],
        operation_id=f"deactivate_{name}",
        response_model=view,
        responses=VERB,
        summary="Deactivate",
        dependencies=only(*writers),
    )

    return router


ROUTERS = (
    routes(AGENTS, "agents", AgentView, ADMINISTRATORS),
    routes(TEAMS, "teams", TeamView, MANAGERS),
    routes(QUEUES, "queues", QueueView, MANAGERS, seen=_queues_in_sight),
    routes(ACCOUNTS, "accounts", AccountView, CASE_ROLES),
    routes(CONTACTS, "contacts", ContactView, CASE_ROLES),
    routes(PRODUCTS, "products", ProductView, MANAGERS),
    routes(SUBJECTS, "subjects", SubjectView, MANAGERS),
    routes(MAILBOXES, "mailboxes", MailboxView, ADMINISTRATORS, readers=MANAGERS, after=take_up),
    routes(ENTITLEMENTS, "entitlements", EntitlementView, MANAGERS, after=tell_run),
)
