"""Articles that may answer a case."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.caller import READ, Number
from api.dependencies import HouseDep
from desk.queries.article_cases import MOST_SUGGESTED, suggested
from desk.queries.visibility import visible_case
from models.messages.api_articles import SuggestedPage

router = Router(tags=["cases"])


@router.get(
    "/cases/{number}/articles/suggested",
    operation_id="list_suggested_articles",
    responses=READ,
    summary="List articles that may answer it",
)
async def get_suggested(
    number: Number,
    house: HouseDep,
    identity: CaseWorker,
    by_subject: Annotated[bool, Query(description="Only those about the case's subject, if it has one.")] = False,
    limit: Annotated[int, Query(ge=1, le=MOST_SUGGESTED)] = MOST_SUGGESTED,
) -> SuggestedPage:
    """By the words of the case's title and description, the best first, each with the words that they share."""
    async with house.database.read() as session:
        case = await visible_case(session, identity, number.upper())
        return SuggestedPage(items=tuple(await suggested(session, case, limit, by_subject=by_subject)))
