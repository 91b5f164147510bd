"""What an agent has read of a case, and what is new to them; a case can be marked as unread by hand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from models.records.cases import Case
from models.records.reading import CaseReading
from models.records.timeline import TimelineEntry

TELLING = ("mail", "reply", "note", "article", "activity", "activity-completed", "survey-answered", "customer-solved")
"""Kinds of entries that make a case unread: what somebody has said or done, and not what the house notes of it."""


class Seen(NamedTuple):
    """How far an agent has read a case."""

    until: datetime
    entry: UUID
    unread: bool


async def seen_of(session: AsyncSession, identity: Identity, case: Case) -> Seen | None:
    """None: they have never opened it."""
    row = await session.get(CaseReading, (identity.agent_id, case.id))
    return None if row is None else Seen(row.seen_until, row.seen_entry_id, row.unread)


async def mark_seen(session: AsyncSession, identity: Identity, case_id: UUID, until: datetime, entry: UUID) -> None:
    """The page showed everything until this entry; a mark by hand is taken away. Two windows at once are one reading."""
    row = await session.get(CaseReading, (identity.agent_id, case_id), with_for_update=True)
    if row is not None:
        row.unread = False
        if (until, entry) > (row.seen_until, row.seen_entry_id):
            row.seen_until, row.seen_entry_id = until, entry
        return
    try:
        async with session.begin_nested():
            session.add(CaseReading(agent_id=identity.agent_id, case_id=case_id, seen_until=until, seen_entry_id=entry))
    except IntegrityError:
        await mark_seen(session, identity, case_id, until, entry)


async def mark_unread(session: AsyncSession, identity: Identity, case: Case) -> None:
    """As if there were something new in it, until it is opened again."""
    row = await session.get(CaseReading, (identity.agent_id, case.id), with_for_update=True)
    if row is None:
        # They have never opened it: all that there is will be new to them.
        await mark_seen(session, identity, case.id, case.created_on, case.id)
        row = await session.get_one(CaseReading, (identity.agent_id, case.id))
    row.unread = True


async def unread_of(session: AsyncSession, identity: Identity, cases: Collection[UUID]) -> set[UUID]:
    """Of these cases, those that the agent has marked as unread, never opened, or in which somebody else has said something
    since. One statement for a page of a list."""
    if not cases:
        return set()
    return set(await session.scalars(unread_ids(identity).where(Case.id.in_(cases))))


def unread_ids(identity: Identity) -> Select[UUID]:
    """The statement of the keys of all cases that are unread to them in that sense, to be narrowed down."""
    reading = CaseReading
    later = (
        select(TimelineEntry.id)
        .where(
            TimelineEntry.case_id == Case.id,
            TimelineEntry.at >= reading.seen_until,
            tuple_(TimelineEntry.at, TimelineEntry.id) > tuple_(reading.seen_until, reading.seen_entry_id),
            TimelineEntry.kind.in_(TELLING),
            TimelineEntry.actor_id.is_distinct_from(identity.agent_id),
        )
        .correlate(Case, reading)
        .exists()
    )
    return (
        select(Case.id)
        .outerjoin(reading, (reading.case_id == Case.id) & (reading.agent_id == identity.agent_id))
        .where(reading.case_id.is_(None) | reading.unread | later)
    )
