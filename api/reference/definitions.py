"""Routes of the versioned definitions, alike for each kind."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.auth import Anybody, only
from api.bodies import Router
from api.dependencies import HouseDep
from api.reference.common import (
    CHANGE,
    CREATE,
    LIST,
    MANAGERS,
    READ,
    VERB,
    Edits,
    Key,
    Limit,
    Page,
    Patch,
    Tag,
    page,
)
from api.reference.views import DefinitionView
from desk.queries.definitions import seen
from desk.queries.visibility import sight_of
from desk.reference import definitions
from desk.reference.definitions import etag
from models.messages.base import Message
from models.messages.reference import Role
from storage.definitions import MODELS, DefinitionKind

Number = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The number of a version.")]
Slug = Annotated[str | None, Query(description="`next` of the page before.", pattern=r"^[a-z0-9-]{1,63}$")]


def routes(kind: DefinitionKind, plural: str, readers: tuple[Role, ...] = tuple(Role)) -> APIRouter:
    """List, create, read, versions, change, activate and deactivate below `/plural`."""
    router = Router(prefix=f"/{plural}", tags=["definitions"])
    name = kind.value.replace("-", "_")
    view: Any = DefinitionView.__class_getitem__(MODELS[kind])

    @router.get(
        "",
        operation_id=f"list_{plural.replace('-', '_')}",
        response_model=Page[view],
        responses=LIST,
        summary=f"List {plural}, each in its latest version",
        dependencies=only(*readers),
    )
    async def list_all(house: HouseDep, identity: Anybody, cursor: Slug = None, limit: Limit = 50) -> Any:
        async with house.database.read() as session:
            items, following = await definitions.page(session, kind, cursor, limit)
            return page([seen(item, await sight_of(session, identity)) for item in items], following)

    @router.get(
        "/{key}",
        operation_id=f"read_{name}",
        response_model=view,
        responses=READ,
        summary="Read a version, or the active one, or else the latest",
        dependencies=only(*readers),
    )
    async def read(key: Key, house: HouseDep, identity: Anybody, response: Response, version: Number = None) -> Any:
        async with house.database.read() as session:
            item = await definitions.get(session, kind, key, version)
            shown = seen(item, await sight_of(session, identity))
        response.headers["ETag"] = etag(item)
        return shown

    @router.get(
        "/{key}/versions",
        operation_id=f"list_{name}_versions",
        response_model=Page[view],
        responses=READ,
        summary="All versions, the latest first",
        dependencies=only(*readers),
    )
    async def list_versions(key: Key, house: HouseDep, identity: Anybody) -> Any:
        async with house.database.read() as session:
            found = await definitions.versions(session, kind, key)
            return page([seen(item, await sight_of(session, identity)) for item in found], None)

    async def create(body: Message, edits: Edits) -> Any:
        async with edits.edit() as edit:
            item = await definitions.create(edit, kind, body)
            return edits.tagged(item.shown, etag(item), location=f"/{plural}/{item.slug}")

    # The body's model is known only here, and FastAPI reads it from the annotation.
    create.__annotations__["body"] = MODELS[kind]
    router.add_api_route(
        "",
        create,
        methods=["POST"],
        status_code=201,
        operation_id=f"create_{name}",
        response_model=view,
        responses=CREATE,
        summary="Write a first version, as a draft",
        dependencies=only(*MANAGERS),
    )

    @router.patch(
        "/{key}",
        operation_id=f"change_{name}",
        response_model=view,
        responses=CHANGE,
        summary="Change the latest draft, or begin a new one",
        dependencies=only(*MANAGERS),
    )
    async def change(key: Key, patch: Patch, edits: Edits, if_match: Tag = None, version: Number = None) -> Any:
        """If-Match is the ETag of the latest version, or of the one that `version` names, which must be a draft."""
        async with edits.edit() as edit:
            item = await definitions.change(edit, kind, key, patch, if_match, version)
            return edits.tagged(item.shown, etag(item))

    @router.post(
        "/{key}/activate",
        operation_id=f"activate_{name}",
        response_model=view,
        responses=VERB,
        summary="Put the latest version, or the one named, in force",
        dependencies=only(*MANAGERS),
    )
    async def activate(key: Key, edits: Edits, version: Number = None) -> Any:
        async with edits.edit() as edit:
            item = await definitions.activate(edit, kind, key, version)
            return edits.tagged(item.shown, etag(item))

    @router.post(
        "/{key}/deactivate",
        operation_id=f"deactivate_{name}",
        response_model=view,
        responses=VERB,
        summary="Put the active version out of force",
        dependencies=only(*MANAGERS),
    )
    async def deactivate(key: Key, edits: Edits) -> Any:
        async with edits.edit() as edit:
            item = await definitions.deactivate(edit, kind, key)
            return edits.tagged(item.shown, etag(item))

    return router


# How cases and mails come to queues is for those who lay it down (domain 11); it names the private ones too.
ROUTERS = (
    routes(DefinitionKind.SLA, "slas"),
    # `/kpis` itself is for figures.
    routes(DefinitionKind.KPI, "kpi-definitions"),
    routes(DefinitionKind.CALENDAR, "calendars"),
    routes(DefinitionKind.ROUTING_RULE_SET, "routing-rule-sets", readers=MANAGERS),
    routes(DefinitionKind.ASSIGNMENT_RULE, "assignment-rules", readers=MANAGERS),
    routes(DefinitionKind.RECORD_CREATION_RULE, "record-creation-rules", readers=MANAGERS),
    routes(DefinitionKind.PROCESS, "processes"),
    routes(DefinitionKind.TEMPLATE, "templates"),
    routes(DefinitionKind.ENTITLEMENT_TEMPLATE, "entitlement-templates"),
    routes(DefinitionKind.SURVEY, "surveys"),
    routes(DefinitionKind.FIGURE_REPORT, "figure-reports", readers=MANAGERS),
)
