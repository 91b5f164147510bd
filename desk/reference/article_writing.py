"""Writing knowledge articles (domain 8): drafts, further versions, translations, and what is published as it is corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, func, select, text

from cases.article_times import contents_of, named
from desk import audit
from desk.errors import Conflict, Invalid
from desk.reference.articles import Shown, body_of, in_language, latest, one, root_of
from desk.reference.bodies import patched, plain, storable
from desk.reference.records import Edit, check_version
from models.messages.articles import ArticleBody, ArticleStatus, TranslationBody, VersionLevel
from models.messages.said import said, word
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from policies.articles import LIVE, VERBS, WRITTEN_AT

FIRST_NUMBER = 1001
PREFIX = "KA-"
MOST_VERSIONS = 1_000
UNFINISHED = frozenset({*WRITTEN_AT, ArticleStatus.IN_REVIEW})
"""While a version is being written or reviewed, no further one is begun."""


async def create(edit: Edit, body: ArticleBody, author: UUID | None) -> Shown:
    """Version 1.0 as a draft, under the next free number."""
    storable(body)
    edit.check_slug(body.slug)
    if body.slug.upper().startswith(PREFIX) and body.slug[len(PREFIX) :].isdecimal():
        raise Invalid("slug", said("must not be written as the number of an article is; take words"))
    edit.check_seen(body)
    await edit.names.check(body)
    if await edit.session.scalar(select(Article.id).where(Article.slug == body.slug)) is not None:
        raise Conflict("already-exists", said("there is already an article {slug!r}", slug=body.slug), field="slug")
    root = Article(
        id=new_id(), number=await _next_number(edit), slug=body.slug, language=body.language, views=0, version=1
    )
    edit.session.add(root)
    await edit.flush(f"article {body.slug!r}")
    content = await _begin(edit, root, body, author, 1, 0)
    edit.audit("article", root.slug, f"create {named(root, content)}", audit.difference({}, plain(body)))
    return await one(edit.session, root, content)


async def change(
    edit: Edit,
    key: str,
    patch: Mapping[str, Any],
    if_match: str | None,
    author: UUID | None,
    language: str | None = None,
) -> Shown:
    """A merge patch on the latest version: a draft is changed in place, anything else gets a new minor version.

    A rejected version is a draft again. One in review is nobody's to change before it is decided.
    """
    root = await root_of(edit.session, key, lock=True)
    check_version(root.version, if_match)
    content = latest(in_language(await contents_of(edit.session, root.id), root, language, key))
    body = patched(ArticleBody, plain(body_of(root, content)), patch)
    return await write(edit, root, content, body, author)


async def write(edit: Edit, root: Article, content: ArticleVersion, body: ArticleBody, author: UUID | None) -> Shown:
    """Have this body in the version if it is a draft, or else in a new minor one."""
    changes = await _checked(edit, root, content, body)
    if not changes:
        return await one(edit.session, root, content)
    if content.status == ArticleStatus.IN_REVIEW:
        raise not_now(root, content, "change")
    if content.status not in WRITTEN_AT:
        content = await _begin(edit, root, body, author, *await _following(edit, root, content, VersionLevel.MINOR))
    elif content.status == ArticleStatus.REJECTED:
        content.status = ArticleStatus.DRAFT.value
    return await _fill(edit, root, content, body, changes, "change")


async def update(
    edit: Edit, key: str, patch: Mapping[str, Any], if_match: str | None, language: str | None = None
) -> Shown:
    """Correct what is published or scheduled, in place (domain 8: only who may publish does)."""
    root = await root_of(edit.session, key, lock=True)
    check_version(root.version, if_match)
    contents = in_language(await contents_of(edit.session, root.id), root, language, key)
    order = (ArticleStatus.PUBLISHED, ArticleStatus.SCHEDULED)
    live = min(
        (each for each in contents if each.status in LIVE), key=lambda each: order.index(each.status), default=None
    )
    if live is None:
        raise not_now(root, latest(contents), "update")
    body = patched(ArticleBody, plain(body_of(root, live)), patch)
    changes = await _checked(edit, root, live, body)
    return await _fill(edit, root, live, body, changes, "update") if changes else await one(edit.session, root, live)


async def new_version(
    edit: Edit, key: str, level: VersionLevel, author: UUID | None, language: str | None = None
) -> Shown:
    """A draft with the content of the latest version that was not given up."""
    root = await root_of(edit.session, key, lock=True)
    content = latest(in_language(await contents_of(edit.session, root.id), root, language, key))
    if content.status in UNFINISHED:
        raise not_now(root, content, "versions")
    made = await _begin(edit, root, body_of(root, content), author, *await _following(edit, root, content, level))
    root.version += 1
    await edit.flush(f"article {root.slug!r}")
    edit.audit("article", root.slug, f"create {named(root, made)}", {"from": [None, named(root, content)]})
    return await one(edit.session, root, made)


async def translate(edit: Edit, key: str, given: TranslationBody, author: UUID | None) -> Shown:
    """Version 1.0 in another language, a draft with a life of its own: its words are what is given, and copies of the
    first language's for the rest."""
    root = await root_of(edit.session, key, lock=True)
    if given.source is not None and given.source != root.language:
        raise Invalid(
            "source", said("a translation is made from {language!r}, in which the article was first written, and never from"
" another translation (domain 8)", language=root.language),
        )  # fmt: skip
    contents = await contents_of(edit.session, root.id)
    if any(each.language == given.language for each in contents):
        raise Conflict(
            "already-exists",
            said("{number} is written in {language!r} already", number=root.number, language=given.language),
            field="language",
        )
    first = in_language(contents, root, None, key)
    source = next((each for each in first if each.status == ArticleStatus.PUBLISHED), latest(first))
    words = given.model_dump(exclude={"source"}, exclude_none=True)
    body = body_of(root, source).model_copy(update=words)
    storable(body)
    edit.check_seen(body, body_of(root, source))
    content = await _begin(edit, root, body, author, 1, 0)
    root.version += 1
    await edit.flush(f"article {root.slug!r}")
    edit.audit("article", root.slug, f"create {named(root, content)}", audit.difference({}, plain(body)))
    return await one(edit.session, root, content)


