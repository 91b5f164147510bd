"""What a reader sees beside a case of a list that is about themselves: unread, a draft of theirs, somebody who answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.collisions import GONE_AFTER
from desk.identity import Identity
from desk.readings import unread_ids, unread_of
from models.messages.cases import CaseStatus
from models.records.cases import Case
from models.records.drafts import CasePresence, ReplyDraft
from models.records.notices import AgentNotice
from models.records.reading import CaseReading
from models.records.reference import Agent
from storage.sqlite import aside

MOST = 5_000
"""Unread cases, or drafts, of one agent that a view lists."""
WRITES = "writes"


@dataclass(frozen=True, slots=True)
class Marks:
    """`answered_by`: the names of others who write on it now."""

    unread: bool = False
    draft: bool = False
    answered_by: tuple[str, ...] = ()


async def marks_of(session: AsyncSession, identity: Identity, ids: Sequence[UUID], now: datetime) -> dict[UUID, Marks]:
    """By the cases' ids; those without any mark are left out. Some statements for the whole page."""
    if not ids:
        return {}
    me = identity.agent_id
    news = _unread_notices(me).where(AgentNotice.case_id.in_(ids))
    unread = await unread_of(session, identity, ids) | set(await session.scalars(news))
    drafts = set(await session.scalars(_drafts(me).where(ReplyDraft.case_id.in_(ids))))
    rows = await session.execute(
        select(CasePresence.case_id, Agent.name)
        .join(Agent, Agent.id == CasePresence.agent_id)
        .where(
            CasePresence.case_id.in_(ids),
            CasePresence.agent_id != me,
            CasePresence.doing == WRITES,
            CasePresence.seen_on > now - GONE_AFTER,
        )
        .order_by(Agent.name)
    )
    writing: dict[UUID, tuple[str, ...]] = {}
    for row in rows:
        writing[row.case_id] = (*writing.get(row.case_id, ()), row.name)
    return {id: Marks(id in unread, id in drafts, writing.get(id, ())) for id in unread | drafts | set(writing)}


async def unread_cases(session: AsyncSession, identity: Identity) -> set[UUID]:
    """Those that the agent owns and has not read to the end, marked as unread by hand, or has unread notices of."""
    me = identity.agent_id
    own = unread_ids(identity).where(Case.owner_id == me, Case.status == CaseStatus.ACTIVE)
    by_hand = select(CaseReading.case_id).where(CaseReading.agent_id == me, CaseReading.unread)
    with aside():
        return set(await session.scalars(own.union(by_hand, _unread_notices(me)).limit(MOST)))


async def drafted_cases(session: AsyncSession, agent_id: UUID) -> set[UUID]:
    """Those on which the agent has begun to write something."""
    return set(await session.scalars(_drafts(agent_id).limit(MOST)))


def _unread_notices(agent_id: UUID) -> Select[UUID]:
    return select(AgentNotice.case_id).where(AgentNotice.agent_id == agent_id, AgentNotice.read_on.is_(None))


def _drafts(agent_id: UUID) -> Select[UUID]:
    return select(ReplyDraft.case_id).where(ReplyDraft.agent_id == agent_id, ReplyDraft.unfinished)
