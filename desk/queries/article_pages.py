"""What the page of an article needs: all its versions, which of them is at work, who may review it, what it can be about."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import NotFound
from desk.reference.article_life import APPROVERS
from desk.reference.articles import Shown, versions
from models.messages.articles import ArticleStatus
from models.records.reference import Agent, Product, Subject
from policies.articles import LIVE, VERBS

OF_PUBLISHED = ("update", "expire", "archive")
"""Verbs that are of the published version, also where somebody writes on beside it."""
MOST_CHOICES = 300


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """`shown`: the version that was asked for; `working`: the latest in its language, which most verbs are of; `allowed`: what
    may be done by way of the version that is shown, whoever may do it."""

    shown: Shown
    working: Shown
    versions: tuple[Shown, ...]
    allowed: tuple[str, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.content.language for each in self.versions))


async def article_page(
    session: AsyncSession, key: str, language: str | None = None, version: str | None = None
) -> ArticlePage:
    """`version`: such as `1.1`; without it the published one, or else the latest. Raises NotFound."""
    every = await versions(session, key)
    language = language or every[0].root.language
    theirs = [each for each in every if each.content.language == language]
    if not theirs:
        raise NotFound("article", f"{key} in {language}")
    working = next((each for each in theirs if each.content.status != ArticleStatus.DISCARDED), theirs[0])
    if version is None:
        shown = next((each for each in theirs if each.content.status == ArticleStatus.PUBLISHED), working)
    else:
        named = (each for each in theirs if _number(each) == version)
        shown = next(named, None) or _missing(key, version)
    return ArticlePage(shown, working, tuple(every), _allowed(shown, working))


def _allowed(shown: Shown, working: Shown) -> tuple[str, ...]:
    verbs = VERBS[ArticleStatus(shown.content.status)]
    if shown.content.id == working.content.id:
        return verbs
    if shown.content.status in LIVE:
        return tuple(verb for verb in verbs if verb in OF_PUBLISHED)
    return ()


def _number(each: Shown) -> str:
    return f"{each.content.major}.{each.content.minor}"


def _missing(key: str, version: str) -> Shown:
    raise NotFound("article", f"{key}, version {version}")


async def reviewers(session: AsyncSession) -> list[tuple[str, str]]:
    """Slug and name of those who may approve articles."""
    rows = await session.execute(select(Agent.slug, Agent.name, Agent.roles).where(Agent.active).order_by(Agent.name))
    return [(row.slug, row.name) for row in rows if set(APPROVERS) & set(row.roles)][:MOST_CHOICES]


async def subjects_and_products(session: AsyncSession) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Slug and name of what an article can be about."""
    found = []
    for table in (Subject, Product):
        rows = select(table.slug, table.name).where(table.active).order_by(table.name).limit(MOST_CHOICES)
        found.append([(row.slug, row.name) for row in await session.execute(rows)])
    return found[0], found[1]
