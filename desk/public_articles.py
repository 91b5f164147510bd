"""What the public reads: published articles that are not internal (domain 8), and nothing else about the house.

Nobody is signed in here, so each function answers from published external versions alone. Whoever shows a page decides
first whether the organisation wants it at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from letters.article_text import as_html
from models.messages.api_search import SearchKind
from models.records.articles import Article, ArticleVersion
from storage.fulltext.asking import asked, of_kinds, telling
from storage.fulltext.entries import ENTRY
from storage.fulltext.finding import find
from storage.fulltext.likeness import MOST_WORDS, alike
from storage.fulltext.snippets import Piece, snippet

MOST_FOUND = 50
EXTERNAL = (ArticleVersion.status == "published") & ~ArticleVersion.internal


@dataclass(frozen=True, slots=True)
class PublicArticle:
    """One published article in one language, as a page shows it.

    `html`: paragraphs whose text is escaped and whose addresses are links; safe to be put into a page as it is.
    `languages`: the tags of all languages that it can be read in, its first one first.
    """

    number: str
    title: str
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
    that, else in its first language. None: there is no such article for the public."""
    statement = select(Article, ArticleVersion).join(ArticleVersion, ArticleVersion.article_id == Article.id)
    row = (await session.execute(statement.where(Article.number == number, EXTERNAL))).first()
    if row is None:
        return None
    root, content = row
    return PublicArticle(
        number=root.number,
        title=content.title,
        html=as_html(content.content),
        language=root.language,
        languages=(root.language,),
        published_on=content.published_on,
    )


async def public_search(session: AsyncSession, q: str, language: str | None = None, limit: int = 20) -> list[PublicHit]:
    """At most `limit` (up to 50) articles for the public that hold all of the words, or if none does, some of them; the
    best first, each once, those in `language` before others. No words: nothing. Never raises for what was typed."""
    question = asked(q)
    if question is None:
        return []
    limit = max(1, min(limit, MOST_FOUND))
    external = ENTRY.c.object_id.in_(select(ArticleVersion.id).where(EXTERNAL))
    kinds = (SearchKind.ARTICLE,)
    hits = await find(session, of_kinds(question, kinds), (external,), None, limit)
    if not hits:
        some = await alike(session, telling(q, MOST_WORDS), (external,), limit, kinds=kinds, least=1)
        hits = [each.entry for each in some]
    wanted = select(Article, ArticleVersion).join(ArticleVersion, ArticleVersion.article_id == Article.id)
    rows = await session.execute(wanted.where(ArticleVersion.id.in_([hit.object_id for hit in hits]), EXTERNAL))
    known = {content.id: (root, content) for root, content in rows}
    return [
        PublicHit(root.number, content.title, root.language, tuple(snippet(content.content, question)))
        for root, content in (known[hit.object_id] for hit in hits if hit.object_id in known)
    ]
