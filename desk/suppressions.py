"""The suppression list as operators see it: who is on it and why, adding an address, lifting it again; with audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import Conflict, NotFound
from desk.identity import Identity
from models.messages.addresses import canonical_address
from models.messages.said import said
from models.messages.suppressions import SuppressionBody, SuppressionReason
from models.records.cases import Case
from models.records.mails import Outbox, Suppression
from models.records.reference import Agent
from storage.repositories.suppressions import suppress

KIND = "suppression"
"""Of its audit rows."""

Shown = dict[str, Any]


async def listed(
    session: AsyncSession, *, address: str | None = None, after: UUID | None = None, limit: int = 50
) -> tuple[list[Shown], UUID | None]:
    """A page of the list, the oldest first, and the cursor of the next one if there is more."""
    wanted = _rows().order_by(Suppression.id).limit(limit + 1)
    if address is not None:
        wanted = wanted.where(Suppression.address == canonical_address(address))
    if after is not None:
        wanted = wanted.where(Suppression.id > after)
    found = [_shown(row) for row in await session.execute(wanted)]
    return found[:limit], found[limit - 1]["id"] if len(found) > limit else None


async def add(session: AsyncSession, identity: Identity, body: SuppressionBody, now: datetime) -> Shown:
    """The new entry. `Conflict` if the address is on the list already."""
    reason = SuppressionReason.OPERATOR
    id = await suppress(session, body.address, reason, body.detail, now, added_by=identity.agent_id)
    if id is None:
        raise Conflict("already-suppressed", said("{body} is on the suppression list already", body=body.address))
    changes = {"address": [None, body.address], "reason": [None, reason.value], "detail": [None, body.detail]}
    audit.record(session, now, identity.slug, KIND, str(id), "create", changes)
    return _shown((await session.execute(_rows().where(Suppression.id == id))).one())


async def lift(session: AsyncSession, identity: Identity, address: str, now: datetime) -> None:
    """Mail goes there again, until the next hard bounce. `NotFound` if the address is not on the list."""
    row = await session.scalar(
        select(Suppression).where(Suppression.address == canonical_address(address)).with_for_update()
    )
    if row is None:
        raise NotFound("suppressed address", address)
    changes = {"address": [row.address, None], "reason": [row.reason, None], "detail": [row.detail, None]}
    audit.record(session, now, identity.slug, KIND, str(row.id), "delete", changes)
    await session.delete(row)


def _rows() -> Select[Suppression, str, UUID, str]:
    return (
        select(Suppression, Agent.slug, Outbox.message_id, Case.number)
        .outerjoin(Agent, Agent.id == Suppression.added_by)
        .outerjoin(Outbox, Outbox.id == Suppression.outbox_id)
        .outerjoin(Case, Case.id == Outbox.case_id)
    )


def _shown(found: Row[Suppression, str, UUID, str]) -> Shown:
    row, added_by, letter, case = found
    return {
        "id": row.id,
        "address": row.address,
        "reason": row.reason,
        "detail": row.detail,
        "added_on": row.added_on,
        "added_by": added_by,
        "letter": letter,
        "case": case,
    }