async def _checked(edit: Edit, root: Article, content: ArticleVersion, body: ArticleBody) -> audit.Changes:
    """What the body changes in the version. `Invalid` if it may not stand there."""
    old = body_of(root, content)
    for field in ("slug", "language"):
        if getattr(body, field) != getattr(old, field):
            raise Invalid(field, said("is the same in all versions of an article and never changes (domain 8)"))
    changes = audit.difference(plain(old), plain(body))
    if changes:
        storable(body)
        edit.check_seen(body, old)
        await edit.names.check(body)
    return changes


async def _fill(
    edit: Edit, root: Article, content: ArticleVersion, body: ArticleBody, changes: audit.Changes, verb: str
) -> Shown:
    for column, value in _columns(body).items():
        setattr(content, column, value)
    content.modified_on = edit.now
    root.version += 1
    await edit.flush(f"article {root.slug!r}")
    edit.audit("article", root.slug, f"{verb} {named(root, content)}", changes)
    return await one(edit.session, root, content)


async def _begin(
    edit: Edit, root: Article, body: ArticleBody, author: UUID | None, major: int, minor: int
) -> ArticleVersion:
    content = ArticleVersion(
        id=new_id(),
        article_id=root.id,
        language=body.language,
        major=major,
        minor=minor,
        status=ArticleStatus.DRAFT.value,
        author_id=author,
        modified_on=edit.now,
        **_columns(body),
    )
    edit.session.add(content)
    await edit.flush(f"article {body.slug!r}")
    return content


def _columns(body: ArticleBody) -> dict[str, Any]:
    return {**body.model_dump(exclude={"slug", "language", "products"}), "products": list(body.products)}


async def _following(edit: Edit, root: Article, content: ArticleVersion, level: VersionLevel) -> tuple[int, int]:
    """The number after all that there are, discarded ones too."""
    numbers = [
        (each.major, each.minor)
        for each in await contents_of(edit.session, root.id)
        if each.language == content.language
    ]
    if len(numbers) >= MOST_VERSIONS:
        raise Conflict(
            "article-state",
            said(
                "{number} has {most_versions} versions already, and takes no further one",
                number=root.number,
                most_versions=MOST_VERSIONS,
            ),
        )
    major, minor = max(numbers)
    return (major + 1, 0) if level is VersionLevel.MAJOR else (major, minor + 1)


def not_now(root: Article, content: ArticleVersion, verb: str) -> Conflict:
    status = ArticleStatus(content.status)
    return Conflict(
        "article-state",
        said(
            "{content} of {number} is {status}: no {verb}",
            content=named(root, content),
            number=root.number,
            status=word(status),
            verb=verb,
        ),
        allowed=VERBS[status],
    )


async def _next_number(edit: Edit) -> str:
    """KA-01001, KA-01002, ...: no two writers count at once."""
    session = edit.session
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("LOCK TABLE article IN SHARE ROW EXCLUSIVE MODE"))
    last = await session.scalar(select(func.max(cast(func.substr(Article.number, len(PREFIX) + 1), Integer))))
    return f"{PREFIX}{max(last or 0, FIRST_NUMBER - 1) + 1:05}"
