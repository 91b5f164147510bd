"""What the public reads: published articles that are not internal (domain 8), and nothing else about the house.

Nobody is signed in here, so each function answers from published external versions alone. Whoever shows a page decides
first whether the organisation wants it at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.article_use import count
from desk.article_use import rated, searched
from desk.errors import NotFound
from desk.queries.article_search import ArticleFilter, Visibility, search_articles
from letters.article_text import as_html
from models.messages.articles import ArticleStatus, RatingBody
from models.records.articles import Article, ArticleVersion
from policies.zones import local_day
from storage.definitions import Definitions
from storage.fulltext.asking import asked
from storage.fulltext.snippets import Piece, snippet

MOST_FOUND = 50
EXTERNAL = (ArticleVersion.status == ArticleStatus.PUBLISHED.value) & ArticleVersion.internal.is_(False)


@dataclass(frozen=True, slots=True)
class PublicArticle:
    """One published article in one language, as a page shows it.

    `html`: paragraphs whose text is escaped and whose addresses are links; safe to be put into a page as it is.
    `languages`: the tags of all languages that it can be read in, its first one first.
    """

    number: str
    title: str
    description: str
    html: Markup
    language: str
    languages: tuple[str, ...]
    published_on: datetime | None


@dataclass(frozen=True, slots=True)
class PublicHit:
    """One article that was found. `snippet`: pieces of plain text, to be escaped; a `hit` is a word that was asked for."""

    number: str
    title: str
    language: str
    snippet: tuple[Piece, ...]


async def public_article(session: AsyncSession, number: str, language: str | None = None) -> PublicArticle | None:
    """The article with this public number, such as `KA-01003`, in `language` (a tag such as `de`) if it is published in
    that, else in its first language, else in any. None: there is no such article for the public."""
    found = await _external(session, number)
    if found is None:
        return None
    root, contents = found
    content = contents.get(language or "") or next(iter(contents.values()))
    return PublicArticle(
        number=root.number,
        title=content.title,
        description=content.description,
        html=as_html(content.content),
        language=content.language,
        languages=tuple(contents),
        published_on=content.published_on,
    )


async def public_search(session: AsyncSession, q: str, language: str | None = None, limit: int = 20) -> list[PublicHit]:
    """At most `limit` (up to 50) articles for the public that hold all of the words, or if none does, some of them; the
    best first, each once; those in `language` before others. No words: nothing. Never raises for what was typed."""
    question = asked(q)
    if question is None:
        return []
    limit = max(1, min(limit, MOST_FOUND))
    external = ArticleFilter(visibility=Visibility.EXTERNAL)
    found = []
    if language is not None:
        own = ArticleFilter(visibility=Visibility.EXTERNAL, language=language)
        found = await search_articles(session, q, own, limit=limit)
    if len(found) < limit:
        known = {each.root.id for each in found}
        others = await search_articles(session, q, external, limit=limit)
        found += [each for each in others if each.root.id not in known]
    return [
        PublicHit(
            number=each.root.number,
            title=each.content.title,
            language=each.content.language,
            snippet=tuple(snippet(each.content.content, question)),
        )
        for each in found[:limit]
    ]


async def public_viewed(session: AsyncSession, number: str, language: str, now: datetime) -> None:
    """Count that somebody has read it; in a transaction that writes. Nothing happens if there is no such article for the
    public. Not for HEAD, nor for what fetches pages by itself."""
    found = await _external(session, number)
    if found is not None and language in found[1]:
        day = local_day(now, (await Definitions().organisation(session)).time_zone)
        await count(session, found[0].id, language, day, views=1)


async def public_rated(
    session: AsyncSession, number: str, language: str, given: RatingBody, reader: str, now: datetime
) -> None:
    """Keep what a reader thinks of it. `reader`: at most 70 signs that tell readers apart, such as a hash of a cookie;
    the same reader's next opinion takes the place of this one. Raises `NotFound`."""
    found = await _external(session, number)
    if found is None or language not in found[1]:
        raise NotFound("article", number)
    await rated(session, number, given, f"reader/{reader}", now, language)


async def public_searched(session: AsyncSession, q: str, found: int, now: datetime) -> UUID:
    """Keep what was looked for, for the insights; in a transaction that writes."""
    return await searched(session, q, found, None, now)


async def _external(session: AsyncSession, number: str) -> tuple[Article, dict[str, ArticleVersion]] | None:
    """The article and what the public may read of it, by language, its first one first."""
    wanted = select(Article, ArticleVersion).join(ArticleVersion, ArticleVersion.article_id == Article.id)
    rows = list(await session.execute(wanted.where(Article.number == number, EXTERNAL)))
    if not rows:
        return None
    root: Article = rows[0][0]
    order = sorted((content for _, content in rows), key=lambda each: (each.language != root.language, each.language))
    return root, {content.language: content for content in order}
