"""An article as an organisation file has it, put in force in each of its languages, now or planned (domain 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cases.article_times import contents_of, enter
from desk.errors import Invalid
from desk.reference.article_life import approve, expire, publish
from desk.reference.article_writing import create, new_version, translate, write
from desk.reference.articles import Shown, body_of, in_language, latest, root_of
from desk.reference.records import Edit
from models.messages.articles import (
    AfterExpiry,
    ArticleBody,
    ArticleEntry,
    ArticleStatus,
    ExpireBody,
    PublishBody,
    TranslationBody,
    VersionLevel,
)
from models.messages.said import said
from models.records.articles import Article, ArticleVersion
from policies.articles import OPEN

S = ArticleStatus


@dataclass(frozen=True, slots=True)
class _Plan:
    """When it is published, None: now; and until when it is found."""

    publish_on: datetime | None
    expires_on: datetime | None
    after_expiry: AfterExpiry

    @property
    def body(self) -> PublishBody:
        return PublishBody(at=self.publish_on, expires_on=self.expires_on, after_expiry=self.after_expiry)

    def is_of(self, content: ArticleVersion) -> bool:
        """Whether that is what is planned for a version."""
        return (content.publish_on, content.expires_on, content.after_expiry) == (
            self.publish_on,
            self.expires_on,
            self.after_expiry.value,
        )

    def is_over(self, now: datetime) -> bool:
        return self.expires_on is not None and self.expires_on <= now

    def ends_as(self, content: ArticleVersion) -> bool:
        """Whether a published version ends as the file says; of what the file does not say, as it likes."""
        return self.expires_on is None or (content.expires_on, content.after_expiry) == (
            self.expires_on,
            self.after_expiry.value,
        )


async def put(edit: Edit, entry: ArticleEntry) -> list[Shown]:
    """Have exactly this published, or planned, in its languages, in new versions if need be: those that were changed.

    What somebody was writing, or has scheduled, gives way to it.
    """
    ahead = entry.publish_on if entry.publish_on is not None and entry.publish_on > edit.now else None
    plan = _Plan(ahead, entry.expires_on, entry.after_expiry)
    root = await edit.session.scalar(select(Article).where(Article.slug == entry.slug).with_for_update())
    if root is None:
        await create(edit, entry.within(entry.language), None)
    elif root.language != entry.language:
        raise Invalid("language", said("is the same in all versions of an article and never changes (domain 8)"))
    languages = (entry.language, *(words.language for words in entry.translations))
    found = [await _put(edit, entry.within(language), plan) for language in languages]
    return [shown for shown in found if shown is not None]


async def _put(edit: Edit, body: ArticleBody, plan: _Plan) -> Shown | None:
    """None: it stands so already."""
    root, versions = await _versions(edit, body)
    same = [each for each in versions if body_of(root, each) == body]
    published = next((each for each in same if each.status == S.PUBLISHED), None)
    if published is not None:
        if plan.ends_as(published) and not plan.is_over(edit.now):
            return None
        at = None if plan.is_over(edit.now) else plan.expires_on
        return await expire(edit, body.slug, ExpireBody(at=at, after_expiry=plan.after_expiry), body.language)
    if any(each.status == S.SCHEDULED and plan.is_of(each) for each in same):
        return None
    if plan.is_over(edit.now):
        if any(each.status in tuple(AfterExpiry) for each in same):
            return None
        raise Invalid("expires_on", said("has passed already, and nothing like it was ever published"))
    await _ready(edit, root, versions, body)
    return await publish(edit, body.slug, plan.body, body.language)


async def _versions(edit: Edit, body: ArticleBody) -> tuple[Article, Sequence[ArticleVersion]]:
    """Those in its language, the latest first; in a language that is new to the article there is a draft afterwards."""
    root = await root_of(edit.session, body.slug, lock=True)
    contents = await contents_of(edit.session, root.id)
    if all(each.language != body.language for each in contents):
        words = body.model_dump(include={"language", "title", "content", "keywords", "description"})
        await translate(edit, body.slug, TranslationBody(**words), None)
        contents = await contents_of(edit.session, root.id)
    return root, in_language(contents, root, body.language, body.slug)


async def _ready(edit: Edit, root: Article, versions: Sequence[ArticleVersion], body: ArticleBody) -> None:
    """The latest version has this body afterwards, and is approved."""
    content = latest(versions)
    same = body_of(root, content) == body
    if content.status not in OPEN and same:
        await new_version(edit, body.slug, VersionLevel.MINOR, None, body.language)
    elif not same:
        if content.status in (S.IN_REVIEW, S.APPROVED, S.SCHEDULED):
            content.publish_on = None
            enter(edit.session, root, content, S.DRAFT, edit.now, edit.actor, "redraft")
            await edit.flush(f"article {root.slug!r}")
        await write(edit, root, content, body, None)
    _, versions = await _versions(edit, body)
    content = latest(versions)
    if content.status == S.REJECTED:
        enter(edit.session, root, content, S.APPROVED, edit.now, edit.actor, "approve")
        await edit.flush(f"article {root.slug!r}")
    elif content.status in (S.DRAFT, S.IN_REVIEW):
        await approve(edit, body.slug, body.language)
