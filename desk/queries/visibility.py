"""Who may see a case (domain 2 and 13, row 16): a private queue's cases are for members, their owners, and managers, and so are
activities of no case that arrived in it.

The one rule of sight: whatever shows a case, names one or leads to one asks here. What is out of sight is answered as what does
not exist; where it is only named beside something that may be seen, its name is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Uuid, bindparam, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import NotFound
from desk.identity import Identity, Role
from models.messages.telling import told_again
from models.records.base import looked_for
from models.records.cases import Case, QueueItem
from models.records.reference import Queue, TeamMember
from models.records.timeline import Activity
from storage.engines import READING
from storage.repositories.membership import is_member

OVERSEERS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})


_SIGHTS = "sights"
"""Where a session that reads keeps what it found."""
_AGENT = bindparam("agent", type_=Uuid())
# Built once: nearly every request asks it.
HIDDEN = select(Queue.id, Queue.slug).where(
    Queue.private,
    Queue.owner_id != _AGENT,
    ~is_member(Queue.id, _AGENT),
)
LONGEST_NUMBER = 30
NAME_CASES = ("related", "adopted_from", "former")
NAME_QUEUES = ("queue", "overflowed")
"""Data of a timeline's entry that name a case by its number, and a queue by its slug."""
CASE_OF_NUMBER = select(Case).where(Case.number == looked_for("number"))


@dataclass(frozen=True, slots=True)
class Sight:
    """What is hidden from somebody: private queues that they neither own nor belong to. Usually none."""

    agent_id: UUID
    hidden: tuple[UUID, ...]
    hidden_slugs: tuple[str, ...]
    teams: tuple[UUID, ...]

    def cases(self) -> ColumnElement[bool]:
        """The condition that a case is visible, for any statement that selects from `Case`."""
        if not self.hidden:
            return true()
        # A closed case has left its queue, but it was private there and remains so.
        left_hidden = exists().where(QueueItem.case_id == Case.id, QueueItem.queue_id.in_(self.hidden)).correlate(Case)
        return or_(
            Case.owner_id == self.agent_id,
            Case.owner_team_id.in_(self.teams),
            (Case.queue.is_not(None) & Case.queue.not_in(self.hidden_slugs)),
            (Case.queue.is_(None) & ~left_hidden),
        )

    def free_activities(self) -> ColumnElement[bool]:
        """The condition that an activity belongs to no case, and did not arrive in a hidden queue; their owners see theirs."""
        free = Activity.case_id.is_(None)
        if not self.hidden:
            return free
        arrived = or_(Activity.queue.is_(None), Activity.queue.not_in(self.hidden_slugs))
        return free & or_(Activity.owner_id == self.agent_id, arrived)

    def queue(self, queue: Queue) -> bool:
        return queue.id not in self.hidden

    def queues(self) -> ColumnElement[bool]:
        """The condition that a queue is visible, for any statement that selects from `Queue`."""
        return Queue.id.not_in(self.hidden) if self.hidden else true()


async def sight_of(session: AsyncSession, identity: Identity) -> Sight:
    """What this identity may see. It is read once in a session that reads, which is of one request, and else anew each time:
    the end of a membership takes effect at once."""
    if identity.roles & OVERSEERS:
        return Sight(identity.agent_id, (), (), ())
    if READING not in session.info:
        return await _sight_of(session, identity)
    kept: dict[UUID, Sight] = session.info.setdefault(_SIGHTS, {})
    if identity.agent_id not in kept:
        kept[identity.agent_id] = await _sight_of(session, identity)
    return kept[identity.agent_id]


async def _sight_of(session: AsyncSession, identity: Identity) -> Sight:
    hidden = (await session.execute(HIDDEN, {"agent": identity.agent_id})).all()
    if not hidden:
        return Sight(identity.agent_id, (), (), ())
    teams = await session.scalars(select(TeamMember.team_id).where(TeamMember.agent_id == identity.agent_id))
    return Sight(identity.agent_id, tuple(row.id for row in hidden), tuple(row.slug for row in hidden), tuple(teams))


async def visible_row(
    session: AsyncSession, identity: Identity, statement: Select[Any], number: str, **given: Any
) -> Row[*tuple[Any, ...]]:
    """The row of a statement that finds a case by its `number`. `NotFound` if there is none, and the same if it may not be
    known of. `given`: what else the statement asks for."""
    row: Row[*tuple[Any, ...]] | None = None
    if len(number) <= LONGEST_NUMBER:
        sight = await sight_of(session, identity)
        seen = statement.where(sight.cases()) if sight.hidden else statement
        row = (await session.execute(seen, {"number": number, **given})).one_or_none()
    if row is None:
        raise NotFound("case", number)
    return row


async def visible_case(session: AsyncSession, identity: Identity, number: str) -> Case:
    """The case of this number, as `visible_row` finds it."""
    case: Case = (await visible_row(session, identity, CASE_OF_NUMBER, number))[0]
    return case


async def numbers_seen(session: AsyncSession, sight: Sight, *which: ColumnElement[bool]) -> dict[UUID, str]:
    """The numbers, by id, of the cases of these conditions that may be known of."""
    rows = await session.execute(select(Case.id, Case.number).where(or_(*which), sight.cases()))
    return {row.id: row.number for row in rows}


async def named_in(session: AsyncSession, sight: Sight, entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Data of a timeline, with null for every case and queue that may not be known of."""
    entries = [told_again(entry) for entry in entries]
    if not sight.hidden:
        return entries
    named = {entry[name] for entry in entries for name in NAME_CASES if entry.get(name)}
    seen = set((await numbers_seen(session, sight, Case.number.in_(named))).values()) if named else set()
    hidden = frozenset(sight.hidden_slugs)
    unseen = dict.fromkeys(NAME_CASES, frozenset(named - seen)) | dict.fromkeys(NAME_QUEUES, hidden)
    return [
        {name: None if value in unseen.get(name, ()) else value for name, value in entry.items()} for entry in entries
    ]


async def case_of_activity(session: AsyncSession, identity: Identity, activity_id: UUID) -> Case:
    """The activity's case. An activity of a case that may not be known of is not there either."""
    sight = await sight_of(session, identity)
    case = await session.scalar(
        select(Case).join(Activity, Activity.case_id == Case.id).where(Activity.id == activity_id, sight.cases())
    )
    if case is None:
        raise NotFound("activity", activity_id)
    return case


async def visible_queue(session: AsyncSession, identity: Identity, key: str) -> Queue:
    """The queue of this slug or id. `NotFound` if there is none, and the same if it is private to others."""
    sight = await sight_of(session, identity)
    try:
        queue = await session.get(Queue, UUID(key))
    except ValueError:
        queue = await session.scalar(select(Queue).where(Queue.slug == key))
    if queue is None or not sight.queue(queue):
        raise NotFound("queue", key)
    return queue
