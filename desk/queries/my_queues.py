"""The queues of an agent, with how much waits in each (domain 2): one statement for the queues, one for the figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.queue_news import rules_in_force
from desk.identity import Identity
from models.messages.assignment import AssignmentMethod
from models.messages.base import Message
from models.messages.cases import CaseStatus, SlaState
from models.records.cases import Case, QueueItem
from models.records.reference import Queue, TeamMember
from storage.definitions import Definitions
from storage.repositories.membership import is_member

SOON = timedelta(hours=1)


class QueueCounts(Message):
    """A queue, and how many of its cases: I work on; nobody works on; have a deadline within the hour, or had it already;
    have broken a promise; wait for the customer, or for somebody else outside (a status reason that pauses)."""

    slug: str
    name: str
    private: bool
    default: bool
    """It is the default queue of the agent, or of a team of theirs."""
    method: AssignmentMethod
    cases: int = 0
    mine: int = 0
    available: int = 0
    due_within_the_hour: int = 0
    breached: int = 0
    waiting_on_customer: int = 0


class QueueCountsPage(Message):
    items: tuple[QueueCounts, ...]
    next: str | None = None


async def my_queues(
    session: AsyncSession, definitions: Definitions, identity: Identity, now: datetime
) -> QueueCountsPage:
    """Those that the agent owns, belongs to by themselves or by a team, or works on a case of, by their names."""
    me = identity.agent_id
    teams = select(TeamMember.team_id).where(TeamMember.agent_id == me)
    works = exists().where(QueueItem.queue_id == Queue.id, QueueItem.live, QueueItem.worked_by == me)
    mine = or_(
        Queue.owner_id == me, is_member(Queue.id, me), works, Queue.default_of == me, Queue.default_of.in_(teams)
    )
    own = or_(Queue.default_of == me, Queue.default_of.in_(teams))
    wanted = select(Queue.id, Queue.slug, Queue.name, Queue.private, func.coalesce(own, False).label("default"))
    rows = (await session.execute(wanted.where(Queue.active, mine).order_by(Queue.name, Queue.id))).all()
    rules = await rules_in_force(session, definitions)
    pausing = [each.slug for each in (await definitions.organisation(session)).status_reasons if each.pauses]
    figures = await _figures(session, [row.id for row in rows], me, pausing, now)
    return QueueCountsPage(
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
        )
    )


async def _figures(
    session: AsyncSession, queues: list[UUID], me: UUID, pausing: list[str], now: datetime
) -> dict[UUID, dict[str, int]]:
    counted = {
        "mine": QueueItem.worked_by == me,
        "available": QueueItem.worked_by.is_(None),
        "due_within_the_hour": Case.next_due <= now + SOON,
        "breached": Case.sla_state == SlaState.NONCOMPLIANT.value,
        "waiting_on_customer": Case.status_reason.in_(pausing),
    }
    columns = [_count(condition).label(name) for name, condition in counted.items()]
    rows = await session.execute(
        select(QueueItem.queue_id, func.count().label("cases"), *columns)
        .join(Case, Case.id == QueueItem.case_id)
        .where(QueueItem.queue_id.in_(queues), QueueItem.live, Case.status == CaseStatus.ACTIVE)
        .group_by(QueueItem.queue_id)
    )
    return {row.queue_id: {name: getattr(row, name) for name in ("cases", *counted)} for row in rows}


def _count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))
