"""The places where the worker dies around articles are places of the code, and the checks of that run see faults."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from cases.article_times import ArticleTimes
from faults.articles import PLACES, check, places, prepare
from models.messages.articles import KeepArticle
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from models.records.reference import Audit
from storage.engines import Database

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    made = Database(sqlite_url)
    yield made
    await made.close()


def test_every_place_is_in_the_code() -> None:
    text = "".join(file.read_text() for file in (ROOT / "cases").rglob("*.py"))
    known = set(re.findall(r'failpoint\("([a-z.]+)"\)', text))
    assert set(PLACES) <= known
    assert {part.partition(":")[0] for part in places(random.Random(1)).split(",")} == set(PLACES)


async def test_the_check_sees_what_is_lost_and_what_is_doubled(database: Database) -> None:
    slugs = await prepare(database, 3, random.Random(1))
    assert len(await check(database, slugs)) == 6, "nothing is done yet"
    times, later = ArticleTimes(database), datetime.now(UTC) + timedelta(hours=1)
    async with database.read() as session:
        ids = list(await session.scalars(select(Article.id).order_by(Article.slug)))
    for id in (*ids, *ids):
        await times.keep(KeepArticle(article_id=id, now=later))
    assert await check(database, slugs) == []
    async with database.write() as session:
        lost = update(ArticleVersion).where(ArticleVersion.article_id == ids[0], ArticleVersion.status == "expired")
        await session.execute(lost.values(status="published"))
        doubled = {"id": new_id(), "at": later, "actor": "timer", "kind": "article", "changes": {}}
        session.add(Audit(object_id=slugs[1], action="publish version 1.1", **doubled))
    assert [fault.partition(":")[0] for fault in await check(database, slugs)] == slugs[:2]
