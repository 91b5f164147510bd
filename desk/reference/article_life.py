"""The life of a version of an article (domain 8): review, approval, publication now or later, expiry and the archive.

Each verb takes the latest version in a language, the article's first one where none is named; to publish takes what is
ready, also where somebody writes on beside it. Who may do which is the
route's to say; what the state forbids is refused here, with what it allows.
"""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from cases.article_times import contents_of, enter, planned
from cases.article_times import publish as publish_now
from desk.errors import Invalid
from desk.reference.article_writing import not_now
from desk.reference.articles import Shown, in_language, latest, one, root_of
from desk.reference.records import Edit
from models.messages.articles import (
    AfterExpiry,
    ArticleStatus,
    ExpireBody,
    PublishBody,
    RejectBody,
    SubmitBody,
)
from models.messages.reference import Role
from models.messages.said import joined, said
from models.records.articles import Article, ArticleVersion
from models.records.reference import Agent
from policies.articles import OPEN

S = ArticleStatus
Versions = list[ArticleVersion]
APPROVERS = (Role.KNOWLEDGE_MANAGER, Role.MANAGER, Role.ADMINISTRATOR)


async def submit(edit: Edit, key: str, given: SubmitBody, language: str | None = None) -> Shown:
    """Mark it for review, by somebody or by whoever may approve."""
    root, _, content = await _latest(edit, key, language)
    _expect(root, content, "submit", S.DRAFT, S.REJECTED)
    content.reviewer_id = await edit.names.require("agent", given.reviewer, "reviewer")
    if content.reviewer_id is not None:
        reviewer = await edit.session.get_one(Agent, content.reviewer_id)
        if not set(APPROVERS) & set(reviewer.roles):
            raise Invalid(
                "reviewer",
                said(
                    "{reviewer!r} may not approve articles; who may is {approvers}",
                    reviewer=given.reviewer,
                    approvers=joined(sorted(APPROVERS)),
                ),
            )
    content.reason, content.submitted_by = None, edit.actor
    return await _enter(edit, root, content, S.IN_REVIEW, "submit")


async def approve(edit: Edit, key: str, language: str | None = None) -> Shown:
    """Who may approve may do so at once, without a review before."""
    root, _, content = await _latest(edit, key, language)
    _expect(root, content, "approve", S.DRAFT, S.IN_REVIEW)
    content.reason = None
    return await _enter(edit, root, content, S.APPROVED, "approve")


async def reject(edit: Edit, key: str, given: RejectBody, language: str | None = None) -> Shown:
    """Back to its author, with the reason: to be changed, and submitted again."""
    root, _, content = await _latest(edit, key, language)
    _expect(root, content, "reject", S.IN_REVIEW, S.APPROVED)
    content.reason = given.reason
    return await _enter(edit, root, content, S.REJECTED, "reject")


async def redraft(edit: Edit, key: str, language: str | None = None) -> Shown:
    """Taken back before it is decided, or taken up again after it was given up."""
    root, versions, content = await _latest(edit, key, language)
    if content.status not in OPEN:
        content = versions[0]
    _expect(root, content, "redraft", S.IN_REVIEW, S.DISCARDED)
    return await _enter(edit, root, content, S.DRAFT, "redraft")


async def discard(edit: Edit, key: str, language: str | None = None) -> Shown:
    """Give it up: what is published stays."""
    root, _, content = await _latest(edit, key, language)
    _expect(root, content, "discard", S.DRAFT, S.IN_REVIEW, S.REJECTED)
    return await _enter(edit, root, content, S.DISCARDED, "discard")


