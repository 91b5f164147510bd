"""Articles as an organisation file would say them now, in all their languages (domain 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.article_times import contents_of
from desk.reference.articles import best, body_of, in_language, latest
from desk.reference.bodies import as_stored
from models.messages.articles import AfterExpiry, ArticleBody, ArticleEntry, ArticleStatus, ArticleTranslation
from models.records.articles import Article, ArticleVersion
from policies.articles import OPEN

S = ArticleStatus
SAID = (S.PUBLISHED, S.SCHEDULED, S.EXPIRED)
"""What a file can say of a translation; the first of them that there is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`entry`: what is published, or else the latest version. `scheduled`: what is planned to follow on what is published;
    `draft`: what somebody works at beside both."""

    entry: ArticleEntry
    status: ArticleStatus
    draft: ArticleBody | None
    scheduled: ArticleBody | None


async def standing(session: AsyncSession, slugs: Iterable[str]) -> dict[str, Standing]:
    """By slug."""
    roots = await session.scalars(select(Article).where(Article.slug.in_(list(slugs))))
    return {root.slug: _standing(root, await contents_of(session, root.id)) for root in list(roots)}


def _standing(root: Article, contents: list[ArticleVersion]) -> Standing:
    first = in_language(contents, root, None, root.slug)
    content, working = best(first), latest(first)
    beside = body_of(root, working) if working.id != content.id and working.status in OPEN else None
    is_planned = working.status == S.SCHEDULED
    return Standing(
        as_stored(
            ArticleEntry,
            **dict(body_of(root, content)),
            translations=tuple(_translations(root, contents)),
            publish_on=content.publish_on if content.status == S.SCHEDULED else None,
            expires_on=content.expires_on,
            after_expiry=AfterExpiry(content.after_expiry),
        ),
        ArticleStatus(content.status),
        None if is_planned else beside,
        beside if is_planned else None,
    )


def _translations(root: Article, contents: list[ArticleVersion]) -> Iterable[ArticleTranslation]:
    for language in sorted({each.language for each in contents} - {root.language}):
        versions = in_language(contents, root, language, root.slug)
        for status in SAID:
            content = next((each for each in versions if each.status == status), None)
            if content is not None:
                words = body_of(root, content).model_dump(include=set(ArticleTranslation.model_fields))
                yield as_stored(ArticleTranslation, **words)
                break
