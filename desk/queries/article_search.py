"""Articles by words, filters and order, and those that answer a case (domain 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.queries.typed_words import question_of
from desk.reference.articles import Shown, as_shown
from desk.reference.records import MAX_PAGE
from models.messages.api_search import SearchKind
from models.messages.articles import ArticleStatus
from models.messages.said import said
from models.records.articles import Article, ArticleVersion
from storage.fulltext.asking import Asked, of_kinds, telling
from storage.fulltext.entries import ENTRY
from storage.fulltext.finding import expanded, find, matching
from storage.fulltext.likeness import MOST_WORDS, alike
from storage.fulltext.relevance import weights, words_of_entries
from storage.fulltext.snippets import snippet
from storage.sqlite import aside

CANDIDATES = 200
"""Hits among which the best are told: those with all words in their titles, and then the newest."""
PUBLISHED = (ArticleStatus.PUBLISHED,)


class ArticleSort(StrEnum):
    RELEVANCE = "relevance"
    VIEWS = "views"
    MODIFIED = "modified"


class Visibility(StrEnum):
    INTERNAL = "internal"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """What is looked for; empty or None: no matter. `since` and `until` are of the last change, the first included."""

    status: tuple[ArticleStatus, ...] = ()
    visibility: Visibility | None = None
    language: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Of `ArticleVersion`."""
        found: list[ColumnElement[bool]] = []
        if self.status:
            found.append(ArticleVersion.status.in_([each.value for each in self.status]))
        if self.visibility is not None:
            found.append(ArticleVersion.internal.is_(self.visibility is Visibility.INTERNAL))
        if self.language is not None:
            found.append(ArticleVersion.language == self.language)
        if self.subject is not None:
            found.append(ArticleVersion.subject == self.subject)
        if self.since is not None:
            found.append(ArticleVersion.modified_on >= self.since)
        if self.until is not None:
            found.append(ArticleVersion.modified_on < self.until)
        return found


async def search_articles(
    session: AsyncSession,
    typed: str,
    wanted: ArticleFilter = ArticleFilter(),
    sort: ArticleSort = ArticleSort.RELEVANCE,
    limit: int = 20,
) -> list[Shown]:
    """Versions that hold all of the words, or if none does, some of them; of each article one. Without a wish for their
    status, those that are published. Each with the passage that matched as `snippet`, and its place as `rank`."""
    question = question_of(typed)
    limit = min(limit, MAX_PAGE)
    kinds = _kinds(wanted.status)
    if not kinds:
        return []  # What has left the search.
    conditions = _entries(wanted, kinds)
    if sort is ArticleSort.RELEVANCE:
        found = await _by_relevance(session, typed, question, kinds, conditions)
    else:
        found = await _by_column(session, question, kinds, wanted, sort, limit)
    shown = await as_shown(session, await _first_of_each(session, found, limit))
    return [
        each.having(snippet=_passage(each.content, question), rank=rank) for rank, each in enumerate(shown, start=1)
    ]


def _kinds(status: Sequence[ArticleStatus]) -> tuple[SearchKind, ...]:
    """Of the index of words: what is expired, archived or given up is in none."""
    asked_for = frozenset(status or PUBLISHED)
    kinds = [SearchKind.ARTICLE] if ArticleStatus.PUBLISHED in asked_for else []
    if asked_for - {ArticleStatus.PUBLISHED, ArticleStatus.EXPIRED, ArticleStatus.ARCHIVED, ArticleStatus.DISCARDED}:
        kinds.append(SearchKind.DRAFT)
    return tuple(kinds)


def _entries(wanted: ArticleFilter, kinds: Sequence[SearchKind]) -> list[ColumnElement[bool]]:
    """The filter as conditions of entries; what the kind says already is not asked of the rows again."""
    conditions = wanted.conditions()
    if not conditions or (kinds == (SearchKind.ARTICLE,) and wanted == ArticleFilter(status=wanted.status)):
        return []
    return [ENTRY.c.object_id.in_(select(ArticleVersion.id).where(*conditions))]


