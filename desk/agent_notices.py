"""An agent's notices: what concerns them of each case, until they have read it themselves (domain 11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from desk.identity import Identity
from desk.queries import cursors
from desk.queries.visibility import sight_of
from models.messages.notices import Concern
from models.records.base import table_of
from models.records.cases import Case
from models.records.notices import AgentNotice
from models.records.reference import Agent

PAGE = 50
COUNTED = 99
"""So far the number of unread ones is told."""
ORDER = "notices"


@dataclass(frozen=True, slots=True)
class CaseNotice:
    """The latest that concerns the agent of one case. `actor`: the name of a colleague who did it; `count`: how much has
    happened since they read of it."""

    number: str
    title: str
    status: str
    kind: Concern
    at: datetime
    actor: str | None
    count: int
    unread: bool


@dataclass(frozen=True, slots=True)
class NoticePage:
    items: tuple[CaseNotice, ...]
    next: str | None


async def notices_of(
    session: AsyncSession, identity: Identity, *, unread: bool, cursor: str | None = None, limit: int = PAGE
) -> NoticePage:
    """The latest first, one of each case that may be seen. `Invalid` names a wrong cursor."""
    actor = aliased(Agent)
    wanted = (
        select(AgentNotice, Case.number, Case.title, Case.status, actor.name)
        .join(Case, Case.id == AgentNotice.case_id)
        .outerjoin(actor, actor.id == AgentNotice.actor_id)
        .where(AgentNotice.agent_id == identity.agent_id, (await sight_of(session, identity)).cases())
    )
    if unread:
        wanted = wanted.where(AgentNotice.read_on.is_(None))
    if cursor is not None:
        at, case_id = cursors.decode(cursor, ORDER, datetime)
        if not isinstance(at, datetime):
            raise cursors.wrong()
        wanted = wanted.where(tuple_(AgentNotice.at, AgentNotice.case_id) < tuple_(at, case_id))
    rows = (
        await session.execute(wanted.order_by(AgentNotice.at.desc(), AgentNotice.case_id.desc()).limit(limit + 1))
    ).all()
    page = rows[:limit]
    return NoticePage(
        tuple(
            CaseNotice(number, title, status, Concern(row.kind), row.at, name, row.count, unread=row.read_on is None)
            for row, number, title, status, name in page
        ),
        cursors.encode(ORDER, page[-1][0].at, page[-1][0].case_id) if len(rows) > limit else None,
    )


async def unread_notices(session: AsyncSession, identity: Identity) -> int:
    """How many cases have something new for them; `COUNTED + 1`: more than that."""
    sight = await sight_of(session, identity)
    some = (
        select(AgentNotice.case_id)
        .join(Case, Case.id == AgentNotice.case_id)
        .where(AgentNotice.agent_id == identity.agent_id, AgentNotice.read_on.is_(None), sight.cases())
        .limit(COUNTED + 1)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def has_unread_notice(session: AsyncSession, identity: Identity, case_id: UUID) -> bool:
    row = await session.get(AgentNotice, (identity.agent_id, case_id))
    return row is not None and row.read_on is None


async def read_notices(
    session: AsyncSession, identity: Identity, now: datetime, *, case_id: UUID | None = None
) -> None:
    """They have read it: of one case, or of all."""
    notices = table_of(AgentNotice)
    unread = notices.c.agent_id == identity.agent_id, notices.c.read_on.is_(None)
    of_case = () if case_id is None else (notices.c.case_id == case_id,)
    await session.execute(update(notices).where(*unread, *of_case).values(read_on=now))
