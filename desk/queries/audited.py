"""Who changed what of all that is no case: the entries of the audit, as managers and administrators ask for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import KINDS
from desk.queries.named import word_of
from models.records.reference import Audit


async def audited(
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
    """Newest first; `before` is the id of the last row of the page before. `kinds`: of any of these; `until` is not in it.

    `Invalid` for a `kind` of which there are no entries.
    """
    if kind is not None:
        word_of(kind, KINDS, "kind")
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
