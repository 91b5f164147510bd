"""Whether agents are there: what they say of themselves, or a manager of them (domain 5.2)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from cases.queue_news import queues_of, rules_in_force
from desk.errors import Conflict
from desk.reference.kinds import AGENTS
from desk.reference.records import Edit
from engine.queues import QueueTeller
from models.messages.assignment import Presence
from models.messages.said import said
from models.records.reference import Agent
from storage.definitions import Definitions
from storage.engines import Database


async def set_presence(edit: Edit, key: str, presence: Presence) -> dict[str, Any]:
    """Say it of the agent; what they said already changes nothing. `Conflict` if they are deactivated."""
    row: Agent = await AGENTS.row(edit.session, key, lock=True)
    if not row.active:
        raise Conflict("agent-inactive", said("agent {slug!r} is deactivated", slug=row.slug))
    if row.presence != presence:
        edit.audit("agent", row.slug, "presence", {"presence": [row.presence, presence.value]})
        row.presence, row.presence_on = presence.value, edit.now
        await edit.flush(f"agent {row.slug!r}")
    return {
        "agent": row.slug,
        "presence": row.presence,
        "presence_on": row.presence_on,
        "load": row.load,
        "capacity": row.capacity,
    }


async def queues_of_agent(session: AsyncSession, definitions: Definitions, key: str) -> set[str]:
    """The queues that assign by themselves, and could give this agent a case."""
    rules = await rules_in_force(session, definitions)
    if not rules:
        return set()
    return await queues_of(session, rules, [(await AGENTS.row(session, key)).id])


async def tell_queues(database: Database, definitions: Definitions, client: Client, agent: str) -> None:
    """Have the queues look that could give the agent something."""
    async with database.read() as session:
        queues = await queues_of_agent(session, definitions, agent)
    teller = QueueTeller(client)
    for slug in sorted(queues):
        await teller.tell(slug)
