"""What was asked of customers and what they answered, by the caller's sight of the cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.visibility import sight_of
from models.messages.api_customer_pages import SurveyAnswerView, SurveyRequestView
from models.messages.surveys import RequestState, SurveyKind
from models.records.cases import Case
from models.records.surveys import SurveyAnswer, SurveyRequest


async def answers(
    session: AsyncSession,
    identity: Identity,
    *,
    survey: str | None = None,
    kind: SurveyKind | None = None,
    commented: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: UUID | None = None,
    limit: int = 50,
) -> list[SurveyAnswerView]:
    """Given from `since` on and before `until`, the newest first; `cursor` is the id of the last one of the page before.
    `commented`: only those with words of the customer's."""
    sight = await sight_of(session, identity)
    wanted = (
        select(SurveyAnswer, Case.number)
        .join(Case, Case.id == SurveyAnswer.case_id)
        .where(sight.cases())
        .order_by(SurveyAnswer.id.desc())
        .limit(limit)
    )
    if survey is not None:
        wanted = wanted.where(SurveyAnswer.survey == survey)
    if kind is not None:
        wanted = wanted.where(SurveyAnswer.kind == kind.value)
    if commented:
        wanted = wanted.where(SurveyAnswer.comment.is_not(None))
    if since is not None:
        wanted = wanted.where(SurveyAnswer.answered_on >= since)
    if until is not None:
        wanted = wanted.where(SurveyAnswer.answered_on < until)
    if cursor is not None:
        wanted = wanted.where(SurveyAnswer.id < cursor)
    return [_answer(row, number) for row, number in (await session.execute(wanted)).all()]


async def asked_about(session: AsyncSession, case: Case) -> list[SurveyRequestView]:
    """Every time that the customer of this case was asked, the newest first."""
    rows: Any = await session.execute(
        select(SurveyRequest, SurveyAnswer)
        .outerjoin(SurveyAnswer, SurveyAnswer.request_id == SurveyRequest.id)
        .where(SurveyRequest.case_id == case.id)
        .order_by(SurveyRequest.id.desc())
    )
    return [
        SurveyRequestView(
            id=row.id,
            survey=row.survey,
            version=row.version,
            kind=SurveyKind(row.kind),
            state=RequestState(row.state),
            ask_on=row.ask_on,
            expires_on=row.expires_on,
            answer=None if answer is None else _answer(answer, case.number),
        )
        for row, answer in rows
    ]


def _answer(row: SurveyAnswer, number: str) -> SurveyAnswerView:
    return SurveyAnswerView(
        id=row.id,
        survey=row.survey,
        case=number,
        kind=SurveyKind(row.kind),
        score=row.score,
        comment=row.comment,
        answered_on=row.answered_on,
    )
