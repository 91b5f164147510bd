"""What has been committed to cases in the last moments, for pages that keep themselves fresh."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.visibility import Sight
from models.records.base import UtcInstant, table_of
from models.records.cases import Case
from models.records.mails import Outbox
from models.records.timeline import TimelineEntry

MOST = 1_000
"""Rows of one look; more is answered with "look at everything"."""

_cases, _entries, _letters = table_of(Case).c, table_of(TimelineEntry).c, table_of(Outbox).c
# Built once: they are asked each second. Ids are ordered by the wall time at which they were made.
_TOLD = (
    select(_cases.id, _cases.number, _cases.version, _entries.id)
    .join_from(table_of(TimelineEntry), table_of(Case), _entries.case_id == _cases.id)
    .where(_entries.id > bindparam("since_id", type_=Uuid()))
    .order_by(_entries.id)
    .limit(MOST)
)
_SENT = (
    select(_cases.id, _cases.number, _cases.version, _letters.id)
    .join_from(table_of(Outbox), table_of(Case), _letters.case_id == _cases.id)
    .where(_letters.sent_on > bindparam("since", type_=UtcInstant()))
    .order_by(_letters.sent_on, _letters.id)
    .limit(MOST)
)


@dataclass(frozen=True, slots=True)
class Stir:
    """A case to which something was written: `entry` is the last of its timeline, `letter` the last of it that has left."""

    case_id: UUID
    number: str
    version: int
    entry: UUID | None = None
    letter: UUID | None = None


async def stirred(session: AsyncSession, now: datetime, within: timedelta) -> dict[UUID, Stir] | None:
    """Cases to which something was written within that time before `now`; None: too many to name."""
    since = now - within
    entries = (await session.execute(_TOLD, {"since_id": _first_id_of(since)})).all()
    letters = (await session.execute(_SENT, {"since": since})).all()
    if max(len(entries), len(letters)) >= MOST:
        return None
    found: dict[UUID, Stir] = {}
    for case_id, number, version, entry in entries:
        found[case_id] = Stir(case_id, number, version, entry)
    for case_id, number, version, letter in letters:
        known = found.get(case_id)
        found[case_id] = Stir(case_id, number, version, known.entry if known else None, letter)
    return found


async def seen_of(session: AsyncSession, sight: Sight, case_ids: Collection[UUID]) -> set[UUID]:
    """Those of these cases that may be known of."""
    if not sight.hidden:
        return set(case_ids)
    return set(await session.scalars(select(Case.id).where(Case.id.in_(case_ids), sight.cases())))


def _first_id_of(at: datetime) -> UUID:
    """The lowest uuid7 that can have been made at that instant (RFC 9562, 5.7)."""
    return UUID(int=(int(at.timestamp() * 1000) << 80) | 0x7 << 76 | 0x2 << 62)
