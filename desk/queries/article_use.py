"""Which articles people read and send, in a period (domain 8): the most read first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.article_figures import figures_of
from models.records.articles import Article, ArticleDay, ArticleVersion
from policies.articles import MAILED
from storage.sqlite import aside

MOST = 50


@dataclass(frozen=True, slots=True)
class ArticleUse:
    """Views and letters of the period; rating and cases of all time."""

    number: str
    title: str
    views: int
    shares: int
    rating: float | None
    linked_cases: int


async def article_use(session: AsyncSession, first: date, last: date) -> list[ArticleUse]:
    """Of the days from `first` to `last`, both included, over all languages; at most `MOST`."""
    views, shares = func.sum(ArticleDay.views), func.sum(ArticleDay.shares)
    wanted = (
        select(Article.id, Article.number, Article.language, views.label("views"), shares.label("shares"))
        .join(Article, Article.id == ArticleDay.article_id)
        .where(ArticleDay.day >= first, ArticleDay.day <= last)
        .group_by(Article.id, Article.number, Article.language)
        .order_by(views.desc(), shares.desc(), Article.number)
        .limit(MOST)
    )
    with aside():
        rows = (await session.execute(wanted)).all()
    titles = await _titles(session, rows)
    known = await figures_of(session, [row.id for row in rows])
    return [
        ArticleUse(
            row.number,
            titles.get((row.id, row.language), row.number),
            int(row.views),
            int(row.shares),
            known[row.id]["rating"],
            known[row.id]["linked_cases"],
        )
        for row in rows
    ]


async def _titles(session: AsyncSession, rows: Sequence[Any]) -> dict[tuple[UUID, str], str]:
    """By article and language: what it is called where it may be read, or else in its latest version."""
    wanted = select(
        ArticleVersion.article_id, ArticleVersion.language, ArticleVersion.title, ArticleVersion.status
    ).where(ArticleVersion.article_id.in_([row.id for row in rows]))
    found: dict[tuple[UUID, str], tuple[str, str]] = {}
    for version in await session.execute(wanted.order_by(ArticleVersion.major, ArticleVersion.minor)):
        key = (version.article_id, version.language)
        if key not in found or found[key][1] not in MAILED or version.status in MAILED:
            found[key] = (version.title, version.status)
    return {key: title for key, (title, _) in found.items()}
