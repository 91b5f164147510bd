"""Cases that are like another one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.caller import READ, Number
from api.dependencies import HouseDep
from desk.queries.similar import MOST_SIMILAR, similar
from desk.queries.visibility import visible_case
from models.messages.api_similar import SimilarPage

router = Router(tags=["cases"])


@router.get(
    "/cases/{number}/similar", operation_id="list_similar_cases", responses=READ, summary="List cases that are like it"
)
async def get_similar(
    number: Number,
    house: HouseDep,
    identity: CaseWorker,
    limit: Annotated[int, Query(ge=1, le=MOST_SIMILAR)] = MOST_SIMILAR,
) -> SimilarPage:
    """By the words of their titles, descriptions and mails, those that share most first, each with what they share."""
    async with house.database.read() as session:
        case = await visible_case(session, identity, number.upper())
        return SimilarPage(items=tuple(await similar(session, identity, case, limit)))
