"""An agent as they see themselves: roles, queues, teams, and how many cases they work on."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity, Role
from desk.queries.visibility import sight_of
from models.messages.me import Me, Membership, MyQueue, MyTeam
from models.records.reference import Agent, Queue, Team, TeamMember
from storage.definitions import Definitions
from storage.repositories.membership import is_member


async def me(session: AsyncSession, definitions: Definitions, identity: Identity) -> Me:
    agent = await session.get_one(Agent, identity.agent_id)
    organisation = await definitions.organisation(session)
    teams = await session.execute(
        select(Team.slug, Team.name)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.agent_id == agent.id, Team.active)
        .order_by(Team.slug)
    )
    return Me(
        id=agent.id,
        slug=agent.slug,
        name=agent.name,
        email=agent.email,
        roles=tuple(sorted(identity.roles)),
        held=tuple(sorted(map(Role, agent.roles))),
        queues=await _queues(session, identity),
        teams=tuple(MyTeam(slug=slug, name=name) for slug, name in teams),
        load=agent.load,
        capacity=agent.capacity,
        time_zone=agent.time_zone or organisation.time_zone,
        language=organisation.language,
    )


async def _queues(session: AsyncSession, identity: Identity) -> tuple[MyQueue, ...]:
    sight = await sight_of(session, identity)
    rows = await session.execute(
        select(Queue.slug, Queue.name, Queue.private, Queue.owner_id, is_member(Queue.id, identity.agent_id))
        .where(Queue.active, sight.queues())
        .order_by(Queue.slug)
    )
    return tuple(
        MyQueue(slug=slug, name=name, private=private, membership=_membership(owner == identity.agent_id, member))
        for slug, name, private, owner, member in rows
    )


def _membership(owns: bool, member: bool) -> Membership | None:
    if owns:
        return Membership.OWNER
    return Membership.MEMBER if member else None
