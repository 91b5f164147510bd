"""One action on many cases, and what becomes of whatever takes its time (design, "Several cases at once", "API")."""

from __future__ import annotations

from typing import Annotated, cast
from uuid import UUID

from fastapi import Query

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.caller import ACCEPTED
from api.cases.many import Many
from api.dependencies import DeskDep, HouseDep, Key, Now
from api.problems import responses
from api.reference.common import Edits
from desk.errors import NotFound
from desk.queries.operations import MAX_PAGE, PAGE, operation, require_sight
from models.messages.api_operations import Operation
from models.messages.operations import BulkBody

router = Router(tags=["operations"])

Cursor = Annotated[str | None, Query(description="`results.next` of the page before.", max_length=600)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Of the page of results.")]


@router.post(
    "/cases/bulk",
    operation_id="bulk",
    responses={**ACCEPTED, **responses(401, 403, 404, 409, 422, 503)},
    summary="One action on many cases",
)
async def bulk(body: BulkBody, many: Many, desk: DeskDep, identity: CaseWorker, key: Key, now: Now) -> Operation:
    """A result for each case: up to 100 cases at once, if that takes no more than 5 s, else 202 with the operation's
    address. What cannot be done to one case keeps none of the others from it."""
    asked = await desk.bulk.ask(identity, body, now, key=key)
    return await many.shows(asked)


@router.get(
    "/operations/{id}",
    operation_id="read_operation",
    responses=responses(401, 403, 404, 422),
    summary="Read what became of a command, or of an action on many cases",
)
async def get_operation(
    id: UUID, house: HouseDep, desk: DeskDep, identity: CaseWorker, cursor: Cursor = None, limit: Limit = PAGE
) -> Operation:
    """To the agent who sent it, and to managers. A refused one carries the problem that its caller would have got."""
    async with house.database.read() as session:
        try:
            return await operation(session, identity, id, cursor=cursor, limit=limit)
        except NotFound:
            if (pending := desk.cases.under_way(identity, id)) is None:
                raise
            await require_sight(session, identity, id, pending.case or "")
            return pending


@router.post(
    "/operations/{id}/cancel",
    operation_id="cancel_operation",
    responses=responses(401, 403, 404, 409, 422, 503),
    summary="Touch no further case",
)
async def cancel_operation(id: UUID, house: HouseDep, desk: DeskDep, identity: CaseWorker, edits: Edits) -> Operation:
    """Cases that are under way are done; those that come after them are not begun, and their results say so."""

    async def cancelled() -> Operation:
        await desk.bulk.cancel(identity, id)
        async with house.database.read() as session:
            return await operation(session, identity, id)

    return cast(Operation, await edits.does(cancelled))
