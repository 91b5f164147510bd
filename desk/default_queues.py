"""Default queues: every agent and every team has one, where what is routed to them waits (domain 2). Made when needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Conflict
from desk.identity import Identity
from desk.reference.kinds import QUEUES
from desk.reference.queues import default_queue_of
from desk.reference.records import Edit
from desk.reference.references import TABLES
from models.messages.cases import ProblemType
from models.messages.reference import QueueBody
from models.messages.said import said
from models.records.reference import Agent, Queue, TeamMember
from storage.engines import Database

LONGEST_SLUG = 63


async def default_queue(database: Database, identity: Identity, now: datetime, kind: str, id: UUID) -> UUID:
    """The id of the default queue of an active agent or team; `Conflict` if it was switched off."""
    async with database.read() as session:
        known = await default_queue_of(session, id)
    if known is not None:
        return _in_use(known)
    try:
        async with database.write() as session:
            return await default_queue_within(session, identity, now, kind, id)
    except Conflict:
        # Perhaps somebody else routed to them at the same moment, and has made it.
        async with database.read() as session:
            known = await default_queue_of(session, id)
        if known is None:
            raise
        return _in_use(known)


async def default_queue_within(session: AsyncSession, identity: Identity, now: datetime, kind: str, id: UUID) -> UUID:
    """As `default_queue`, in a transaction that writes."""
    return _in_use(await default_queue_of(session, id) or await _made(session, identity, now, kind, id))


def _in_use(queue: Queue) -> UUID:
    if not queue.active:
        raise Conflict(
            ProblemType.QUEUE_INACTIVE.value, said("the queue {queue!r} is not active any more", queue=queue.slug)
        )
    return queue.id


async def _made(session: AsyncSession, identity: Identity, now: datetime, kind: str, id: UUID) -> Queue:
    """Private to the agent, or to the team. A team's first member owns it, or whoever asked for it if it has none."""
    row: Any = await session.get_one(TABLES[kind], id)
    if kind == "agent":
        mine: dict[str, Any] = {"owner": row.slug, "members": (row.slug,), "default_of_agent": row.slug}
    else:
        first = select(Agent.slug).join(TeamMember, TeamMember.agent_id == Agent.id)
        first = first.where(TeamMember.team_id == id, Agent.active).order_by(TeamMember.id).limit(1)
        owner = await session.scalar(first)
        mine = {"owner": owner or identity.slug, "teams": (row.slug,), "default_of_team": row.slug}
    taken = set(await session.scalars(select(Queue.slug)))
    slug = next(slug for slug in _slugs(kind, row.slug, id) if slug not in taken)
    body = QueueBody(slug=slug, name=row.name, private=True, **mine)
    item = await QUEUES.create(Edit(session, identity.slug, now), body)
    return await session.get_one(Queue, item.id)


def _slugs(kind: str, slug: str, id: UUID) -> Iterator[str]:
    yield slug
    yield f"{kind}-{slug}"[:LONGEST_SLUG]
    yield f"{kind}-{id.hex}"
