"""What is mine to work: my queues with their figures, the cases behind them, and the next one (domain 2)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.caller import ACCEPTED, Calls
from api.cases.reads import Cursor, Limit, Word
from api.dependencies import HouseDep, Now
from api.problems import responses
from desk.picking import pick_next
from desk.queries.cases import DEFAULT_LIMIT
from desk.queries.my_cases import QueueView, my_cases
from desk.queries.my_queues import QueueCountsPage, my_queues
from models.messages.api_case_views import CasePage, CaseView
from models.messages.cases import CommandKind

router = Router(tags=["queues and ownership"])


@router.get(
    "/me/queues",
    operation_id="list_my_queues",
    responses=responses(401, 403, 422),
    summary="List your queues, with how much waits in each",
)
async def get_my_queues(house: HouseDep, identity: CaseWorker, now: Now) -> QueueCountsPage:
    """Those that you own, belong to by yourself or by a team, or work on a case of; and the figures of all together."""
    async with house.database.read() as session:
        return await my_queues(session, house.definitions, identity, now)


@router.get(
    "/me/cases",
    operation_id="list_my_cases",
    responses=responses(401, 403, 422),
    summary="List the cases of your queues, by view",
)
async def get_my_cases(
    house: HouseDep,
    identity: CaseWorker,
    now: Now,
    view: Annotated[QueueView, Query(description="A figure of `/me/queues`.")] = QueueView.ALL,
    queue: Annotated[Word, Query(description="Slug of one of your queues; without it, all of them.")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> CasePage:
    """The earliest deadline first, those without one last."""
    async with house.database.read() as session:
        return await my_cases(session, house.definitions, identity, view, now, queue=queue, cursor=cursor, limit=limit)


@router.post(
    "/me/next",
    operation_id="pick_my_next",
    response_model=CaseView,
    responses={204: {"description": "Nothing to pick"}, **ACCEPTED, **responses(401, 403, 409, 422, 503)},
    summary="Pick the next case of your queues",
)
async def next_of_mine(caller: Calls) -> CaseView | Response:
    """Of all queues that you own or belong to, and of the public ones that name nobody: the earliest deadline first, then the
    longest in its queue. 204 only if nothing is left that nobody works on."""
    answer = await pick_next(caller.house.database, caller.desk.cases, caller.identity, None, key=caller.key)
    if answer is None:
        return Response(status_code=204)
    return await caller.under_way(answer, CommandKind.PICK) if answer.version is None else await caller.shows(answer)
