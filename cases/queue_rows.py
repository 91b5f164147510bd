"""The rows that a look at a queue decides on: who waits, who is there, and where else there is room."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, cast, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.assigning import AgentFacts, TargetFacts, WaitingItem
from models.messages.assignment import AssignmentRule, Overflow, Presence
from models.messages.calendars import Calendar
from models.messages.cases import QUEUE_VERBS, CaseStatus
from models.messages.reference import CASE_ROLES
from models.records.cases import Case, QueueItem
from models.records.commands import Command
from models.records.reference import Agent, Queue
from policies.business_time import closed_since
from storage.definitions import DefinitionKind, Definitions
from storage.repositories.membership import can_work

A_LOOK = 50
"""Cases that one look gives out, and as many that it sends on; then it looks again."""
WORKERS = frozenset(role.value for role in CASE_ROLES)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item with the case that a command about it goes to."""

    facts: WaitingItem
    case_id: UUID
    number: str
    origin: str
    version: int


_ASKED = (
    exists()
    .where(Command.case_id == Case.id, Command.state == "pending", Command.kind.in_(sorted(QUEUE_VERBS)))
    .correlate(Case)
)
"""The house has asked the case already, and it has not decided yet: so long nothing else is asked of it."""


def _waits(queue_id: UUID) -> Any:
    return and_(
        QueueItem.queue_id == queue_id,
        QueueItem.live,
        QueueItem.worked_by.is_(None),
        Case.status == CaseStatus.ACTIVE,
    )


async def how_many_wait(session: AsyncSession, queue_id: UUID) -> int:
    wanted = select(func.count()).select_from(QueueItem).join(Case, Case.id == QueueItem.case_id)
    return await session.scalar(wanted.where(_waits(queue_id))) or 0


async def is_any_asked(session: AsyncSession, queue_id: UUID) -> bool:
    """Whether a case that waits there has a command of the house that it has not decided yet."""
    wanted = select(QueueItem.id).join(Case, Case.id == QueueItem.case_id).where(_waits(queue_id), _ASKED)
    return await session.scalar(wanted.limit(1)) is not None


async def waiting(
    session: AsyncSession,
    queue_id: UUID,
    *,
    first: int,
    priorities: Sequence[str],
    overflow: Overflow | None,
    closed: datetime | None,
    now: datetime,
    without: Collection[UUID] = (),
) -> list[Waiting]:
    """The first `first` to come of each kind of item that nobody works on, and those that may go on to another queue.

    Items of one kind (priority, skills, who gave them back, where they come from) differ only in how long they wait, so that
    whatever the policy chooses among all that wait, it finds among these. `closed`: since when the queue is out of its hours.
    """
    kind = (Case.priority, cast(Case.skills, String), QueueItem.released_by, QueueItem.overflowed_from)
    entered = (QueueItem.entered_on, QueueItem.id)
    seen = (
        select(
            *(QueueItem.id, QueueItem.entered_on, QueueItem.released_by, QueueItem.overflowed_from),
            *(Case.id.label("case_id"), Case.number, Case.origin, Case.version, Case.priority, Case.skills),
            (func.row_number().over(order_by=entered) - 1).label("place"),
            func.row_number().over(partition_by=kind, order_by=entered).label("of_kind"),
        )
        .join(Case, Case.id == QueueItem.case_id)
        .where(_waits(queue_id), QueueItem.id.not_in(without), ~_ASKED)
        .subquery()
    )
    row = seen.c
    chosen = [row.of_kind <= first]
    if overflow is not None:
        goes_on = []
        if closed is not None:
            goes_on.append(row.entered_on >= closed)
        if overflow.longest_wait is not None:
            goes_on.append(row.entered_on <= now - timedelta(minutes=float(overflow.longest_wait.minutes)))
        if overflow.longest_queue is not None:
            goes_on.append(row.place >= overflow.longest_queue)
        if goes_on:
            chosen.append(and_(row.overflowed_from.is_(None), or_(*goes_on)))
    found = await session.execute(select(seen).where(or_(*chosen)).order_by(row.place).limit(MOST_READ))
    ranks = {slug: rank for rank, slug in enumerate(priorities)}
    return [
        Waiting(
            WaitingItem(
                id=each.id,
                rank=ranks.get(each.priority, len(ranks)),
                entered_on=each.entered_on,
                place=each.place,
                skills=each.skills or {},
                released_by=each.released_by,
                overflowed=each.overflowed_from is not None,
            ),
            each.case_id,
            each.number,
            each.origin,
            each.version,
        )
        for each in found
    ]


MOST_READ = 2_000
"""Items of one look."""


async def agents_of(session: AsyncSession, queue_id: UUID, calendars: Mapping[str, Calendar]) -> list[AgentFacts]:
    """Whom the queue can give cases: its members, or everybody where it names none, who hold a role that works cases."""
    rows = await session.scalars(select(Agent).where(Agent.active, can_work(queue_id)))
    return [
        AgentFacts.model_construct(
            id=row.id,
            slug=row.slug,
            load=row.load,
            capacity=row.capacity,
            presence=Presence(row.presence),
            skills=row.skills,
            calendar=calendars.get(row.calendar or ""),
            last_assigned_on=row.last_assigned_on,
        )
        for row in rows
        if WORKERS.intersection(row.roles)
    ]


async def targets_of(
    session: AsyncSession,
    overflow: Overflow,
    rules: Mapping[str, AssignmentRule],
    calendars: Mapping[str, Calendar],
    now: datetime,
) -> list[TargetFacts]:
    """The queues that it overflows into, by what their own rules say of them."""
    rows = await session.execute(select(Queue.id, Queue.slug).where(Queue.slug.in_(overflow.to), Queue.active))
    found = []
    for id, slug in rows:
        theirs = rules[slug].overflow if slug in rules else None
        room, closed = None, False
        if theirs is not None:
            closed = closed_since(calendars.get(theirs.out_of_hours or ""), now) is not None
            if theirs.longest_queue is not None:
                room = max(theirs.longest_queue - await how_many_wait(session, id), 0)
        found.append(TargetFacts(slug=slug, closed=closed, room=room))
    return found


async def calendars_in_force(session: AsyncSession, definitions: Definitions) -> dict[str, Calendar]:
    active = (await definitions.active(session, DefinitionKind.CALENDAR))[DefinitionKind.CALENDAR]
    return {slug: each.body for slug, each in active.items() if isinstance(each.body, Calendar)}