async def _by_relevance(
    session: AsyncSession,
    typed: str,
    question: Asked,
    kinds: Sequence[SearchKind],
    conditions: Sequence[ColumnElement[bool]],
) -> list[UUID]:
    words = telling(typed, MOST_WORDS)
    hits = await find(session, of_kinds(question, kinds), conditions, None, CANDIDATES)
    if not hits:
        some = await alike(session, words, conditions, CANDIDATES, kinds=kinds, least=1)
        hits = [each.entry for each in some]
    weight = weights(words, await words_of_entries(session, [hit.id for hit in hits]))
    best = sorted(hits, key=lambda hit: (-weight.get(hit.id, 0.0), hit.tier, -hit.id))
    return [hit.object_id for hit in best]


async def _by_column(
    session: AsyncSession,
    question: Asked,
    kinds: Sequence[SearchKind],
    wanted: ArticleFilter,
    sort: ArticleSort,
    limit: int,
) -> list[UUID]:
    column = Article.views if sort is ArticleSort.VIEWS else ArticleVersion.modified_on
    with aside():
        whole = await expanded(session, of_kinds(question, kinds))
        entries, holds = matching(whole, session.get_bind().dialect.name)
        ids = select(ENTRY.c.object_id).select_from(entries).where(holds)
        statement = select(ArticleVersion.id).join(Article, Article.id == ArticleVersion.article_id)
        statement = statement.where(ArticleVersion.id.in_(ids), *wanted.conditions())
        # Of an article several versions may match.
        ordered = statement.order_by(column.desc(), ArticleVersion.id.desc()).limit(4 * limit)
        return list(await session.scalars(ordered))


async def _first_of_each(
    session: AsyncSession, ids: Sequence[UUID], limit: int
) -> list[tuple[Article, ArticleVersion]]:
    """Of each article the first of these versions, in their order."""
    rows = await session.execute(select(ArticleVersion.id, ArticleVersion.article_id).where(ArticleVersion.id.in_(ids)))
    roots: dict[UUID, UUID] = {row.id: row.article_id for row in rows}
    first: dict[UUID, UUID] = {}
    for id in ids:
        if id in roots:
            first.setdefault(roots[id], id)
    chosen = list(first.values())[:limit]
    wanted = select(Article, ArticleVersion).join(Article, Article.id == ArticleVersion.article_id)
    found = await session.execute(wanted.where(ArticleVersion.id.in_(chosen)))
    known = {content.id: (root, content) for root, content in found}
    return [known[id] for id in chosen]


def _passage(content: ArticleVersion, question: Asked) -> str:
    return "".join(piece.text for piece in snippet(content.content, question)).strip()


async def listed(
    session: AsyncSession, wanted: ArticleFilter, sort: ArticleSort, after: UUID | None, limit: int
) -> tuple[list[Shown], UUID | None]:
    """Versions that the filter lets through, most viewed or last changed first; and the cursor of the next page."""
    limit = min(limit, MAX_PAGE)
    column = Article.views if sort is ArticleSort.VIEWS else ArticleVersion.modified_on
    statement = select(Article, ArticleVersion).join(Article, Article.id == ArticleVersion.article_id)
    statement = statement.where(*wanted.conditions())
    if after is not None:
        place = select(column, ArticleVersion.id).join(Article, Article.id == ArticleVersion.article_id)
        found = (await session.execute(place.where(ArticleVersion.id == after))).first()
        if found is None:
            raise Invalid("cursor", said("is of no page of this list"))
        statement = statement.where(tuple_(column, ArticleVersion.id) < tuple_(*found))
    ordered = statement.order_by(column.desc(), ArticleVersion.id.desc()).limit(limit + 1)
    rows = [(root, content) for root, content in await session.execute(ordered)]
    return await as_shown(session, rows[:limit]), rows[limit - 1][1].id if len(rows) > limit else None
