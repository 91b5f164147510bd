"""Queues and ownership: pick, release, assign, route (domain 2)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from api.bodies import Router
from api.cases.caller import ACCEPTED, COMMAND, Calls, Number
from api.dependencies import Now
from api.problems import responses
from desk.default_queues import default_queue
from desk.picking import pick_next
from desk.queries.visibility import visible_case, visible_queue
from desk.reference.references import Names
from models.messages.api_case_views import CaseView
from models.messages.api_cases import AssignBody, RouteBody
from models.messages.cases import CommandKind

router = Router(tags=["queues and ownership"])


@router.post(
    "/cases/{number}/pick",
    operation_id="pick_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Pick a case from its queue",
)
async def pick_case(number: Number, caller: Calls) -> CaseView | Response:
    """The caller owns the case and works on it. Of several who pick at once, one gets it."""
    return await caller.does(number, CommandKind.PICK)


@router.post(
    "/cases/{number}/release",
    operation_id="release_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Release a case to its queue",
)
async def release_case(number: Number, caller: Calls) -> CaseView | Response:
    """Nobody works on it any more; the queue's owner owns it."""
    return await caller.does(number, CommandKind.RELEASE)


@router.post(
    "/cases/{number}/assign",
    operation_id="assign_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Assign a case to an agent or team",
)
async def assign_case(number: Number, body: AssignBody, caller: Calls) -> CaseView | Response:
    async with caller.house.database.read() as session:
        names = Names(session)
        agent = await names.require("agent", body.agent, "agent")
        owner = agent or await names.require("team", body.team, "team")
    return await caller.does(number, CommandKind.ASSIGN, target_id=owner)


@router.post(
    "/cases/{number}/route",
    operation_id="route_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Route a case to a queue, an agent or a team",
)
async def route_case(number: Number, body: RouteBody, caller: Calls, now: Now) -> CaseView | Response:
    """To an agent or a team: into their default queue, where it waits for them; its owner stays."""
    async with caller.house.database.read() as session:
        names = Names(session)
        if body.queue is not None:
            # A queue that is private to others is answered as one that does not exist.
            await visible_queue(session, caller.identity, body.queue)
        queue = await names.require("queue", body.queue, "queue")
        agent = await names.require("agent", body.agent, "agent")
        team = await names.require("team", body.team, "team")
        if queue is None:
            await visible_case(session, caller.identity, number.upper())
    if queue is None and (whose := agent or team) is not None:
        kind = "agent" if agent else "team"
        queue = await default_queue(caller.house.database, caller.identity, now, kind, whose)
    return await caller.does(number, CommandKind.ROUTE, target_id=queue)


@router.post(
    "/cases/{number}/apply-routing",
    operation_id="apply_routing",
    response_model=CaseView,
    responses=COMMAND,
    summary="Apply the active routing rule set",
)
async def apply_routing(number: Number, caller: Calls) -> CaseView | Response:
    return await caller.does(number, CommandKind.APPLY_ROUTING)


@router.post(
    "/cases/{number}/remove-from-queue",
    operation_id="remove_from_queue",
    response_model=CaseView,
    responses=COMMAND,
    summary="Take a case out of its queue",
)
async def remove_from_queue(number: Number, caller: Calls) -> CaseView | Response:
    return await caller.does(number, CommandKind.REMOVE_FROM_QUEUE)


@router.post(
    "/queues/{id}/next",
    operation_id="pick_next",
    response_model=CaseView,
    responses={
        204: {"description": "Nothing to pick"},
        **ACCEPTED,
        **responses(401, 403, 404, 409, 422, 503),
    },
    summary="Pick the next case of a queue",
)
async def next_of_queue(
    id: Annotated[str, Path(description="Slug or id of the queue.", pattern=r"^[A-Za-z0-9-]{1,63}$")], caller: Calls
) -> CaseView | Response:
    """The earliest deadline first, then the longest in the queue. 204 only if nothing is left that nobody works on."""
    answer = await pick_next(caller.house.database, caller.desk.cases, caller.identity, id, key=caller.key)
    if answer is None:
        return Response(status_code=204)
    return await caller.under_way(answer, CommandKind.PICK) if answer.version is None else await caller.shows(answer)
