"""Time spent, by agent and case."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.reads import Cursor, Limit
from api.dependencies import HouseDep
from api.problems import responses
from desk.queries.time_spent import TimeSpentPage, time_spent
from models.messages.base import CASE_NUMBER, SLUG, GivenInstant

router = Router(tags=["activities"])


@router.get(
    "/time", operation_id="list_time", responses=responses(401, 403, 422), summary="The time spent, by agent and case"
)
async def get_time(
    house: HouseDep,
    identity: CaseWorker,
    since: Annotated[GivenInstant, Query(alias="from", description="The period's beginning.")],
    until: Annotated[GivenInstant, Query(alias="to", description="Its end, which is not in it.")],
    agent: Annotated[str | None, Query(pattern=SLUG, description="Slug of an agent.")] = None,
    case: Annotated[str | None, Query(pattern=CASE_NUMBER, description="A case's number.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TimeSpentPage:
    """Of activities that were completed in the period, on cases that you may see. Time is entered as an activity of a case
    that is `completed` already, with its `duration_minutes`."""
    async with house.database.read() as session:
        return await time_spent(
            session,
            identity,
            since,
            until,
            agent=agent,
            case=case.upper() if case else None,
            cursor=cursor,
            limit=limit,
        )
