"""Addresses that get no mail of ours: who is on the list, and how one comes onto it. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.addresses import canonical_address
from models.messages.suppressions import SuppressionReason
from models.records.base import looked_for, new_id, table_of
from models.records.mails import Suppression

DETAIL_LENGTH = 500

_addresses = table_of(Suppression).c.address
_LISTED = select(_addresses).where(_addresses.in_(looked_for("asked", expanding=True)))
"""Built once: each letter asks it."""


async def suppressed_among(session: AsyncSession, addresses: Iterable[str]) -> frozenset[str]:
    """Those of the addresses that are on the list, as they were given."""
    asked = {address: canonical_address(address) for address in addresses}
    if not asked:
        return frozenset()
    wanted = sorted(set(asked.values()))
    listed = set(await session.scalars(_LISTED, {"asked": wanted}))
    return frozenset(address for address, key in asked.items() if key in listed)


async def suppress(
    session: AsyncSession,
    address: str,
    reason: SuppressionReason,
    detail: str | None,
    now: datetime,
    *,
    outbox_id: UUID | None = None,
    added_by: UUID | None = None,
) -> UUID | None:
    """The new row's id; None if the address is on the list already: then nothing changes."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    statement = (
        insert(Suppression)
        .values(
            id=new_id(),
            address=canonical_address(address),
            reason=reason,
            detail=detail[:DETAIL_LENGTH] if detail else None,
            outbox_id=outbox_id,
            added_by=added_by,
            added_on=now,
        )
        .on_conflict_do_nothing(index_elements=[Suppression.address])
        .returning(Suppression.id)
    )
    return await session.scalar(statement)
