"""Key figures over years of cases: how fast they are counted, asked for, and a day's page is read.

`python -m benchmarks.key_figures --cases 1000000` fills a PostgreSQL of its own (with `--sqlite` a file), counts everything and
prints a table. Cases are spread as `benchmarks.filling` spreads them; each has a stay in a queue and a promise, and the resolved
ones a resolution.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.facts import make
from benchmarks.figures import milliseconds, quantile
from benchmarks.filling import FIRST, YEARS, filled
from benchmarks.life import worked
from benchmarks.lists import postgres
from desk.identity import Identity
from desk.queries.figure_filters import FigureFilter
from desk.queries.key_figures import figure_cases, figure_page, figure_view
from models.messages.figures import FigureBy
from models.messages.reference import Role
from models.records.base import new_id
from models.records.figures import FigureBasis, FigureFact
from storage.definitions import Definitions
from storage.engines import Database
from storage.figures import days
from storage.figures.counting import basis, count_some, lock
from storage.figures.registry import FIGURES
from storage.migrate import upgrade_async

LOOKS = 3
A_YEAR = 366
"""Days that are summed up together: by the month, as the house does it, most of the time would go into the statements."""
COUNTED_BY_HOUSE = 20_000
AT_ONCE = 1000
SINCE, UNTIL = FIRST.date(), (FIRST + YEARS).date() + timedelta(days=15)
GROUPS = (None, FigureBy.QUEUE, FigureBy.AGENT, FigureBy.CUSTOMER, FigureBy.MONTH)
Rows = list[tuple[str, str]]
BEGAN = time.perf_counter()


def say(words: str) -> None:
    print(f"{time.perf_counter() - BEGAN:6.1f} s  {words}", file=sys.stderr, flush=True)


async def measured(url: str, cases: int) -> Rows:
    """Fill the empty database at `url`, count, and ask."""
    await upgrade_async(url)
    database, definitions = Database(url), Definitions()
    try:
        await filled(database, cases, searched=False, uncounted=counted_by_house(database, cases))
        say(f"{cases:,} cases")
        await worked(database, say)
        found = [await counted_all(database, definitions, cases)]
        if not database.sqlite:
            async with database.writer.connect() as connection:
                await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))
        found += await _asked(database, definitions)
    finally:
        await database.close()
    return found


def counted_by_house(database: Database, cases: int) -> int:
    """How many cases the house counts by itself, the first ones: a million would take it a quarter of an hour."""
    return cases if database.sqlite else min(cases, COUNTED_BY_HOUSE)


async def counted_all(database: Database, definitions: Definitions, cases: int) -> tuple[str, str]:
    """All facts and their days; in words, how fast the house counted its share."""
    own = counted_by_house(database, cases)
    async with database.write() as session:
        # Else the house would have all cases counted anew, because it does not know yet by which settings they were.
        await lock(session)
        await session.execute(update(FigureBasis).values(settings=(await basis(session, definitions)).digest))
    found = await counted(database, definitions, own)
    say(found[1])
    if own < cases:
        made = await make(database, definitions, own, cases)
        say(f"{made:,} facts of the other cases, as the house would count them")
    await summed(database, definitions)
    return found


async def counted(database: Database, definitions: Definitions, cases: int) -> tuple[str, str]:
    began, most = time.perf_counter(), 0.0
    while True:
        at = time.perf_counter()
        async with database.write() as session:
            found = await count_some(session, definitions, AT_ONCE)
        most = max(most, time.perf_counter() - at)
        if not found:
            break
    per_second = cases / (time.perf_counter() - began)
    async with database.read() as session:
        facts = await session.scalar(select(func.count(literal(1))).select_from(FigureFact))
    words = f"{per_second:,.0f} cases a second, {facts:,} facts; the longest transaction {milliseconds(most)}"
    return f"counting {cases:,} cases", words


async def summed(database: Database, definitions: Definitions) -> None:
    """Sum up the days of all facts."""
    while True:
        async with database.write() as session:
            await lock(session)
            due = await days.due_days(session, A_YEAR)
            if not due:
                break
            await days.sum_up(session, (await basis(session, definitions)).organisation, due)
    say("days summed up")


async def _asked(database: Database, definitions: Definitions) -> Rows:
    manager = Identity(new_id(), "mona", "Mona", frozenset({Role.MANAGER}))
    found: Rows = []

    async def view(session: AsyncSession, name: str, by: FigureBy | None) -> None:
        await figure_view(session, definitions, manager, name, SINCE, UNTIL, by)

    for by in GROUPS:
        worst, slowest = 0.0, ""
        for figure in FIGURES:
            took = []
            for _ in range(LOOKS):
                began = time.perf_counter()
                async with database.read() as session:
                    await view(session, figure.name, by)
                took.append(time.perf_counter() - began)
            if quantile(took, 0.5) > worst:
                worst, slowest = quantile(took, 0.5), figure.name
        say(f"figures by {by or 'nothing'}")
        found.append(
            (f"a figure of all years, by {by or 'nothing'}: the slowest, {slowest}", f"p50 {milliseconds(worst)}")
        )
    for by in (None, FigureBy.QUEUE):
        took = []
        for look in range(LOOKS * 10):
            day = SINCE + timedelta(days=100 + 7 * look)
            began = time.perf_counter()
            async with database.read() as session:
                await figure_page(session, definitions, manager, day, by, FIRST)
            took.append(time.perf_counter() - began)
        p50, p99 = (milliseconds(quantile(took, part)) for part in (0.5, 0.99))
        found.append((f"a day's page of all figures, by {by or 'nothing'}", f"p50 {p50}, p99 {p99}"))
    took = []
    for look in range(LOOKS * 2):
        since = SINCE + timedelta(days=50 * look)
        began = time.perf_counter()
        async with database.read() as session:
            await figure_cases(
                session,
                definitions,
                manager,
                "resolution-time",
                since,
                since + timedelta(days=30),
                given=FigureFilter(queue="queue-1"),
            )
        took.append(time.perf_counter() - began)
    found.append(("the first 50 cases behind a figure of a month", f"p50 {milliseconds(quantile(took, 0.5))}"))
    return found


async def main(cases: int, *, sqlite: bool) -> None:
    if sqlite:
        with TemporaryDirectory(prefix="caseloom-bench-") as folder:
            rows = await measured(f"sqlite:///{Path(folder) / 'figures.db'}", cases)
    else:
        async with postgres() as url:
            rows = await measured(url, cases)
    for what, words in rows:
        print(f"| {what} | {words} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.key_figures", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(given.cases, sqlite=given.sqlite))
