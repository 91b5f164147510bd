"""What articles are used for: which of their versions is read or leaves the house, and how often, by day (domain 8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.articles import ArticleStatus
from models.records.articles import Article, ArticleDay, ArticleVersion
from models.records.base import new_id
from policies.articles import MAILED


async def count(
    session: AsyncSession, article_id: UUID, language: str, day: date, *, views: int = 0, shares: int = 0
) -> None:
    """Add to the day's counts, and views to the article's own; whoever counts at the same time waits."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = insert(ArticleDay).values(
        id=new_id(), article_id=article_id, language=language, day=day, views=views, shares=shares
    )
    more = {"views": ArticleDay.views + views, "shares": ArticleDay.shares + shares}
    key = ["article_id", "language", "day"]
    await session.execute(made.on_conflict_do_update(index_elements=key, set_=more))
    if views:
        await session.execute(
            update(Article)
            .where(Article.id == article_id)
            .values(views=Article.views + views)
            .execution_options(synchronize_session=False)
        )


async def leaving(session: AsyncSession, root: Article, languages: Iterable[str | None]) -> ArticleVersion | None:
    """The version that may leave the house: a published one rather than one that has expired, in the first of these
    languages in which there is one, or else in the article's own, or else in any. None: it was never published."""
    wanted = select(ArticleVersion).where(
        ArticleVersion.article_id == root.id, ArticleVersion.status.in_([each.value for each in MAILED])
    )
    order = [*(tag for tag in languages if tag is not None), root.language]

    def place(content: ArticleVersion) -> tuple[bool, int, str, int, int]:
        language = order.index(content.language) if content.language in order else len(order)
        expired = content.status != ArticleStatus.PUBLISHED
        return expired, language, content.language, -content.major, -content.minor

    return min(await session.scalars(wanted), key=place, default=None)
