"""Knowledge articles (domain 8): a root with a public number, and versions of which exactly one may be published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import Conflict, Invalid, NotFound
from desk.reference.bodies import as_stored, patched, plain, shown, storable
from desk.reference.records import MAX_PAGE, Edit, check_version
from desk.reference.references import keyed
from models.messages.api_search import SearchKind
from models.messages.articles import ArticleBody
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from storage.fulltext.asking import Asked, asked, of_kinds, telling
from storage.fulltext.finding import find
from storage.fulltext.likeness import MOST_WORDS, alike
from storage.fulltext.snippets import snippet

OF_ARTICLES = (SearchKind.ARTICLE,)
DRAFT, APPROVED, PUBLISHED, ARCHIVED = "draft", "approved", "published", "archived"
FIRST_NUMBER = 1001
PREFIX = "KA-"

VERBS: dict[str, tuple[str, ...]] = {DRAFT: ("change", "approve"), APPROVED: ("publish", "reject")}


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of an article as it is shown, with its root's number and count of views."""

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
            "published_on": self.content.published_on,
            "views": self.root.views,
            "version": self.root.version,
            **self.facts,
        }


def _body(root: Article, content: ArticleVersion) -> ArticleBody:
    return as_stored(
        ArticleBody,
        slug=root.slug,
        title=content.title,
        content=content.content,
        keywords=content.keywords,
        subject=content.subject,
        internal=content.internal,
        language=root.language,
    )


# ---- reading ---------------------------------------------------------------------------------------------------------


