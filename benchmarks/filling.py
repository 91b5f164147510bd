"""A desk that has been at work for three years: cases in bulk, without workflows, spread as a desk's cases are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.bulk import Words, bare, key
from desk.identity import Identity
from models.messages.cases import CaseStatus, SlaState
from models.messages.reference import Role
from models.records.base import new_id
from models.records.customers import ContactAddress
from models.records.reference import Account, Agent, Contact, Queue, Team
from storage.engines import Database
from storage.fulltext.filling import fill

QUEUES, AGENTS, TEAMS = 10, 100, 5
CASES_OF_ACCOUNT, CASES_OF_CONTACT = 100, 20
LARGE_SHARE = 0.1
"""Of all cases, of the one large account."""
AT_ONCE = 5000
CASE, AGENT, TEAM, ACCOUNT, CONTACT = range(1, 6)
"""The kinds of rows that keys are made for."""
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


async def filled(
    database: Database, count: int, *, searched: bool = True, first: datetime = FIRST, uncounted: int | None = None
) -> Population:
    """Put `count` cases into a migrated database without any, have them found by their words (if `searched`), and have it
    look at them (ANALYZE on PostgreSQL). `first`: when the first one was opened; the last ones are as many years later.
    `uncounted`: so many, the first, are still to be counted by the key figures; without it, all are."""
    words = Words(sqlite=database.sqlite)
    async with database.write() as session:
        people = await _people(session, count)
        async with bare(session, "service_case"):
            connection = await session.connection()
            await connection.exec_driver_sql(_cases(people, first, count if uncounted is None else uncounted, words))
    if searched:
        async with database.writer.begin() as connection:
            await connection.run_sync(fill)
    if not database.sqlite:
        async with database.write() as session:
            await session.execute(text("ANALYZE"))
    return people


async def _people(session: AsyncSession, count: int) -> Population:
    agents = [key(AGENT, n) for n in range(AGENTS)]
    teams = [key(TEAM, n) for n in range(TEAMS)]
    accounts = [key(ACCOUNT, n) for n in range(max(count // CASES_OF_ACCOUNT, 2))]
    contacts = [key(CONTACT, n) for n in range(max(count // CASES_OF_CONTACT, 2))]
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


def _cases(people: Population, first: datetime, uncounted: int, words: Words) -> str:
    """The statement that makes them all."""
    open_ = "('opening', 'active')"
    state = f"CASE WHEN status IN {open_} THEN {words.one_of(3, OPEN_STATES)} ELSE {words.one_of(3, CLOSED_STATES)} END"
    minutes = round(YEARS.total_seconds() / 60)
    begun = f"CAST(CAST(place AS BIGINT) * {minutes} / {people.cases} AS INTEGER) + {words.draw(4, 600)}"
    # What was missed is due since then.
    due = f"CASE WHEN sla_state = 'noncompliant' THEN -1 ELSE 1 END * {words.draw(5, 10_000)}"
    owned, large = words.draw(6, 100), words.draw(7, 100)
    account, contact = (
        words.key(kind, words.draw(which, len(rows)))
        for kind, which, rows in ((ACCOUNT, 8, people.accounts), (CONTACT, 9, people.contacts))
    )
    title = f"{words.one_of(0, THINGS)} || ' ' || {words.one_of(1, COMPLAINTS)} || ' (SN' || {words.padded('n.place', 7)} || ')'"
    # By steps: each knows what the one below it has drawn.
    return f"""
    INSERT INTO service_case (id, number, title, origin, status, status_reason, priority, custom,
        account_id, contact_id, owner_id, owner_team_id, queue, sla_state, next_due, first_response_sent,
        customer_replied_last, reactivated_on, created_on, modified_on, version, counted_version, route,
        decrement, escalated, life)
    SELECT {words.key(CASE, "n.place")}, 'CAS-' || {words.padded("n.place", 5)} || '-BENCH0', {title}, 'email', status,
        CASE WHEN status IN {open_} THEN 'in-progress' ELSE 'problem-solved' END, {words.one_of(2, PRIORITIES)},
        {words.document("'{}'")},
        CASE WHEN {large} < {round(LARGE_SHARE * 100)} THEN {words.key(ACCOUNT, "0")} ELSE {account} END,
        {contact}, CASE WHEN {owned} < 85 THEN {words.key(AGENT, words.draw(10, AGENTS))} END,
        CASE WHEN {owned} BETWEEN 85 AND 87 THEN {words.key(TEAM, words.draw(11, TEAMS))} END,
        CASE WHEN status IN {open_} THEN 'queue-' || {words.draw(12, QUEUES)} END, sla_state,
        CASE WHEN status IN {open_} THEN {words.later(words.at(first + YEARS), due)} END,
        status NOT IN {open_} OR place % 3 > 0, status IN {open_} AND place % 7 = 0,
        CASE WHEN status IN {open_} AND place % 50 = 0 THEN {words.later("created_on", "1440")} END,
        created_on, {words.later("created_on", words.draw(13, 20_000))}, 1,
        CASE WHEN place < {uncounted} THEN -1 ELSE 1 END, true, true, false, 0
    FROM (SELECT n.place, status, {words.later(words.at(first), begun)} AS created_on, {state} AS sla_state
        FROM (SELECT n.place, {words.one_of(14, STATUSES)} AS status FROM {words.numbers(people.cases)}) AS n) AS n"""
