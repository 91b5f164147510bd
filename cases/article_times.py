"""The timed states of articles (domain 8): scheduled, published and expired, each change once and with audit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases import incidents
from cases.attempts import raise_if_it_may_still_be_done
from engine.failpoints import failpoint
from models.messages.articles import AfterExpiry, ArticleStanding, ArticleStatus, KeepArticle
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from models.records.reference import Audit
from policies.articles import Change, VersionTimes, next_change
from storage.engines import Database
from storage.errors import name_of, place_of

log = structlog.get_logger(__name__)

TIMER = "timer"
"""The actor of what nobody did by hand."""
STANDS_FOR = (ArticleStatus.PUBLISHED.value, ArticleStatus.SCHEDULED.value)
"""What a newly published version takes the place of, if it is older."""


class ArticleTimes:
    """What `ArticleWorkflow` has written."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def kept(self, given: KeepArticle, *, last: bool) -> ArticleStanding | None:
        """As `keep`; what cannot be done is set aside as an incident. `last`: of the tries that a fault of ours gets."""
        try:
            return await self.keep(given)
        except Exception as error:  # noqa: BLE001 - each is classed, and raised or set aside
            raise_if_it_may_still_be_done(error, last=last)
            log.error("an article is set aside", error=name_of(error), at=place_of(error))
            return await self._set_aside(given, error)

    async def _set_aside(self, given: KeepArticle, error: Exception) -> ArticleStanding | None:
        async with self.database.write() as session:
            root = await session.get(Article, given.article_id, with_for_update=True)
            if root is None:
                return None
            incident = await incidents.note_of_article(session, root.id, given.now, error)
            root.kept = True
            return ArticleStanding(due=None, incident=incident.id)

    async def keep(self, given: KeepArticle) -> ArticleStanding | None:
        """Have each version stand as its instants say at `now`. Safe to repeat. None: there is no such article."""
        async with self.database.write() as session:
            root = await session.get(Article, given.article_id, with_for_update=True)
            if root is None:
                return None
            contents = await contents_of(session, root.id)
            while (change := plan(contents)) is not None and change.at <= given.now:
                content = next(each for each in contents if each.id == change.id)
                if change.status is ArticleStatus.PUBLISHED:
                    await publish(session, root, contents, content, change.at, TIMER)
                else:
                    enter(session, root, content, change.status, change.at, TIMER, change.status.value)
                failpoint("article.written")
            planned(root, contents)
            root.kept = True
            await incidents.end_of_article(session, root.id, given.now)
        failpoint("article.committed")
        return ArticleStanding(due=change.at if change else None, next=change.status if change else None)


async def contents_of(session: AsyncSession, article_id: UUID) -> list[ArticleVersion]:
    """All versions in all languages, in each the latest first."""
    wanted = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    order = ArticleVersion.language, ArticleVersion.major.desc(), ArticleVersion.minor.desc()
    return list(await session.scalars(wanted.order_by(*order)))


def plan(contents: Iterable[ArticleVersion]) -> Change | None:
    """What comes next by itself."""
    return next_change(map(_times, contents))


def planned(root: Article, contents: Iterable[ArticleVersion]) -> bool:
    """Write on the article what comes next by itself; whether that is new, so that its run must hear of it."""
    change = plan(contents)
    due = change.at if change else None
    if due == root.due_on:
        return False
    root.due_on, root.kept = due, due is None
    return True


async def publish(
    session: AsyncSession,
    root: Article,
    contents: Sequence[ArticleVersion],
    content: ArticleVersion,
    now: datetime,
    actor: str,
) -> None:
    """Publish this version; what was published or scheduled before it in its language is archived, so that exactly one
    is published. If it says so, approved versions in other languages are published along, until the same instant."""
    if content.with_translations:
        content.with_translations = False
        for other in contents:
            if other.language != content.language and other.status == ArticleStatus.APPROVED:
                other.expires_on, other.after_expiry = content.expires_on, content.after_expiry
                await publish(session, root, contents, other, now, actor)
    for older in contents:
        if older.language == content.language and older is not content and older.status in STANDS_FOR:
            enter(session, root, older, ArticleStatus.ARCHIVED, now, actor, "archive")
    # Two published versions never exist, not even inside a transaction.
    await session.flush()
    content.published_on, content.publish_on = now, None
    enter(session, root, content, ArticleStatus.PUBLISHED, now, actor, "publish")
    await session.flush()


def enter(
    session: AsyncSession,
    root: Article,
    content: ArticleVersion,
    status: ArticleStatus,
    now: datetime,
    actor: str,
    action: str,
) -> None:
    """Give a version another state, with audit."""
    session.add(
        Audit(
            id=new_id(),
            at=now,
            actor=actor,
            kind="article",
            object_id=root.slug,
            action=f"{action} {named(root, content)}",
            changes={"status": [content.status, status.value]},
        )
    )
    content.status, content.modified_on = status.value, now
    root.version += 1


def named(root: Article, content: ArticleVersion) -> str:
    """`version 1.2`, or `version 1.2 de` of a translation."""
    language = "" if content.language == root.language else f" {content.language}"
    return f"version {content.major}.{content.minor}{language}"


def _times(content: ArticleVersion) -> VersionTimes:
    return VersionTimes(
        id=content.id,
        status=ArticleStatus(content.status),
        publish_on=content.publish_on,
        expires_on=content.expires_on,
        after_expiry=AfterExpiry(content.after_expiry),
    )
