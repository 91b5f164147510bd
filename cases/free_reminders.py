"""Activities of no case that are due: their owners are reminded, once for each due date, as those of cases are (domain 9).

Housekeeping looks for them, because no run is theirs. Who takes over an activity, or moves its due date, is reminded anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.readers import reading
from cases.sweeps import GrowingPauses
from letters.composing import Letters
from letters.notice_words import OF_FREE_ACTIVITIES
from letters.noticing import Notice
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.records.reference import Agent
from models.records.timeline import Activity
from storage.engines import Database

A_SWEEP = 100

log = structlog.get_logger(__name__)


class ReminderSweep:
    def __init__(self, database: Database, letters: Letters, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.database, self.letters, self.pauses = database, letters, GrowingPauses(clock)

    async def sweep(self) -> int:
        """How many were reminded of. One that fails by a fault of ours is left alone for a while, and keeps no other one."""
        now = datetime.now(UTC)
        async with self.database.read() as session:
            due = list(
                await session.scalars(select(Activity.id).where(*_due(now)).order_by(Activity.due).limit(A_SWEEP))
            )
        ready = self.pauses.due(due, A_SWEEP)
        for id in due:
            if id in ready:
                await self._remind(id, now)
        return len(ready)

    async def _remind(self, id: UUID, now: datetime) -> None:
        async with self.database.write() as session:
            row = await session.scalar(select(Activity).where(Activity.id == id, *_due(now)).with_for_update())
            if row is None or row.due is None:
                return  # Somebody closed it, moved it, or made a case of it.
            row.reminded_for = row.due
            try:
                await self._tell(session, row, row.due, now)
            except (NoMailbox, CannotRender) as error:
                log.warning("nobody is reminded of an activity", id=str(id), error=type(error).__name__)

    async def _tell(self, session: AsyncSession, row: Activity, due: datetime, now: datetime) -> None:
        owner = await session.get(Agent, row.owner_id) if row.owner_id else None
        if owner is None or not owner.active:
            return
        facts: dict[str, dict[str, str | datetime]] = {"activity": {"title": row.title, "kind": row.kind, "due": due}}
        notice = Notice(f"notice/reminder/{row.id}/{due.isoformat()}", None, OF_FREE_ACTIVITIES, facts)
        [reader] = await reading(session, [owner])
        await self.letters.notice_of_no_case(session, notice, reader, row.queue, now)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Activity.case_id.is_(None),
        Activity.status == "open",
        Activity.due <= now,
        or_(Activity.reminded_for.is_(None), Activity.reminded_for != Activity.due),
    )
