"""The search of a house that has written a great many articles, asked as agents and customers ask.

`python -m benchmarks.knowledge [articles] [postgresql]` fills a database and prints a line for each kind of question.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.arguments import filling
from benchmarks.figures import milliseconds, quantile
from benchmarks.searching import RARE, SENTENCES
from desk.public_articles import public_search
from desk.queries.article_cases import suggested
from desk.queries.article_search import ArticleFilter, ArticleSort, Visibility, listed, search_articles
from models.messages.articles import ArticleStatus
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from models.records.cases import Case
from servers.postgres import PostgresServer
from storage.engines import Database
from storage.fulltext.filling import fill
from storage.migrate import upgrade_async

LOOKS = 50
AT_ONCE = 2_000
FIRST = datetime(2028, 1, 3, 9, 0, tzinfo=UTC)
THINGS = (
    "router",
    "headphones",
    "speaker",
    "printer",
    "charger",
    "Lautsprecher",
    "Drucker",
    "Kopfhörer",
    "tablet",
    "camera",
)
DEEDS = (
    "pairing",
    "cleaning",
    "returning",
    "updating",
    "Garantie",
    "Rechnung",
    "repair",
    "battery",
    "Verbindung",
    "noise",
)

Ask = Callable[[AsyncSession, random.Random, int], Awaitable[Any]]


def _words(chance: random.Random) -> str:
    return f"{chance.choice(THINGS)} {chance.choice(DEEDS)}"


QUESTIONS: dict[str, Ask] = {
    "an article's number": lambda s, chance, count: search_articles(s, f"KA-{1001 + chance.randrange(count):05}"),
    "an article's own word": lambda s, chance, count: search_articles(s, f"serie{chance.randrange(count)}"),
    "rare word": lambda s, chance, count: search_articles(s, chance.choice(RARE)),
    "word of each tenth title": lambda s, chance, count: search_articles(s, chance.choice(THINGS)),
    "two words of titles": lambda s, chance, count: search_articles(s, _words(chance)),
    "a whole question": lambda s, chance, count: search_articles(
        s, f"how do I stop the {_words(chance)} at night please"
    ),
    "half a word": lambda s, chance, count: search_articles(s, chance.choice(["head", "prin", "gara", "updat"])),
    "absent word": lambda s, chance, count: search_articles(s, "xylophone"),
    "two words, German alone": lambda s, chance, count: search_articles(
        s, _words(chance), ArticleFilter(language="de")
    ),
    "two words, external alone": lambda s, chance, count: search_articles(
        s, _words(chance), ArticleFilter(visibility=Visibility.EXTERNAL)
    ),
    "two words, most viewed first": lambda s, chance, count: search_articles(s, _words(chance), sort=ArticleSort.VIEWS),
    "the public asks": lambda s, chance, count: public_search(s, _words(chance), "de"),
    "most viewed, page of 50": lambda s, chance, count: listed(
        s, ArticleFilter(status=(ArticleStatus.PUBLISHED,)), ArticleSort.VIEWS, None, 50
    ),
    "suggested for a case": lambda s, chance, count: suggested(
        s, Case(id=new_id(), title=f"My {_words(chance)} does not work", description=chance.choice(SENTENCES))
    ),
}


async def searched(url: str, count: int) -> Iterator[str]:
    await upgrade_async(url)
    database = Database(url)
    try:
        await _fill(database, count)
        began = time.perf_counter()
        async with database.writer.begin() as connection:
            entries = await connection.run_sync(lambda made: fill(made, (ArticleVersion,)))
        found = [f"{entries:,} entries made in {time.perf_counter() - began:.0f} s"]
        if not database.sqlite:
            async with database.write() as session:
                await session.execute(text("ANALYZE"))
        return iter([*found, *[await _asked(database, count, name) for name in QUESTIONS]])
    finally:
        await database.close()


async def _fill(database: Database, count: int) -> None:
    chance = random.Random(3)
    for begin in range(0, count, AT_ONCE):
        roots, versions = [], []
        for number in range(begin, min(begin + AT_ONCE, count)):
            id, language, at = new_id(), chance.choice(["en", "de"]), FIRST + timedelta(minutes=10 * number)
            roots.append(
                {
                    "id": id,
                    "number": f"KA-{1001 + number:05}",
                    "slug": f"article-{number}",
                    "language": language,
                    "views": chance.randrange(10_000),
                    "version": 1,
                }
            )
            sentences = chance.sample(SENTENCES, 5)
            rare = [chance.choice(RARE)] if number % 1000 == 0 else []
            versions.append(
                {
                    "id": new_id(),
                    "article_id": id,
                    "language": language,
                    "major": 1,
                    "minor": 0,
                    "status": "published",
                    "title": f"{chance.choice(THINGS)}: {chance.choice(DEEDS)}",
                    "content": " ".join([*sentences, f"serie{number}", *rare]),
                    "keywords": "",
                    "internal": chance.random() < 0.2,
                    "modified_on": at,
                    "published_on": at,
                }
            )
        async with database.write() as session:
            await session.execute(insert(Article), roots)
            await session.execute(insert(ArticleVersion), versions)


async def _asked(database: Database, count: int, name: str) -> str:
    chance, times, found = random.Random(name), list[float](), 0
    for _ in range(LOOKS):
        began = time.perf_counter()
        async with database.read() as session:
            answer = await QUESTIONS[name](session, chance, count)
        times.append(time.perf_counter() - began)
        found += len(answer[0] if isinstance(answer, tuple) else answer)
    middle, worst = quantile(times, 0.5), quantile(times, 0.99)
    return f"{name:32} {found / LOOKS:6.1f} found, p50 {milliseconds(middle)}, p99 {milliseconds(worst)}"


async def main(count: int, *, postgresql: bool) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="caseloom-bench-")))
        url = f"sqlite:///{folder / 'articles.db'}"
        if postgresql:
            url = await (await stack.enter_async_context(PostgresServer(folder))).create_database("articles")
        for line in await searched(url, count):
            print(line, flush=True)


if __name__ == "__main__":
    asked = filling(__doc__, "articles")
    asyncio.run(main(asked.count, postgresql=asked.postgresql))
