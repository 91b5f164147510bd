"""What customers answered to surveys, over all cases that the caller may see."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from api.auth import CaseWorker
from api.bodies import Router
from api.dependencies import HouseDep
from api.problems import responses
from desk.queries.surveys import answers
from models.messages.api_customer_pages import SurveyAnswerPage
from models.messages.base import SLUG, GivenInstant

router = Router(tags=["customers' pages"])

Slug = Annotated[str | None, Query(pattern=SLUG, description="Slug of a survey.")]


@router.get(
    "/survey-answers",
    operation_id="list_survey_answers",
    responses=responses(401, 403, 422),
    summary="What customers answered, the newest first",
)
async def list_survey_answers(
    house: HouseDep,
    identity: CaseWorker,
    survey: Slug = None,
    since: Annotated[GivenInstant | None, Query(alias="from", description="Given from this instant on.")] = None,
    until: Annotated[GivenInstant | None, Query(alias="to", description="Given before this instant.")] = None,
    cursor: Annotated[UUID | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SurveyAnswerPage:
    async with house.database.read() as session:
        found = await answers(
            session, identity, survey=survey, since=since, until=until, cursor=cursor, limit=limit + 1
        )
    following = str(found[limit - 1].id) if len(found) > limit else None
    return SurveyAnswerPage(items=tuple(found[:limit]), next=following)
