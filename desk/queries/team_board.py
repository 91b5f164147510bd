"""What managers look at all day: how much is open in each queue, who works on how much, and who is there.

One statement counts all open cases by queue and owner; `CaseFilter` lists exactly the cases behind each count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.my_queues import SOON, pausing_reasons
from desk.queries.visibility import sight_of
from desk.queries.walks import hinted
from models.messages.assignment import Presence
from models.messages.cases import SlaState
from models.records.cases import ACTIVE, BOARD, Case
from models.records.reference import Agent, Queue
from storage.definitions import Definitions
from storage.sqlite import aside

MOST_AGENTS = 300
"""Agents on one board."""
HERE = (Presence.ONLINE.value, Presence.BUSY.value, Presence.AWAY.value, Presence.OFFLINE.value)
"""In this order they are shown."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Active cases: all of them; those that nobody owns; that have broken a promise; whose next deadline is within the hour or
    has passed; whose clocks rest because somebody outside is waited for."""

    open: int = 0
    unassigned: int = 0
    breached: int = 0
    due_soon: int = 0
    waiting: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Counted)))


NOTHING = Counted()


@dataclass(frozen=True, slots=True)
class QueueLine:
    """`slug` None: cases that are in no queue. `oldest`: when the oldest of its open cases was opened."""

    slug: str | None
    name: str | None
    private: bool
    counted: Counted
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class AgentLine:
    """`load`: cases that they work on, as their capacity counts them; `counted`: cases that they own."""

    slug: str
    name: str
    presence: Presence
    presence_on: datetime | None
    load: int
    capacity: int | None
    counted: Counted


@dataclass(frozen=True, slots=True)
class TeamBoard:
    total: Counted
    queues: tuple[QueueLine, ...]
    agents: tuple[AgentLine, ...]
    further_agents: bool
    """There are more than fit on a board."""


async def team_board(session: AsyncSession, definitions: Definitions, identity: Identity, now: datetime) -> TeamBoard:
    """By the reader's sight: cases of private queues of others count for nobody who may not see them."""
    sight = await sight_of(session, identity)
    pausing = await pausing_reasons(session, definitions)
    wanted = (
        select(Case.queue, Case.owner_id, func.count(), *_counts(pausing, now), func.min(Case.created_on))
        # In these words, and not as a parameter, for which SQLite takes no partial index.
        .where(text(ACTIVE), sight.cases())
        .group_by(Case.queue, Case.owner_id)
    )
    with aside():
        rows = (await session.execute(hinted(wanted, BOARD))).all()
    by_queue: dict[str | None, Counted] = defaultdict(Counted)
    by_owner: dict[UUID, Counted] = defaultdict(Counted)
    oldest: dict[str | None, datetime] = {}
    for queue, owner, *numbers, first in rows:
        counted = Counted(*map(int, numbers))
        by_queue[queue] += counted
        oldest[queue] = min(first, oldest.get(queue, first))
        if owner is not None:
            by_owner[owner] += counted
    queues = await session.scalars(select(Queue).where(Queue.active, sight.queues()).order_by(Queue.name, Queue.id))
    agents = list(await session.scalars(_agents()))
    return TeamBoard(
        total=_sum(by_queue.values()),
        queues=tuple(_queues(queues, by_queue, oldest)),
        agents=tuple(_agent(row, by_owner.get(row.id, NOTHING)) for row in agents[:MOST_AGENTS]),
        further_agents=len(agents) > MOST_AGENTS,
    )


def _counts(pausing: list[str], now: datetime) -> list[ColumnElement[Any]]:
    """In the order of `Counted`, behind `open`."""
    conditions = (
        Case.owner_id.is_(None) & Case.owner_team_id.is_(None),
        Case.sla_state == SlaState.NONCOMPLIANT.value,
        Case.next_due <= now + SOON,
        Case.status_reason.in_(pausing),
    )
    return [func.sum(case((condition, 1), else_=0)) for condition in conditions]


def _sum(counted: Iterable[Counted]) -> Counted:
    return sum(counted, NOTHING)


def _agents() -> Any:
    """Those who are there first, then by name."""
    there = case({presence: place for place, presence in enumerate(HERE)}, value=Agent.presence, else_=len(HERE))
    return select(Agent).where(Agent.active).order_by(there, Agent.name, Agent.id).limit(MOST_AGENTS + 1)


def _queues(
    queues: Iterable[Queue], by_queue: dict[str | None, Counted], oldest: dict[str | None, datetime]
) -> Iterable[QueueLine]:
    for queue in queues:
        counted = by_queue.get(queue.slug, NOTHING)
        yield QueueLine(queue.slug, queue.name, queue.private, counted, oldest.get(queue.slug))
    if None in by_queue:
        yield QueueLine(None, None, False, by_queue[None], oldest.get(None))


def _agent(row: Agent, counted: Counted) -> AgentLine:
    return AgentLine(row.slug, row.name, Presence(row.presence), row.presence_on, row.load, row.capacity, counted)
