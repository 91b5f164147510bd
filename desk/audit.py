"""Who changed what: one append-only row a change, with the old and the new value of each field (domain 11)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.base import new_id
from models.records.reference import Audit

Changes = dict[str, list[Any]]
"""`{field: [old, new]}`, JSON values."""


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """The fields that differ; a field that one side lacks counts as null there."""
    names = [*old, *(name for name in new if name not in old)]
    return {name: [old.get(name), new.get(name)] for name in names if old.get(name) != new.get(name)}


def record(
    session: AsyncSession, at: datetime, actor: str, kind: str, object_id: str, action: str, changes: Changes
) -> None:
    """Add the row to the caller's transaction, so that no change is without it and it is not without the change."""
    session.add(Audit(id=new_id(), at=at, actor=actor, kind=kind, object_id=object_id, action=action, changes=changes))


async def entries(
    session: AsyncSession,
    kind: str | None = None,
    object_id: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
    *,
    kinds: Collection[str] | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Audit]:
    """Newest first; `before` is the id of the last row of the page before. `kinds`: of any of these; `until` is not in it."""
    wanted = select(Audit).order_by(Audit.id.desc()).limit(limit)
    if kinds is not None:
        wanted = wanted.where(Audit.kind.in_(kinds))
    if actor is not None:
        wanted = wanted.where(Audit.actor == actor)
    if since is not None:
        wanted = wanted.where(Audit.at >= since)
    if until is not None:
        wanted = wanted.where(Audit.at < until)
    if kind is not None:
        wanted = wanted.where(Audit.kind == kind)
    if object_id is not None:
        wanted = wanted.where(Audit.object_id == object_id)
    if before is not None:
        wanted = wanted.where(Audit.id < before)
    return list(await session.scalars(wanted))
