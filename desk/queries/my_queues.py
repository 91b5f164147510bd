"""The queues of an agent, with how much waits in each (domain 2): one statement for the queues, one for the figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cases.queue_news import rules_in_force
from desk.identity import Identity
from desk.queries.visibility import sight_of
from desk.queries.walks import hinted
from models.messages.assignment import AssignmentMethod
from models.messages.base import Message
from models.messages.cases import SlaState
from models.records.cases import ACTIVE, BOARD, LIVE, Case, QueueItem
from models.records.reference import Queue, TeamMember
from storage.definitions import Definitions
from storage.repositories.membership import is_member
from storage.sqlite import aside

SOON = timedelta(hours=1)


class Counts(Message):
    """How many cases there are, and how many of them: I work on; nobody works on; have a deadline within the hour, or had it
    already; have broken a promise; wait for the customer, or for somebody else outside (a status reason that pauses)."""

    cases: int = 0
    mine: int = 0
    available: int = 0
    due_within_the_hour: int = 0
    breached: int = 0
    waiting_on_customer: int = 0


class QueueCounts(Counts):
    """A queue, and how many of its cases."""

    slug: str
    name: str
    private: bool
    default: bool
    """It is the default queue of the agent, or of a team of theirs."""
    method: AssignmentMethod


class QueueCountsPage(Message):
    items: tuple[QueueCounts, ...]
    total: Counts
    """Of all of them together."""
    next: str | None = None


async def my_queues(
    session: AsyncSession, definitions: Definitions, identity: Identity, now: datetime
) -> QueueCountsPage:
    """Those that the agent owns, belongs to by themselves or by a team, or works on a case of, by their names."""
    me = identity.agent_id
    mine, own = or_(is_theirs(me), is_worked_by(me)), _is_default_of(me)
    wanted = select(Queue.id, Queue.slug, Queue.name, Queue.private, func.coalesce(own, False).label("default"))
    rows = (await session.execute(wanted.where(Queue.active, mine).order_by(Queue.name, Queue.id))).all()
    rules = await rules_in_force(session, definitions)
    pausing = await pausing_reasons(session, definitions)
    figures = await _figures(session, {row.id: row.slug for row in rows}, identity, pausing, now)
    total = Counts(**{name: sum(each[name] for each in figures.values()) for name in Counts.model_fields})
    return QueueCountsPage(
        total=total,
        items=tuple(
            QueueCounts(
                slug=row.slug,
                name=row.name,
                private=row.private,
                default=bool(row.default),
                method=rules[row.slug].method if row.slug in rules else AssignmentMethod.MANUAL,
                **figures.get(row.id, {}),
            )
            for row in rows
        ),
    )


def is_theirs(agent: UUID) -> ColumnElement[bool]:
    """The condition that a queue is owned by the agent, or that they belong to it, by themselves or by a team."""
    return or_(Queue.owner_id == agent, is_member(Queue.id, agent), _is_default_of(agent))


def is_worked_by(agent: UUID) -> ColumnElement[bool]:
    """The condition that the agent works on a case of the queue."""
    return exists().where(QueueItem.queue_id == Queue.id, QueueItem.live, QueueItem.worked_by == agent)


def _is_default_of(agent: UUID) -> ColumnElement[bool]:
    teams = select(TeamMember.team_id).where(TeamMember.agent_id == agent)
    return or_(Queue.default_of == agent, Queue.default_of.in_(teams))


async def pausing_reasons(session: AsyncSession, definitions: Definitions) -> list[str]:
    """The status reasons that stop the clocks: the desk waits for somebody else."""
    return [each.slug for each in (await definitions.organisation(session)).status_reasons if each.pauses]


def views(me: UUID, pausing: Sequence[str], now: datetime) -> dict[str, ColumnElement[bool]]:
    """What is counted of the queue items and cases of queues, by the figure's name; `my_cases` lists what is behind it."""
    return {
        "mine": QueueItem.worked_by == me,
        "available": QueueItem.worked_by.is_(None),
        "due_within_the_hour": Case.next_due <= now + SOON,
        "breached": Case.sla_state == SlaState.NONCOMPLIANT.value,
        "waiting_on_customer": Case.status_reason.in_(pausing),
    }


async def _figures(
    session: AsyncSession, queues: dict[UUID, str], identity: Identity, pausing: list[str], now: datetime
) -> dict[UUID, dict[str, int]]:
    """Counted from indexes alone, which have all that is asked: of the cases, and of who works on them."""
    me = identity.agent_id
    sight = await sight_of(session, identity)
    of_cases, of_items = views(me, pausing, now), {}
    for name in ("mine", "available"):
        of_items[name] = of_cases.pop(name)
    cases = (
        select(Case.queue, func.count().label("cases"), *(_count(each).label(name) for name, each in of_cases.items()))
        .where(text(ACTIVE), Case.queue.in_(queues.values()))
        .group_by(Case.queue)
    )
    items = (
        select(QueueItem.queue_id, *(_count(each).label(name) for name, each in of_items.items()))
        .where(text(LIVE), QueueItem.queue_id.in_(queues))
        .group_by(QueueItem.queue_id)
    )
    if sight.hidden:
        # Of a private queue that they have left, there is only the case that they work on.
        cases = cases.where(sight.cases())
        items = items.join(Case, Case.id == QueueItem.case_id).where(sight.cases())
    with aside():
        by_slug = {row.queue: row for row in await session.execute(hinted(cases, BOARD))}
        by_id = {row.queue_id: row for row in await session.execute(items)}
    found: dict[UUID, dict[str, int]] = {}
    for id, slug in queues.items():
        if slug in by_slug:
            found[id] = {name: getattr(by_slug[slug], name) for name in ("cases", *of_cases)}
            found[id] |= {name: getattr(by_id[id], name) if id in by_id else 0 for name in of_items}
    return found


def _count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))
