"""Kills the worker around the publication and the expiry of articles, and checks that each happened once.

Each article is published in a version 1.0, and has a 1.1 with a German translation that is published at an instant to come
and expires at a later one."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from desk.reference import article_life, article_writing
from desk.reference.records import Edit
from faults import world
from faults.lives import dies
from models.messages.articles import ArticleBody, PublishBody, TranslationBody, VersionLevel
from models.records.articles import Article, ArticleVersion
from models.records.reference import Audit
from servers.processes import stop_process
from storage.engines import Database

PLACES = ("article.written", "article.committed")
LATEST = 4
"""The worker dies when it comes to a place for at most the so many-th time."""
FIRST, STAYS = timedelta(seconds=20), timedelta(seconds=30)
"""Until the first is published, and from there until it expires."""
LIVES_FOR = 30.0
REST_WITHIN = 300.0
ENDED = {("en", 1, 0): "archived", ("en", 1, 1): "expired", ("de", 1, 0): "expired"}
"""How each article ends, by language and version."""
ONCE = (
    "archive version 1.0",
    "publish version 1.1",
    "publish version 1.0 de",
    "expired version 1.1",
    "expired version 1.0 de",
)
"""What the timer has written in the end, each once."""


def places(rng: random.Random) -> str:
    """As a failpoint's setting: the worker dies at the first of these that it comes to."""
    return ",".join(f"{name}:{rng.randint(1, LATEST)}" for name in PLACES)


async def play(here: world.World, articles: int, kills: int, rng: random.Random) -> tuple[int, list[str]]:
    """How often the worker died at one of its places, and what is not as it must be, in words."""
    at_a_place = 0
    slugs = await prepare(here.house.database, articles, rng)
    for life in range(1, kills + 1):
        setting = places(rng)
        died = await dies(await here.start_worker(life, setting), LIVES_FOR)
        at_a_place += died
        print(f"life {life} {'died at' if died else 'was killed before it came to'} {setting}", flush=True)
    worker = await here.start_worker(kills + 1, "")
    try:
        await _rest(here.house.database)
        return at_a_place, await check(here.house.database, slugs)
    finally:
        await stop_process(worker, kill_after=20.0)


async def prepare(database: Database, articles: int, rng: random.Random) -> list[str]:
    """Their slugs. Several are due at one instant, as after a release."""
    slugs = [f"planned-{number}" for number in range(articles)]
    now = datetime.now(UTC)
    for slug in slugs:
        at = now + FIRST + timedelta(seconds=2 * rng.randint(0, 30))
        async with database.write() as session:
            edit = Edit(session, "author", now)
            await article_writing.create(edit, ArticleBody(slug=slug, title=slug, content="Words"), None)
            await article_life.approve(edit, slug)
            await article_life.publish(edit, slug, PublishBody())
            await article_writing.new_version(edit, slug, VersionLevel.MINOR, None)
            await article_writing.translate(edit, slug, TranslationBody(language="de"), None)
            await article_life.approve(edit, slug)
            await article_life.approve(edit, slug, "de")
            await article_life.publish(edit, slug, PublishBody(at=at, expires_on=at + STAYS, translations=True))
    return slugs


async def _rest(database: Database) -> None:
    """No article has a plan any more."""
    ends = time.monotonic() + REST_WITHIN
    while time.monotonic() < ends:
        async with database.read() as session:
            if not await session.scalar(select(func.count()).where(Article.due_on.is_not(None))):
                return
        await asyncio.sleep(0.5)
    print("no rest: an article still has a plan", flush=True)


async def check(database: Database, slugs: Iterable[str]) -> list[str]:
    """What is not as it must be, in words."""
    found: list[str] = []
    for slug in slugs:
        async with database.read() as session:
            rows = select(ArticleVersion).join(Article, Article.id == ArticleVersion.article_id)
            versions = list(await session.scalars(rows.where(Article.slug == slug)))
            wanted = select(Audit.action).where(
                Audit.kind == "article", Audit.object_id == slug, Audit.actor == "timer"
            )
            told = Counter(await session.scalars(wanted))
        states = {(each.language, each.major, each.minor): each.status for each in versions}
        if states != ENDED:
            found.append(f"{slug}: {states}")
        if told != Counter(ONCE):
            found.append(f"{slug}: the timer has written {dict(told)}")
    return found
