"""Which queues that assign by themselves may have something to do after a write of a case."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.assignment import AssignmentRule
from models.records.reference import Agent, Queue
from storage.definitions import DefinitionKind, Definitions
from storage.repositories.membership import can_work


async def rules_in_force(session: AsyncSession, definitions: Definitions) -> dict[str, AssignmentRule]:
    """By the slug of the queue: the rules by which queues do something by themselves."""
    active = (await definitions.active(session, DefinitionKind.ASSIGNMENT_RULE))[DefinitionKind.ASSIGNMENT_RULE]
    bodies = (each.body for each in active.values())
    return {body.queue: body for body in bodies if isinstance(body, AssignmentRule) and body.works_by_itself}


async def queues_to_tell(
    session: AsyncSession, definitions: Definitions, queue: str | None, freed: Collection[UUID]
) -> tuple[str, ...]:
    """Of the case's queue and those of the agents who can take a case more, those that do something by themselves."""
    rules = await rules_in_force(session, definitions)
    found = {queue} if queue in rules else set()
    if rules and freed:
        found |= await queues_of(session, rules, freed)
    return tuple(sorted(found))


async def queues_of(session: AsyncSession, queues: Collection[str], agents: Collection[UUID]) -> set[str]:
    """Of these queues, by their slugs, those whose cases any of the agents can be given."""
    wanted = select(Queue.slug).join(Agent, Agent.id.in_(agents)).where(Queue.slug.in_(queues), can_work(Queue.id))
    return set(await session.scalars(wanted.distinct()))
