"""The books of entitlements: every movement of terms, and the sum that each balance must agree with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.visibility import Sight, numbers_seen
from models.messages.terms import as_number
from models.records.cases import Case, LedgerEntry
from models.records.reference import Entitlement, EntitlementChannel


async def ledger(
    session: AsyncSession,
    entitlement_id: UUID,
    after: UUID | None = None,
    limit: int = 50,
    *,
    sight: Sight | None = None,
) -> tuple[list[dict[str, Any]], UUID | None]:
    """Every movement in the order in which it happened, and the cursor of the next page if there is more.

    Movements add up to the balance, so none is left out; a case that is out of `sight` is not named."""
    wanted = select(LedgerEntry, Case.number).join(Case, Case.id == LedgerEntry.case_id)
    wanted = wanted.where(LedgerEntry.entitlement_id == entitlement_id).order_by(LedgerEntry.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(LedgerEntry.id > after)
    rows = (await session.execute(wanted)).all()
    known = {entry.case_id: number for entry, number in rows}
    if sight is not None and sight.hidden and known:
        known = await numbers_seen(session, sight, Case.id.in_(known))
    items = [
        {
            "id": str(entry.id),
            "case": known.get(entry.case_id),
            "event": entry.event,
            "ordinal": entry.ordinal,
            "origin": entry.origin,
            "terms": as_number(entry.terms),
            "at": entry.at,
        }
        for entry, _ in rows[:limit]
    ]
    return items, rows[limit - 1][0].id if len(rows) > limit else None


async def out_of_balance(session: AsyncSession) -> list[str]:
    """Slugs whose balance is not `total + sum(ledger)`, in total or on a channel (`slug/origin`): none, ever."""
    wrong = []
    for row in await session.scalars(select(Entitlement)):
        taken = await ledger_sums(session, row.id)
        if row.remaining_terms != row.total_terms + sum(taken.values(), Decimal(0)):
            wrong.append(row.slug)
        lines = select(EntitlementChannel).where(EntitlementChannel.entitlement_id == row.id)
        wrong += [
            f"{row.slug}/{line.origin}"
            for line in await session.scalars(lines)
            if line.remaining_terms != line.total_terms + taken.get(line.origin, Decimal(0))
        ]
    return wrong


async def ledger_sums(session: AsyncSession, entitlement_id: UUID) -> dict[str | None, Decimal]:
    """The movements' sums by origin; None: those that touched no channel line."""
    sums = select(LedgerEntry.origin, func.sum(LedgerEntry.terms)).where(LedgerEntry.entitlement_id == entitlement_id)
    return {row[0]: row[1] for row in await session.execute(sums.group_by(LedgerEntry.origin))}
