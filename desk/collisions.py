"""Who else has a case open in front of them, and what has happened on it since somebody has read it. Nothing is locked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cases.unread import unread_entries
from desk.identity import Identity
from desk.queries.timeline import items_of
from models.messages.api_case_views import TimelineItem
from models.records.cases import Case
from models.records.drafts import CasePresence
from models.records.reference import Agent
from models.records.timeline import TimelineEntry
from storage.definitions import Definitions
from storage.engines import Database

NEWEST = 50
"""Entries of one case that may be written in another order than they happened."""
GONE_AFTER = timedelta(seconds=30)
"""Since the last sign of life."""
FORGOTTEN_AFTER = timedelta(minutes=10)


class Doing(StrEnum):
    VIEWS = "views"
    WRITES = "writes"


@dataclass(frozen=True, slots=True)
class Present:
    slug: str
    name: str
    doing: Doing

    @property
    def initials(self) -> str:
        words = self.name.split() or [self.slug]
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


async def sign_of_life(
    database: Database, identity: Identity, case_id: UUID, doing: Doing, now: datetime
) -> list[Present]:
    """Keep that they are there, and say who else is."""
    try:
        async with database.write() as session:
            row = await session.get(CasePresence, (case_id, identity.agent_id), with_for_update=True)
            if row is None:
                # What is long over is cleared away when somebody comes to another case.
                await session.execute(
                    delete(CasePresence).where(
                        CasePresence.agent_id == identity.agent_id, CasePresence.seen_on < now - FORGOTTEN_AFTER
                    )
                )
                row = CasePresence(case_id=case_id, agent_id=identity.agent_id)
                session.add(row)
            row.doing, row.seen_on = doing.value, now
            await session.flush()
            return await others(session, identity, case_id, now)
    except IntegrityError:
        # Two windows of theirs at the same moment: the other one has said it.
        async with database.read() as session:
            return await others(session, identity, case_id, now)


async def others(session: AsyncSession, identity: Identity, case_id: UUID, now: datetime) -> list[Present]:
    """Who but this agent has the case open; those who write come first."""
    rows = await session.execute(
        select(Agent.slug, Agent.name, CasePresence.doing)
        .join(Agent, Agent.id == CasePresence.agent_id)
        .where(
            CasePresence.case_id == case_id,
            CasePresence.agent_id != identity.agent_id,
            CasePresence.seen_on > now - GONE_AFTER,
        )
        .order_by(CasePresence.doing.desc(), Agent.name)
    )
    return [Present(row.slug, row.name, Doing(row.doing)) for row in rows]


async def written_on(session: AsyncSession, identity: Identity, cases: Collection[UUID], now: datetime) -> set[UUID]:
    """Which of these cases somebody else is writing on."""
    found = await session.scalars(
        select(CasePresence.case_id).where(
            CasePresence.case_id.in_(cases),
            CasePresence.agent_id != identity.agent_id,
            CasePresence.doing == Doing.WRITES,
            CasePresence.seen_on > now - GONE_AFTER,
        )
    )
    return set(found)


async def last_entry(session: AsyncSession, case: Case) -> UUID | None:
    """The last entry of the timeline, which whoever opens the case has in front of them."""
    # The latest written one: it is among the newest by their instants, which have an index; the keys of a long case have none.
    newest = select(TimelineEntry.id).where(TimelineEntry.case_id == case.id).order_by(TimelineEntry.at.desc())
    keys = newest.limit(NEWEST).subquery()
    found: UUID | None = await session.scalar(select(keys.c.id).order_by(keys.c.id.desc()).limit(1))
    return found


async def unread(
    session: AsyncSession, identity: Identity, definitions: Definitions, case: Case, seen: UUID
) -> list[TimelineItem]:
    """What others have done since `seen` that concerns whoever answers, the oldest first."""
    entries = await unread_entries(session, case.id, seen, identity.agent_id)
    return await items_of(session, identity, definitions, entries)
