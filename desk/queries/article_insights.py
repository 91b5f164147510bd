"""What people look for among the articles, and whether they find it (domain 8)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.api_articles import Insights, Term
from models.records.articles import ArticleSearch
from storage.sqlite import aside

MOST_TERMS = 20


async def insights(session: AsyncSession, since: datetime, until: datetime) -> Insights:
    """Of the searches asked within a period, its first instant included. A search is engaged in if one of its hits was
    opened; the clicked rank is that of the first."""
    period = ArticleSearch.asked_on >= since, ArticleSearch.asked_on < until
    in_all = select(
        func.count(),
        func.count().filter(ArticleSearch.found == 0),
        func.count(ArticleSearch.article_id),
        func.count(ArticleSearch.rank),
        func.sum(ArticleSearch.rank),
    ).where(*period)
    with aside():
        searches, nothing, opened, ranked, ranks = (await session.execute(in_all)).one()
        terms = await _terms(session, *period)
        missed = await _terms(session, *period, ArticleSearch.found == 0)
    return Insights(
        searches=searches,
        without_result=nothing,
        no_result_rate=_share(nothing, searches),
        engaged=opened,
        engagement_rate=_share(opened, searches),
        average_clicked_rank=round(ranks / ranked, 2) if ranked and ranks else None,
        top_terms=terms,
        top_terms_without_result=missed,
    )


async def _terms(session: AsyncSession, *conditions: ColumnElement[bool]) -> tuple[Term, ...]:
    count = func.count()
    wanted = select(ArticleSearch.words, count).where(*conditions).group_by(ArticleSearch.words)
    rows = await session.execute(wanted.order_by(count.desc(), ArticleSearch.words).limit(MOST_TERMS))
    return tuple(Term(words=words, searches=searches) for words, searches in rows)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
