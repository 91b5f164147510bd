"""A desk that has been at work for three years: cases in bulk, without workflows, spread as a desk's cases are."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from models.messages.cases import CaseStatus, SlaState
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case
from models.records.customers import ContactAddress
from models.records.reference import Account, Agent, Contact, Queue, Team
from storage.engines import Database
from storage.fulltext.filling import fill

QUEUES, AGENTS, TEAMS = 10, 100, 5
CASES_OF_ACCOUNT, CASES_OF_CONTACT = 100, 20
LARGE_SHARE = 0.1
"""Of all cases, of the one large account."""
AT_ONCE = 5000
FIRST = datetime(2028, 3, 1, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)

STATUSES = {CaseStatus.OPENING: 1, CaseStatus.ACTIVE: 24, CaseStatus.RESOLVED: 70, CaseStatus.CANCELLED: 5}
PRIORITIES = {"high": 15, "normal": 65, "low": 20}
OPEN_STATES = {
    SlaState.IN_PROGRESS: 70,
    SlaState.NEARING: 5,
    SlaState.NONCOMPLIANT: 10,
    SlaState.PAUSED: 10,
    SlaState.NONE: 5,
}
CLOSED_STATES = {SlaState.SUCCEEDED: 80, SlaState.NONCOMPLIANT: 15, SlaState.NONE: 5}
COMPLAINTS = ("loses its connection", "does not pair", "does not start", "makes a noise", "Größe passt nicht")
THINGS = ("Headphones", "Router", "Loudspeaker", "Kopfhörer", "Charger", "Remote control", "Power supply")


@dataclass(frozen=True)
class Population:
    """Whom the cases belong to."""

    cases: int
    identity: Identity
    agents: tuple[UUID, ...]
    teams: tuple[UUID, ...]
    accounts: tuple[UUID, ...]
    """The first is the large one."""
    contacts: tuple[UUID, ...]


def serial(number: int) -> str:
    """The one word of a title that no other title has."""
    return f"SN{number:07d}"


async def filled(database: Database, count: int, *, searched: bool = True, first: datetime = FIRST) -> Population:
    """Put `count` cases into a migrated database without any, have them found by their words (if `searched`), and have it
    look at them (ANALYZE on PostgreSQL). `first`: when the first one was opened; the last ones are as many years later."""
    chance = random.Random(2)
    async with database.write() as session:
        people = await _people(session, count)
        async with _unindexed(session, database):
            rows = _cases(people, chance, first)
            while some := list(islice(rows, AT_ONCE)):
                await _insert(session, database, some)
    if searched:
        async with database.writer.begin() as connection:
            await connection.run_sync(fill)
    if not database.sqlite:
        async with database.write() as session:
            await session.execute(text("ANALYZE"))
    return people


async def _people(session: AsyncSession, count: int) -> Population:
    agents = [new_id() for _ in range(AGENTS)]
    teams = [new_id() for _ in range(TEAMS)]
    accounts = [new_id() for _ in range(max(count // CASES_OF_ACCOUNT, 2))]
    contacts = [new_id() for _ in range(max(count // CASES_OF_CONTACT, 2))]
    await session.execute(
        insert(Agent),
        [
            {"id": id, "slug": f"agent-{n}", "name": f"Agent {n}", "email": f"{n}@house.example", "roles": [Role.AGENT]}
            for n, id in enumerate(agents)
        ],
    )
    queues = [
        {"id": new_id(), "slug": f"queue-{n}", "name": f"Queue {n}", "owner_id": agents[0]} for n in range(QUEUES)
    ]
    await session.execute(insert(Queue), queues)
    await session.execute(
        insert(Team), [{"id": id, "slug": f"team-{n}", "name": f"Team {n}"} for n, id in enumerate(teams)]
    )
    await session.execute(
        insert(Account), [{"id": id, "slug": f"account-{n}", "name": f"Account {n}"} for n, id in enumerate(accounts)]
    )
    await session.execute(
        insert(Contact),
        [
            {"id": id, "slug": f"contact-{n}", "name": f"Contact {n}", "email": f"{n}@customer.example"}
            for n, id in enumerate(contacts)
        ],
    )
    await session.execute(
        insert(ContactAddress),
        [{"address": f"{n}@customer.example", "contact_id": id, "position": 0} for n, id in enumerate(contacts)],
    )
    identity = Identity(agents[0], "agent-0", "Agent 0", frozenset({Role.AGENT}))
    return Population(count, identity, tuple(agents), tuple(teams), tuple(accounts), tuple(contacts))


def _cases(people: Population, chance: random.Random, first: datetime) -> Iterator[dict[str, Any]]:
    statuses = chance.choices(list(STATUSES), list(STATUSES.values()), k=people.cases)
    for number, status in enumerate(statuses):
        open = status in (CaseStatus.OPENING, CaseStatus.ACTIVE)
        created = first + YEARS * (number / people.cases) + timedelta(minutes=chance.randrange(600))
        states = OPEN_STATES if open else CLOSED_STATES
        state = chance.choices(list(states), list(states.values()))[0]
        owned = chance.random()
        due = timedelta(minutes=chance.randrange(10_000))
        yield {
            "id": new_id(),
            "number": f"CAS-{number:05}-BENCH0",
            "title": f"{chance.choice(THINGS)} {chance.choice(COMPLAINTS)} ({serial(number)})",
            "origin": "email",
            "status": status.value,
            "status_reason": "in-progress" if open else "problem-solved",
            "priority": chance.choices(list(PRIORITIES), list(PRIORITIES.values()))[0],
            "custom": {},
            "account_id": people.accounts[0] if chance.random() < LARGE_SHARE else chance.choice(people.accounts),
            "contact_id": chance.choice(people.contacts),
            "owner_id": chance.choice(people.agents) if owned < 0.85 else None,
            "owner_team_id": chance.choice(people.teams) if 0.85 <= owned < 0.88 else None,
            "queue": f"queue-{chance.randrange(QUEUES)}" if open else None,
            "sla_state": state.value,
            "next_due": first + YEARS + (-due if state is SlaState.NONCOMPLIANT else due) if open else None,
            "first_response_sent": not open or number % 3 > 0,
            "customer_replied_last": open and number % 7 == 0,
            "reactivated_on": created + timedelta(days=1) if open and number % 50 == 0 else None,
            "created_on": created,
            "modified_on": created + timedelta(minutes=chance.randrange(20_000)),
            "version": 1,
        }


async def _insert(session: AsyncSession, database: Database, rows: list[dict[str, Any]]) -> None:
    if database.sqlite:
        await session.execute(insert(Case), rows)
        return
    told = {"route": True, "decrement": True, "escalated": False, "life": 0}
    columns = [*rows[0], *told]
    pooled = await (await session.connection()).get_raw_connection()
    assert pooled.driver_connection is not None
    records = [tuple("{}" if name == "custom" else value for name, value in (row | told).items()) for row in rows]
    await pooled.driver_connection.copy_records_to_table("service_case", records=records, columns=columns)


@asynccontextmanager
async def _unindexed(session: AsyncSession, database: Database) -> AsyncIterator[None]:
    """PostgreSQL makes an index of a full table several times as fast as it adds to one row by row."""
    found = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'service_case'"
        " AND indexdef NOT LIKE 'CREATE UNIQUE%'"
    )
    indexes = [] if database.sqlite else (await session.execute(text(found))).all()
    for name, _ in indexes:
        await session.execute(text(f'DROP INDEX "{name}"'))
    yield
    for _, definition in indexes:
        await session.execute(text(definition))
