"""What can be chosen in the filters of a list: the queues that one may see, who can own a case, and their names."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.visibility import sight_of
from models.records.reference import Agent, Queue, Team

MOST = 500
"""Of each kind: a page must stay small. Who has more writes the address by hand."""


@dataclass(frozen=True, slots=True)
class ListChoices:
    """Names by slugs, in the order of the names."""

    queues: dict[str, str]
    agents: dict[str, str]
    teams: dict[str, str]


async def list_choices(session: AsyncSession, identity: Identity) -> ListChoices:
    sight = await sight_of(session, identity)
    queues = await session.execute(
        select(Queue.slug, Queue.name).where(Queue.active, sight.queues()).order_by(Queue.name, Queue.id).limit(MOST)
    )
    agents = await session.execute(
        select(Agent.slug, Agent.name).where(Agent.active).order_by(Agent.name, Agent.id).limit(MOST)
    )
    teams = await session.execute(
        select(Team.slug, Team.name).where(Team.active).order_by(Team.name, Team.id).limit(MOST)
    )
    return ListChoices(*({row.slug: row.name for row in rows} for rows in (queues, agents, teams)))
