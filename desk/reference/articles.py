"""Reading knowledge articles (domain 8): a root with a public number, its versions, and its translations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.article_times import contents_of
from desk.article_figures import figures_of
from desk.errors import NotFound
from desk.reference.bodies import as_stored, shown
from desk.reference.records import MAX_PAGE
from desk.reference.references import slugs_of
from models.messages.articles import AfterExpiry, ArticleBody, ArticleStatus
from models.records.articles import Article, ArticleVersion
from models.records.base import keyed
from policies.articles import VERBS


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of an article as it is shown. `facts`: what is known of it beside its row, by the view's names."""

    root: Article
    content: ArticleVersion
    body: ArticleBody
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, Any]:
        return {
            "id": self.root.id,
            "number": self.root.number,
            **shown(self.body),
            "article_version": f"{self.content.major}.{self.content.minor}",
            "version_id": self.content.id,
            "status": self.content.status,
            "allowed": VERBS.get(ArticleStatus(self.content.status), ()),
            "reason": self.content.reason,
            "modified_on": self.content.modified_on,
            "published_on": self.content.published_on,
            "publish_on": self.content.publish_on,
            "expires_on": self.content.expires_on,
            "after_expiry": AfterExpiry(self.content.after_expiry),
            "views": self.root.views,
            "version": self.root.version,
            **self.facts,
        }

    def having(self, **facts: Any) -> Shown:
        return replace(self, facts={**self.facts, **facts})


def body_of(root: Article, content: ArticleVersion) -> ArticleBody:
    return as_stored(
        ArticleBody,
        slug=root.slug,
        title=content.title,
        content=content.content,
        keywords=content.keywords,
        description=content.description,
        subject=content.subject,
        products=tuple(content.products),
        internal=content.internal,
        language=content.language,
    )


async def as_shown(session: AsyncSession, pairs: Sequence[tuple[Article, ArticleVersion]]) -> list[Shown]:
    """Versions with all that a view shows of them, loaded for all at once."""
    people = [id for _, content in pairs for id in (content.author_id, content.reviewer_id)]
    slugs = await slugs_of(session, "agent", people)
    roots = {root.id for root, _ in pairs}
    languages = await _languages(session, roots)
    figures = await figures_of(session, roots)
    return [
        Shown(root, content, body_of(root, content)).having(
            author=slugs[content.author_id],
            reviewer=slugs[content.reviewer_id],
            languages=(root.language, *(tag for tag in languages.get(root.id, ()) if tag != root.language)),
            **figures[root.id],
        )
        for root, content in pairs
    ]


async def one(session: AsyncSession, root: Article, content: ArticleVersion) -> Shown:
    return (await as_shown(session, [(root, content)]))[0]


async def page(
    session: AsyncSession,
    after: UUID | None = None,
    limit: int = 50,
) -> tuple[list[Shown], UUID | None]:
    """Articles in order of making, each with its published version or else its latest; and the next page's cursor."""
    limit = min(limit, MAX_PAGE)
    wanted = select(Article).order_by(Article.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(Article.id > after)
    roots = list(await session.scalars(wanted))
    found = await _with_content(session, roots[:limit])
    return await as_shown(session, found), roots[limit - 1].id if len(roots) > limit else None


async def get(session: AsyncSession, key: str, language: str | None = None) -> Shown:
    """By slug, number or id: the published version in this language, or else the latest; without a language in the first
    one."""
    root = await root_of(session, key)
    contents = in_language(await contents_of(session, root.id), root, language, key)
    return await one(session, root, best(contents))


async def versions(session: AsyncSession, key: str, language: str | None = None) -> list[Shown]:
    """Every version, the latest first; without a language in all of them, the first language before its translations."""
    root = await root_of(session, key)
    contents = await contents_of(session, root.id)
    if language is not None:
        contents = in_language(contents, root, language, key)
    first = [each for each in contents if each.language == root.language]
    others = [each for each in contents if each.language != root.language]
    return await as_shown(session, [(root, content) for content in (*first, *others)])


async def root_of(session: AsyncSession, key: str, *, lock: bool = False) -> Article:
    """By slug, number or id. Raises NotFound."""
    wanted = select(Article).where(keyed(Article, key))
    found = await session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound("article", key)
    return found


def in_language(
    contents: Sequence[ArticleVersion], root: Article, language: str | None, key: str
) -> list[ArticleVersion]:
    """The versions in this language, or in the article's first one; the latest first. Raises NotFound."""
    if language is None:
        return list(_of_first_language(contents, root))
    found = [each for each in contents if each.language == language]
    if not found:
        raise NotFound("article", f"{key} in {language}")
    return found


def latest(contents: Sequence[ArticleVersion]) -> ArticleVersion:
    """Of versions in one language the latest that was not given up, or else the latest."""
    return next((each for each in contents if each.status != ArticleStatus.DISCARDED), contents[0])


def best(contents: Sequence[ArticleVersion]) -> ArticleVersion:
    """The published version, or else the latest."""
    return next((each for each in contents if each.status == ArticleStatus.PUBLISHED), latest(contents))


async def _with_content(session: AsyncSession, roots: Sequence[Article]) -> list[tuple[Article, ArticleVersion]]:
    wanted = select(ArticleVersion).where(ArticleVersion.article_id.in_([root.id for root in roots]))
    by_root: dict[UUID, list[ArticleVersion]] = {root.id: [] for root in roots}
    for content in await session.scalars(wanted.order_by(ArticleVersion.major.desc(), ArticleVersion.minor.desc())):
        by_root[content.article_id].append(content)
    return [(root, best(_of_first_language(by_root[root.id], root))) for root in roots]


def _of_first_language(contents: Sequence[ArticleVersion], root: Article) -> Sequence[ArticleVersion]:
    """All of them, if a row says a language that none of them is in: what is stored is shown."""
    return [each for each in contents if each.language == root.language] or contents


async def _languages(session: AsyncSession, roots: Iterable[UUID]) -> dict[UUID, list[str]]:
    wanted = select(ArticleVersion.article_id, ArticleVersion.language).distinct()
    wanted = wanted.where(ArticleVersion.article_id.in_(list(roots)))
    found: dict[UUID, list[str]] = {}
    for article_id, language in await session.execute(wanted.order_by(ArticleVersion.language)):
        found.setdefault(article_id, []).append(language)
    return found
