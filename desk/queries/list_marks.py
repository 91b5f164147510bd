"""What a reader sees beside a case of a list that is about themselves: unread, a draft of theirs, somebody who answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.cases import ReplyDraft
from models.records.notices import AgentNotice
from models.records.reference import Agent

ANSWERING = timedelta(minutes=2)
"""A draft that was saved within this is being written."""
MOST = 5_000
"""Unread cases, or drafts, of one agent that a view lists: the latest."""


@dataclass(frozen=True, slots=True)
class Marks:
    """`answered_by`: the names of others who write an answer now."""

    unread: bool = False
    draft: bool = False
    answered_by: tuple[str, ...] = ()


async def marks_of(session: AsyncSession, agent_id: UUID, ids: Sequence[UUID], now: datetime) -> dict[UUID, Marks]:
    """By the cases' ids; those without any mark are left out."""
    if not ids:
        return {}
    unread = set(
        await session.scalars(
            select(AgentNotice.case_id).where(
                AgentNotice.agent_id == agent_id, AgentNotice.case_id.in_(ids), AgentNotice.read_on.is_(None)
            )
        )
    )
    rows = await session.execute(
        select(ReplyDraft.case_id, ReplyDraft.agent_id, ReplyDraft.saved_on, Agent.name)
        .join(Agent, Agent.id == ReplyDraft.agent_id)
        .where(ReplyDraft.case_id.in_(ids))
        .order_by(Agent.name)
    )
    drafts: set[UUID] = set()
    writing: dict[UUID, tuple[str, ...]] = {}
    for row in rows:
        if row.agent_id == agent_id:
            drafts.add(row.case_id)
        elif row.saved_on > now - ANSWERING:
            writing[row.case_id] = (*writing.get(row.case_id, ()), row.name)
    return {id: Marks(id in unread, id in drafts, writing.get(id, ())) for id in unread | drafts | set(writing)}


async def unread_of(session: AsyncSession, agent_id: UUID) -> set[UUID]:
    """The cases of which the agent has news that they have not read."""
    unread = select(AgentNotice.case_id).where(AgentNotice.agent_id == agent_id, AgentNotice.read_on.is_(None))
    return set(await session.scalars(unread.order_by(AgentNotice.at.desc()).limit(MOST)))


async def drafts_of(session: AsyncSession, agent_id: UUID) -> set[UUID]:
    """The cases on which the agent has begun an answer."""
    drafts = select(ReplyDraft.case_id).where(ReplyDraft.agent_id == agent_id)
    return set(await session.scalars(drafts.order_by(ReplyDraft.saved_on.desc()).limit(MOST)))
