"""The lists that people look at all day: each filter in each order, its first page and a deep one."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.figures import Line, milliseconds, quantile
from benchmarks.filling import AGENTS, QUEUES, TEAMS, Population, filled, serial
from benchmarks.plans import Plan, plans_of
from desk.queries import cursors
from desk.queries.cases import CaseFilter, list_cases
from desk.queries.walks import ORDERS
from models.messages.cases import CaseStatus, SlaState
from models.records.cases import Case
from servers.postgres import PostgresServer
from storage.definitions import Definitions
from storage.engines import Database
from storage.migrate import upgrade_async

NAME = "lists"
ON_SQLITE, ON_POSTGRESQL = 100_000, 1_000_000
LOOKS = 60
PAGE = 50
AIM = "p99 under 50 ms"

Draw = Callable[[random.Random, Population], CaseFilter]
ACTIVE = (CaseStatus.ACTIVE,)
FILTERS: dict[str, Draw] = {
    "none": lambda chance, people: CaseFilter(),
    "status": lambda chance, people: CaseFilter(status=(chance.choice(list(CaseStatus)),)),
    "two statuses": lambda chance, people: CaseFilter(status=(CaseStatus.OPENING, CaseStatus.ACTIVE)),
    "queue and status": lambda chance, people: CaseFilter(queue=_queue(chance), status=ACTIVE),
    "queue": lambda chance, people: CaseFilter(queue=_queue(chance)),
    "agent": lambda chance, people: CaseFilter(owner=f"agent-{chance.randrange(AGENTS)}"),
    "agent and status": lambda chance, people: CaseFilter(owner=f"agent-{chance.randrange(AGENTS)}", status=ACTIVE),
    "team": lambda chance, people: CaseFilter(owner=f"team-{chance.randrange(TEAMS)}"),
    "nobody's": lambda chance, people: CaseFilter(owner="none", status=ACTIVE),
    "large account": lambda chance, people: CaseFilter(customer="account-0"),
    "account": lambda chance, people: CaseFilter(customer=f"account-{chance.randrange(1, len(people.accounts))}"),
    "contact": lambda chance, people: CaseFilter(customer=f"contact-{chance.randrange(len(people.contacts))}"),
    "priority": lambda chance, people: CaseFilter(priority=chance.choice(["high", "normal", "low"])),
    "SLA state": lambda chance, people: CaseFilter(sla=chance.choice(list(SlaState))),
    "queue and priority": lambda chance, people: CaseFilter(queue=_queue(chance), priority="high", status=ACTIVE),
    "agent and SLA state": lambda chance, people: CaseFilter(
        owner=f"agent-{chance.randrange(AGENTS)}", sla=SlaState.NONCOMPLIANT
    ),
    "common word": lambda chance, people: CaseFilter(q=chance.choice(["HEADPHONES", "größe", "connection"])),
    "rare word": lambda chance, people: CaseFilter(q=serial(chance.randrange(people.cases)).lower()),
    "absent word": lambda chance, people: CaseFilter(q="gramophone"),
    "word and status": lambda chance, people: CaseFilter(q="kopfhorer", status=ACTIVE),
    "number": lambda chance, people: CaseFilter(q=f"cas-{chance.randrange(people.cases):05}"),
}


def _queue(chance: random.Random) -> str:
    return f"queue-{chance.randrange(QUEUES)}"


@dataclass(frozen=True)
class Look:
    """How long a list took, looked at often, in seconds, and by which index."""

    filter: str
    order: str
    deep: bool
    seconds: tuple[float, ...]
    indexes: tuple[str, ...]

    def figures(self) -> str:
        return f"p50 {milliseconds(quantile(self.seconds, 0.5))}, p99 {milliseconds(quantile(self.seconds, 0.99))}"


async def lines(cases: int, *, large: bool) -> list[Line]:
    """SQLite with `cases`; with `large`, PostgreSQL with ten times as many as well. A line for each filter: of its
    orders and pages the slowest."""
    found = []
    with TemporaryDirectory(prefix="caseloom-bench-") as folder:
        found += slowest(await looked(f"sqlite:///{Path(folder) / 'lists.db'}", cases), f"{cases:,} on SQLite")
    if large:
        cases *= ON_POSTGRESQL // ON_SQLITE
        async with postgres() as url:
            found += slowest(await looked(url, cases), f"{cases:,} on PostgreSQL")
    return found


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    with TemporaryDirectory(prefix="caseloom-bench-") as folder:
        async with PostgresServer(Path(folder)) as server:
            yield await server.create_database("lists")


def slowest(looks: list[Look], where: str) -> list[Line]:
    found = []
    for name in FILTERS:
        worst = max(
            (look for look in looks if look.filter == name), key=lambda look: quantile(look.seconds, 0.99), default=None
        )
        if worst is not None:
            what = (
                f"list of {PAGE} of {where}, by {name}, slowest order ({worst.order}{', deep' if worst.deep else ''})"
            )
            found.append(Line(what, worst.figures(), AIM))
    return found


async def looked(url: str, count: int, times: int = LOOKS) -> list[Look]:
    """Fill the empty database at `url` and look at every list, `times` each, always for another queue, agent, ..."""
    await upgrade_async(url)
    database = Database(url)
    try:
        people = await filled(database, count)
        middle = {sort: await _middle(database, sort, count) for sort in ORDERS}
        return [
            await _look(database, people, name, sort, cursor, times)
            for name in FILTERS
            for sort in ORDERS
            for cursor in (None, middle[sort])
        ]
    finally:
        await database.close()


async def _look(database: Database, people: Population, name: str, sort: str, cursor: str | None, times: int) -> Look:
    chance, definitions, seconds = random.Random(1), Definitions(), []
    plans: list[Plan] = []

    async def look(session: AsyncSession) -> None:
        wanted = FILTERS[name](chance, people)
        await list_cases(session, definitions, people.identity, wanted, sort=sort, cursor=cursor, limit=PAGE)

    async with database.read() as session:  # not counted: its plans are asked for, and its statements compiled
        with plans_of(session, "service_case") as plans:
            await look(session)
    for _ in range(times):
        began = time.perf_counter()
        async with database.read() as session:
            await look(session)
        seconds.append(time.perf_counter() - began)
    indexes = dict.fromkeys(index for plan in plans for index in plan.indexes)
    return Look(name, sort, cursor is not None, tuple(seconds), tuple(indexes))


async def _middle(database: Database, sort: str, count: int) -> str:
    """The cursor of the case that half of the others precede."""
    column = ORDERS[sort].column
    rows = select(column, Case.id).where(column.is_not(None)).order_by(column, Case.id)
    async with database.read() as session:
        with_value = count if sort != "next_due" else count // 5
        value, id = (await session.execute(rows.offset(with_value // 2).limit(1))).one()
    return cursors.encode(sort, value, id)


def grid(looks: list[Look]) -> str:
    """A table of Markdown: filters by orders; in a cell p50 / p99 of the first page and, behind it, of the deep one."""
    rows = [f"| {' | '.join(['filter', *ORDERS])} |", f"| {' | '.join(['---'] * (len(ORDERS) + 1))} |"]
    for name in FILTERS:
        cells = []
        for sort in ORDERS:
            both = [look for look in looks if (look.filter, look.order) == (name, sort)]
            cells.append(
                ", ".join("/".join(f"{quantile(look.seconds, q) * 1000:.0f}" for q in (0.5, 0.99)) for look in both)
            )
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


async def main() -> None:
    """Both grids in full size, with the indexes: what docs/performance.md shows."""
    with TemporaryDirectory(prefix="caseloom-bench-") as folder:
        print(grid(await looked(f"sqlite:///{Path(folder) / 'lists.db'}", ON_SQLITE)))
    async with postgres() as url:
        print(grid(await looked(url, ON_POSTGRESQL)))


if __name__ == "__main__":
    asyncio.run(main())