async def publish(edit: Edit, key: str, given: PublishBody, language: str | None = None) -> Shown:
    """Publish the approved version now, or have it published at an instant; the one published before is archived then.

    422 for an instant that has passed; 409 for what is not approved, or published already.
    """
    root, versions, content = await _latest(edit, key, language)
    content = _ready(versions, content)
    _expect(root, content, "publish", S.APPROVED, S.SCHEDULED)
    if given.at is not None:
        _ahead(edit.now, "at", given.at)
    if given.expires_on is not None:
        _ahead(edit.now, "expires_on", given.expires_on)
    content.expires_on, content.after_expiry = given.expires_on, given.after_expiry.value
    content.with_translations = given.translations
    if given.at is None:
        await publish_now(edit.session, root, await contents_of(edit.session, root.id), content, edit.now, edit.actor)
    else:
        content.publish_on = given.at
        enter(edit.session, root, content, S.SCHEDULED, edit.now, edit.actor, "schedule")
    return await _planned(edit, root, content)


async def unschedule(edit: Edit, key: str, language: str | None = None) -> Shown:
    """It is approved, and published when somebody says so."""
    root, versions, content = await _latest(edit, key, language)
    content = _ready(versions, content)
    _expect(root, content, "unschedule", S.SCHEDULED)
    content.publish_on, content.expires_on, content.with_translations = None, None, False
    return await _enter(edit, root, content, S.APPROVED, "unschedule")


async def expire(edit: Edit, key: str, given: ExpireBody, language: str | None = None) -> Shown:
    """End the time of the published version: now, at an instant, or never."""
    root, versions, content = await _latest(edit, key, language)
    content = next((each for each in versions if each.status == S.PUBLISHED), content)
    _expect(root, content, "expire", S.PUBLISHED)
    if given.after_expiry is not None:
        content.after_expiry = given.after_expiry.value
    if given.never or given.at is not None:
        if given.at is not None:
            _ahead(edit.now, "at", given.at)
        old, content.expires_on = content.expires_on, given.at
        root.version += 1
        await edit.flush(f"article {root.slug!r}")
        edit.audit("article", root.slug, "plan expiry", {"expires_on": [_text(old), _text(given.at)]})
        return await _planned(edit, root, content)
    content.expires_on = edit.now
    return await _enter(edit, root, content, S(AfterExpiry(content.after_expiry)), "expire")


async def archive(edit: Edit, key: str, language: str | None = None) -> Shown:
    """Take what is published or expired out of use."""
    root, versions, content = await _latest(edit, key, language)
    content = next((each for each in versions if each.status in (S.PUBLISHED, S.EXPIRED)), content)
    _expect(root, content, "archive", S.PUBLISHED, S.EXPIRED)
    return await _enter(edit, root, content, S.ARCHIVED, "archive")


async def _latest(edit: Edit, key: str, language: str | None) -> tuple[Article, Versions, ArticleVersion]:
    root = await root_of(edit.session, key, lock=True)
    versions = in_language(await contents_of(edit.session, root.id), root, language, key)
    return root, versions, latest(versions)


def _ready(versions: Versions, content: ArticleVersion) -> ArticleVersion:
    """What is approved or scheduled, also where somebody writes on beside it; not what is older than the published one."""
    newer = takewhile(lambda each: each.status != S.PUBLISHED, versions)
    return next((each for each in newer if each.status in (S.APPROVED, S.SCHEDULED)), content)


async def _enter(edit: Edit, root: Article, content: ArticleVersion, status: ArticleStatus, verb: str) -> Shown:
    enter(edit.session, root, content, status, edit.now, edit.actor, verb)
    return await _planned(edit, root, content)


async def _planned(edit: Edit, root: Article, content: ArticleVersion) -> Shown:
    await edit.flush(f"article {root.slug!r}")
    planned(root, await contents_of(edit.session, root.id))
    await edit.flush(f"article {root.slug!r}")
    return await one(edit.session, root, content)


def _expect(root: Article, content: ArticleVersion, verb: str, *expected: ArticleStatus) -> None:
    if content.status not in expected:
        raise not_now(root, content, verb)


def _ahead(now: datetime, field: str, instant: datetime) -> None:
    if instant <= now:
        raise Invalid(field, said("has passed already; without it, it is done now (domain 8)"))


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
