"""What readers tell of articles: that they opened one, what they think of it, and what they looked for (domain 8)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.article_use import count
from desk.errors import Invalid
from desk.reference.articles import Shown, get, root_of
from models.messages.articles import RatingBody, ViewedBody
from models.messages.said import said
from models.records.articles import ArticleRating, ArticleSearch
from models.records.base import new_id
from policies.zones import local_day
from storage.definitions import Definitions

LONGEST_TERM = 400


async def viewed(
    session: AsyncSession, key: str, given: ViewedBody, now: datetime, language: str | None = None
) -> Shown:
    """Count it as read on this day of the organisation's; of a search the first that is opened is kept."""
    found = await get(session, key, language)
    if given.search is not None:
        search = await session.get(ArticleSearch, given.search, with_for_update=True)
        if search is None:
            raise Invalid("search", said("there is no such search"))
        if search.article_id is None:
            search.article_id, search.rank = found.root.id, given.rank
    day = local_day(now, (await Definitions().organisation(session)).time_zone)
    await count(session, found.root.id, found.content.language, day, views=1)
    await session.flush()
    await session.refresh(found.root)
    return await get(session, key, language)


async def rated(
    session: AsyncSession, key: str, given: RatingBody, rater: str, now: datetime, language: str | None = None
) -> Shown:
    """Keep what this reader thinks of it, in the place of what they thought before. `rater`: `agent/<id>` for one of the
    house's people."""
    # Two first opinions of one reader at once would both be new.
    await root_of(session, key, lock=True)
    found = await get(session, key, language)
    of_them = (
        ArticleRating.article_id == found.root.id,
        ArticleRating.language == found.content.language,
        ArticleRating.rater == rater,
    )
    row = await session.scalar(select(ArticleRating).where(*of_them))
    if row is None:
        row = ArticleRating(
            id=new_id(), article_id=found.root.id, language=found.content.language, rater=rater, rated_on=now
        )
        session.add(row)
    row.stars, row.helpful, row.rated_on = given.stars, given.helpful, now
    await session.flush()
    return await get(session, key, language)


async def searched(session: AsyncSession, words: str, found: int, agent_id: UUID | None, now: datetime) -> UUID:
    """Keep what was looked for and how much was found; the id by which a view says that it came from there."""
    row = ArticleSearch(
        id=new_id(),
        words=" ".join(words.casefold().split())[:LONGEST_TERM],
        found=found,
        asked_on=now,
        agent_id=agent_id,
    )
    session.add(row)
    await session.flush()
    return row.id