async def page(session: AsyncSession, after: UUID | None = None, limit: int = 50) -> tuple[list[Shown], UUID | None]:
    """Articles in order of making, each with its published version or else its latest; and the next page's cursor."""
    limit = min(limit, MAX_PAGE)
    wanted = select(Article).order_by(Article.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(Article.id > after)
    roots = list(await session.scalars(wanted))
    return await _with_content(session, roots[:limit]), roots[limit - 1].id if len(roots) > limit else None


async def search(session: AsyncSession, words: str, limit: int = 20) -> list[Shown]:
    """Published articles that hold all of the words, or if none does, some of them: the best first, each with the passage
    that matched as `snippet`."""
    question = asked(words)
    if question is None:
        return []
    limit = min(limit, MAX_PAGE)
    hits = await find(session, of_kinds(question, OF_ARTICLES), (), None, limit)
    if not hits:
        likest = await alike(session, telling(words, MOST_WORDS), (), limit, kinds=OF_ARTICLES, least=1)
        hits = [each.entry for each in likest]
    found = select(Article, ArticleVersion).join(Article, Article.id == ArticleVersion.article_id)
    rows = await session.execute(found.where(ArticleVersion.id.in_([hit.object_id for hit in hits])))
    known = {content.id: (root, content) for root, content in rows}
    return [
        Shown(*known[id], _body(*known[id]), {"snippet": _passage(known[id][1], question)})
        for hit in hits
        if (id := hit.object_id) in known
    ]


def _passage(content: ArticleVersion, question: Asked) -> str:
    return "".join(piece.text for piece in snippet(content.content, question)).strip()


async def get(session: AsyncSession, key: str) -> Shown:
    """By slug, number or id: the published version, or else the latest."""
    return (await _with_content(session, [await _root(session, key)]))[0]


async def versions(session: AsyncSession, key: str) -> list[Shown]:
    """Every version, the latest first."""
    root = await _root(session, key)
    return [Shown(root, content, _body(root, content)) for content in await _contents(session, root)]


async def standing(
    session: AsyncSession, slugs: Iterable[str]
) -> dict[str, tuple[ArticleBody, bool, ArticleBody | None]]:
    """By slug: what is published, or else the latest version; whether that is published; and the draft beside it."""
    roots = list(await session.scalars(select(Article).where(Article.slug.in_(list(slugs)))))
    found: dict[str, tuple[ArticleBody, bool, ArticleBody | None]] = {}
    for each in await _with_content(session, roots):
        latest = (await _contents(session, each.root))[0]
        beside = latest.id != each.content.id and latest.status in (DRAFT, APPROVED)
        draft = _body(each.root, latest) if beside else None
        found[each.root.slug] = each.body, each.content.status == PUBLISHED, draft
    return found


# ---- writing ---------------------------------------------------------------------------------------------------------


async def create(edit: Edit, body: ArticleBody, author: UUID | None) -> Shown:
    """Version 1.0 as a draft, under the next free number."""
    storable(body)
    edit.check_seen(body)
    await edit.names.check(body)
    if await edit.session.scalar(select(Article.id).where(Article.slug == body.slug)) is not None:
        raise Conflict("already-exists", f"slug: there is already an article {body.slug!r}")
    root = Article(
        id=new_id(), number=await _next_number(edit.session), slug=body.slug, language=body.language, views=0, version=1
    )
    edit.session.add(root)
    await edit.flush(f"article {body.slug!r}")
    content = _content(root, body, author, 1, 0)
    edit.session.add(content)
    await edit.flush(f"article {body.slug!r}")
    edit.audit("article", root.slug, "create version 1.0", audit.difference({}, plain(body)))
    return Shown(root, content, body)


async def change(edit: Edit, key: str, patch: Mapping[str, Any], if_match: str | None, author: UUID | None) -> Shown:
    """A merge patch on the latest version: a draft is changed in place, anything else gets a new minor version."""
    root = await _root(edit.session, key, lock=True)
    check_version(root.version, if_match)
    latest = (await _contents(edit.session, root))[0]
    body = patched(ArticleBody, plain(_body(root, latest)), patch)
    return await _change(edit, root, latest, body, author)


async def approve(edit: Edit, key: str) -> Shown:
    return await _become(edit, key, "approve", DRAFT, APPROVED)


async def reject(edit: Edit, key: str) -> Shown:
    """Back to its author, to be edited."""
    return await _become(edit, key, "reject", APPROVED, DRAFT)


async def publish(edit: Edit, key: str) -> Shown:
    """Publish the latest version, which is approved; the one published before is archived (domain 8)."""
    root = await _root(edit.session, key, lock=True)
    latest, *older = await _contents(edit.session, root)
    if latest.status == PUBLISHED:
        return Shown(root, latest, _body(root, latest))
    _expect(root, latest, "publish", APPROVED)
    for content in older:
        if content.status == PUBLISHED:
            content.status = ARCHIVED
    # Two published versions never exist, not even inside a transaction.
    await edit.flush(f"article {root.slug!r}")
    latest.published_on = edit.now
    return await _set(edit, root, latest, "publish", PUBLISHED)


async def put(edit: Edit, body: ArticleBody) -> Shown | None:
    """Have exactly this published, in a new version if need be; None if it already is."""
    root = await edit.session.scalar(select(Article).where(Article.slug == body.slug).with_for_update())
    if root is None:
        await create(edit, body, None)
    else:
        contents = await _contents(edit.session, root)
        published = next((content for content in contents if content.status == PUBLISHED), None)
        if published is not None and _body(root, published) == body:
            return None
        if _body(root, contents[0]) != body or contents[0].status not in (DRAFT, APPROVED):
            if contents[0].status == APPROVED:
                await _set(edit, root, contents[0], "reject", DRAFT)
            await _change(edit, root, contents[0], body, None)
    if (await _contents(edit.session, await _root(edit.session, body.slug)))[0].status == DRAFT:
        await approve(edit, body.slug)
    return await publish(edit, body.slug)


async def _change(edit: Edit, root: Article, latest: ArticleVersion, body: ArticleBody, author: UUID | None) -> Shown:
    for field_name in ("slug", "language"):
        if getattr(body, field_name) != getattr(root, field_name):
            raise Invalid(field_name, "is the same in all versions of an article and never changes (domain 8)")
    changes = audit.difference(plain(_body(root, latest)), plain(body))
    if not changes:
        return Shown(root, latest, body)
    storable(body)
    edit.check_seen(body, _body(root, latest))
    await edit.names.check(body)
    if latest.status != DRAFT:
        latest = _content(root, body, author, latest.major, latest.minor + 1)
        edit.session.add(latest)
    for column, value in body.model_dump(exclude={"slug", "language"}).items():
        setattr(latest, column, value)
    root.version += 1
    await edit.flush(f"article {root.slug!r}")
    edit.audit("article", root.slug, f"change version {latest.major}.{latest.minor}", changes)
    return Shown(root, latest, body)


async def _become(edit: Edit, key: str, verb: str, expected: str, status: str) -> Shown:
    root = await _root(edit.session, key, lock=True)
    latest = (await _contents(edit.session, root))[0]
    _expect(root, latest, verb, expected)
    return await _set(edit, root, latest, verb, status)


async def _set(edit: Edit, root: Article, content: ArticleVersion, verb: str, status: str) -> Shown:
    edit.audit(
        "article", root.slug, f"{verb} version {content.major}.{content.minor}", {"status": [content.status, status]}
    )
    content.status = status
    root.version += 1
    await edit.flush(f"article {root.slug!r}")
    return Shown(root, content, _body(root, content))


def _expect(root: Article, content: ArticleVersion, verb: str, expected: str) -> None:
    if content.status != expected:
        raise Conflict(
            "article-state",
            f"version {content.major}.{content.minor} of {root.number} is {content.status}: no {verb}",
            allowed=VERBS.get(content.status, ("change",)),
        )


def _content(root: Article, body: ArticleBody, author: UUID | None, major: int, minor: int) -> ArticleVersion:
    return ArticleVersion(
        id=new_id(),
        article_id=root.id,
        major=major,
        minor=minor,
        status=DRAFT,
        author_id=author,
        **body.model_dump(exclude={"slug", "language"}),
    )


async def _root(session: AsyncSession, key: str, *, lock: bool = False) -> Article:
    wanted = select(Article).where(keyed(Article, key))
    found = await session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound("article", key)
    return found


async def _contents(session: AsyncSession, root: Article) -> list[ArticleVersion]:
    wanted = select(ArticleVersion).where(ArticleVersion.article_id == root.id)
    return list(await session.scalars(wanted.order_by(ArticleVersion.major.desc(), ArticleVersion.minor.desc())))


async def _with_content(session: AsyncSession, roots: Sequence[Article]) -> list[Shown]:
    wanted = select(ArticleVersion).where(ArticleVersion.article_id.in_([root.id for root in roots]))
    best: dict[UUID, ArticleVersion] = {}
    for content in await session.scalars(wanted.order_by(ArticleVersion.major, ArticleVersion.minor)):
        if content.article_id not in best or best[content.article_id].status != PUBLISHED:
            best[content.article_id] = content
    return [Shown(root, best[root.id], _body(root, best[root.id])) for root in roots]


async def _next_number(session: AsyncSession) -> str:
    """KA-01001, KA-01002, ...: no two writers count at once."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("LOCK TABLE article IN SHARE ROW EXCLUSIVE MODE"))
    last = await session.scalar(select(func.max(cast(func.substr(Article.number, len(PREFIX) + 1), Integer))))
    return f"{PREFIX}{max(last or 0, FIRST_NUMBER - 1) + 1:05}"
