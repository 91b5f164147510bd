"""What others have done on a case since somebody has read it: two people must not answer the same mail without knowing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.unit import CaseUnit, refused
from models.messages.cases import CaseCommand, ProblemType
from models.messages.said import said
from models.records.timeline import TimelineEntry

CONCERNING = (
    *("mail", "customer-solved", "reply", "article", "note"),
    *("resolved", "cancelled", "reactivated", "merged", "assigned", "picked"),
)
"""Entries that somebody who answers must have read: what was written, and that the case is somebody else's now."""
MOST = 20


async def unread_entries(session: AsyncSession, case_id: UUID, seen: UUID, reader_id: UUID) -> Sequence[TimelineEntry]:
    """The entries after `seen` that concern whoever answers, but for the reader's own; the oldest first, at most `MOST`."""
    rows = await session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.case_id == case_id,
            TimelineEntry.id > seen,
            TimelineEntry.kind.in_(CONCERNING),
            or_(TimelineEntry.actor_id.is_(None), TimelineEntry.actor_id != reader_id),
        )
        .order_by(TimelineEntry.id)
        .limit(MOST)
    )
    return rows.all()


async def refuse_unread(unit: CaseUnit, command: CaseCommand, seen: UUID | None) -> None:
    """Refused, in the case's own transaction, if its writer has not read all: of two at once the second is."""
    if seen is not None and await unread_entries(unit.session, unit.case.id, seen, command.actor_id):
        raise refused(ProblemType.NEWER_ENTRIES, said("Somebody has written on the case since you read it."))
