"""Ending all ways by which an agent gets in: when they leave, and when they have lost what they got in with."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from desk.entering import second_factor, tickets
from desk.sessions import end_all
from models.records.entering import AgentPassword, ProviderIdentity
from models.records.reference import Agent


async def shut_out(session: AsyncSession, agent_id: UUID, *, actor: str, now: datetime) -> None:
    """No session goes on, and no link opens anything. Password and second factor stay as they are."""
    await tickets.use_all(session, agent_id, now)
    await end_all(session, agent_id, actor=actor, now=now)


async def begin_anew(session: AsyncSession, agent: Agent, *, actor: str, now: datetime) -> None:
    """As on the first day: no password, no second factor, nobody of a provider; they get in by an invitation alone."""
    await shut_out(session, agent.id, actor=actor, now=now)
    await second_factor.drop(session, agent, actor=actor, now=now)
    for record in (AgentPassword, ProviderIdentity):
        await session.execute(delete(record).where(record.agent_id == agent.id))
