"""Those who read a notice as they read all letters of the house: by their own clock, and in their own language."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from letters.noticing import NoticeReader
from models.records.entering import AgentPreferences
from models.records.reference import Agent
from policies.zones import first_known
from storage.repositories.languages import languages_of


async def reading(session: AsyncSession, agents: Iterable[Agent]) -> tuple[NoticeReader, ...]:
    """The house's people. What they have set for themselves goes before what the organisation says of them."""
    here = list(agents)
    if not here:
        return ()
    set_by = select(AgentPreferences.agent_id, AgentPreferences.body)
    rows = await session.execute(set_by.where(AgentPreferences.agent_id.in_([agent.id for agent in here])))
    own = {row.agent_id: row.body for row in rows}
    return tuple(
        NoticeReader(
            agent.email,
            first_known(own.get(agent.id, {}).get("time_zone"), agent.time_zone),
            own.get(agent.id, {}).get("language"),
            agent_id=agent.id,
        )
        for agent in here
    )


async def at_address(session: AsyncSession, address: str) -> NoticeReader:
    """Whoever reads there, who may be one of the house's people or a contact, and is in any case told at once."""
    return NoticeReader(address, language=(await languages_of(session, [address])).get(address.lower()))
