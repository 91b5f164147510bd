"""What articles have come to: views, ratings, letters and cases, in all and by day (domain 8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.articles import ArticleDay, ArticleRating
from models.records.timeline import CaseArticle


async def figures_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """By article: `rating` (the mean of the stars, null without any), `ratings`, `helpful`, `not_helpful`, `shares` and
    `linked_cases`, over all languages."""
    wanted = list(ids)
    found: dict[UUID, dict[str, Any]] = {
        id: {"rating": None, "ratings": 0, "helpful": 0, "not_helpful": 0, "shares": 0, "linked_cases": 0}
        for id in wanted
    }
    ratings = select(
        ArticleRating.article_id,
        func.sum(ArticleRating.stars),
        func.count(ArticleRating.stars),
        func.count().filter(ArticleRating.helpful.is_(True)),
        func.count().filter(ArticleRating.helpful.is_(False)),
    ).where(ArticleRating.article_id.in_(wanted))
    for id, stars, rated, helpful, not_helpful in await session.execute(ratings.group_by(ArticleRating.article_id)):
        mean = round(stars / rated, 2) if rated and stars else None
        found[id] |= {"rating": mean, "ratings": rated, "helpful": helpful, "not_helpful": not_helpful}
    shares = select(ArticleDay.article_id, func.sum(ArticleDay.shares)).where(ArticleDay.article_id.in_(wanted))
    for id, count in await session.execute(shares.group_by(ArticleDay.article_id)):
        found[id]["shares"] = int(count)
    cases = select(CaseArticle.article_id, func.count()).where(CaseArticle.article_id.in_(wanted))
    for id, count in await session.execute(cases.group_by(CaseArticle.article_id)):
        found[id]["linked_cases"] = count
    return found


async def days_of(session: AsyncSession, article_id: UUID, first: date, last: date) -> list[dict[str, Any]]:
    """Views and letters of each day on which there were any, in each language; both days are included."""
    wanted = select(ArticleDay).where(
        ArticleDay.article_id == article_id, ArticleDay.day >= first, ArticleDay.day <= last
    )
    rows = await session.scalars(wanted.order_by(ArticleDay.day, ArticleDay.language))
    return [{"day": row.day, "language": row.language, "views": row.views, "shares": row.shares} for row in rows]
