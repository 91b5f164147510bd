"""The other cases that a case's page shows: those that it names, and those that name it."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from desk.identity import Identity
from desk.queries.visibility import numbers_seen, sight_of
from models.messages.api_case_views import FamilyMember
from models.records.cases import Case

_other = aliased(Case)
HAS_FAMILY = or_(exists().where(_other.parent_id == Case.id), exists().where(_other.merged_into == Case.number))
"""A column of a statement that reads a case: whether there is anything for `family_of` to find."""


class Named(NamedTuple):
    """Numbers of other cases; None also for one that may not be known of."""

    merged_into: str | None
    parent: str | None
    related: str | None


async def named_by(session: AsyncSession, identity: Identity, case: Case) -> Named:
    """The cases that this one names, as far as the caller may know of them."""
    ids = {id for id in (case.parent_id, case.linked_case_id) if id is not None}
    seen: dict[UUID, str] = {}
    if ids or case.merged_into is not None:
        sight = await sight_of(session, identity)
        seen = await numbers_seen(session, sight, Case.id.in_(ids), Case.number == case.merged_into)
    into = case.merged_into if case.merged_into in seen.values() else None
    parent, related = (None if id is None else seen.get(id) for id in (case.parent_id, case.linked_case_id))
    return Named(into, parent, related)


class Family(NamedTuple):
    children: tuple[FamilyMember, ...]
    merged: tuple[FamilyMember, ...]


NO_FAMILY = Family((), ())


async def family_of(session: AsyncSession, identity: Identity, case: Case) -> Family:
    """Children, and cases that were merged into this one; of either those that the caller may know of, oldest first."""
    sight = await sight_of(session, identity)
    rows = await session.scalars(
        select(Case)
        .where(or_(Case.parent_id == case.id, Case.merged_into == case.number), sight.cases())
        .order_by(Case.id)
    )
    children: list[FamilyMember] = []
    merged: list[FamilyMember] = []
    for row in rows:
        member = FamilyMember(number=row.number, title=row.title, status=row.status)
        (children if row.parent_id == case.id else merged).append(member)
    return Family(tuple(children), tuple(merged))
