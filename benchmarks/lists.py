"""The list that an agent looks at all day: fifty cases of a queue and a status, the next due first."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.figures import Line, milliseconds, quantile
from desk.identity import Identity
from desk.queries.cases import CaseFilter, list_cases
from models.messages.cases import CaseStatus, SlaState
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case
from models.records.reference import Agent, Queue
from servers.postgres import PostgresServer
from storage.engines import Database
from storage.migrate import upgrade_async

NAME = "lists"
SMALL, LARGE = 10_000, 100_000
QUEUES = 10
LOOKS = 200
ADDED_AT_ONCE = 1000
ACTIVE = 0.3
"""Share of the cases that are open; the others are resolved."""


async def lines(large: bool) -> list[Line]:
    """SQLite with 10,000 cases; with `large`, PostgreSQL with 100,000 as well."""
    found = []
    with TemporaryDirectory(prefix="caseloom-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'lists.db'}"
        found.append(await measured(url, SMALL, f"list of 50 of {SMALL:,} cases, SQLite", "p99 under 20 ms"))
    if large:
        async with _postgres() as url:
            what = f"list of 50 of {LARGE:,} cases, PostgreSQL"
            found.append(await measured(url, LARGE, what, "p99 under 50 ms, of 1,000,000"))
    return found


@asynccontextmanager
async def _postgres() -> AsyncIterator[str]:
    with TemporaryDirectory(prefix="caseloom-bench-") as folder:
        async with PostgresServer(Path(folder)) as server:
            yield await server.create_database("lists")


async def measured(url: str, count: int, what: str, aim: str) -> Line:
    await upgrade_async(url)
    database = Database(url)
    try:
        identity = await _filled(database, count)
        chance, seconds = random.Random(1), []
        for _ in range(LOOKS):
            wanted = CaseFilter(queue=f"queue-{chance.randrange(QUEUES)}", status=(CaseStatus.ACTIVE,))
            began = time.perf_counter()
            async with database.read() as session:
                page = await list_cases(session, identity, wanted)
            seconds.append(time.perf_counter() - began)
            assert len(page.items) == 50
    finally:
        await database.close()
    spread = ", ".join(f"p{share * 100:.0f} {milliseconds(quantile(seconds, share))}" for share in (0.5, 0.99))
    return Line(what, spread, aim)


async def _filled(database: Database, count: int) -> Identity:
    chance, now = random.Random(2), datetime.now(UTC)
    async with database.write() as session:
        agent = Agent(id=new_id(), slug="agent", name="Agent", email="agent@house.example", roles=[Role.AGENT.value])
        session.add(agent)
        await session.flush()
        for number in range(QUEUES):
            session.add(Queue(id=new_id(), slug=f"queue-{number}", name=f"Queue {number}", owner_id=agent.id))
        for first in range(0, count, ADDED_AT_ONCE):
            await _add_cases(session, range(first, min(first + ADDED_AT_ONCE, count)), chance, now, agent)
    async with database.read() as session:
        row = await session.scalar(select(Agent).where(Agent.slug == "agent"))
        assert row is not None
        return Identity(row.id, row.slug, row.name, frozenset({Role.AGENT}))


async def _add_cases(session: AsyncSession, numbers: range, chance: random.Random, now: datetime, owner: Agent) -> None:
    values = []
    for number in numbers:
        active, created = chance.random() < ACTIVE, now - timedelta(minutes=chance.randrange(500_000))
        values.append(
            {
                "id": new_id(),
                "number": f"CAS-{number:06}-BENCH0",
                "title": f"Does not pair ({number})",
                "origin": "email",
                "status": (CaseStatus.ACTIVE if active else CaseStatus.RESOLVED).value,
                "status_reason": "in-progress" if active else "problem-solved",
                "owner_id": owner.id,
                "queue": f"queue-{chance.randrange(QUEUES)}",
                "sla_state": SlaState.NONE.value,
                "next_due": now + timedelta(minutes=chance.randrange(10_000)) if active else None,
                "created_on": created,
                "modified_on": created,
                "version": 1,
            }
        )
    await session.execute(insert(Case), values)
