"""For operators: what cases could not do by a fault of ours, and the two ways to end that."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.auth import only
from api.bodies import Router
from api.dependencies import DeskDep, HouseDep
from api.problems import responses
from api.reference.common import LIST, MANAGERS, READ, Cursor, Edits, Limit, Page, page
from desk import incidents
from models.messages.base import CASE_NUMBER
from models.messages.incidents import IncidentState, IncidentView

router = Router(prefix="/incidents", tags=["operators"], dependencies=only(*MANAGERS))

AGAIN = responses(401, 403, 404, 409, 412, 422, 500, 503)


@router.get(
    "",
    operation_id="list_incidents",
    response_model=Page[IncidentView],
    responses=LIST,
    summary="What could not be done, the newest first",
)
async def list_incidents(
    house: HouseDep,
    state: IncidentState | None = None,
    case: Annotated[str | None, Query(pattern=CASE_NUMBER, description="The number of a case.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    async with house.database.read() as session:
        found = await incidents.incidents(session, state, case, cursor, limit + 1)
    shown = [view.model_dump() for view in found[:limit]]
    return page(shown, found[limit - 1].id if len(found) > limit else None)


@router.get("/{id}", operation_id="read_incident", response_model=IncidentView, responses=READ, summary="One incident")
async def read_incident(id: UUID, house: HouseDep) -> Any:
    async with house.database.read() as session:
        return await incidents.incident(session, id)


@router.post(
    "/{id}/retry",
    operation_id="retry_incident",
    response_model=IncidentView,
    responses=AGAIN,
    summary="Try it again, after the repair",
)
async def retry_incident(id: UUID, desk: DeskDep, edits: Edits) -> Any:
    """Done, it is applied once and the incident is `done`; failed again, it is a 500 `fault` and stays open."""
    return await edits.does(lambda: desk.incidents.retry(id, edits.identity, edits.now))


@router.post(
    "/{id}/dismiss",
    operation_id="dismiss_incident",
    response_model=IncidentView,
    responses=AGAIN,
    summary="Let it be",
)
async def dismiss_incident(id: UUID, desk: DeskDep, edits: Edits) -> Any:
    """For what need not be done any more, or was done by hand."""
    return await edits.does(lambda: desk.incidents.dismiss(id, edits.identity, edits.now))
