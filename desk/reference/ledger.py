"""The books of entitlements: every movement of terms, and the sum that each balance must agree with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.visibility import Sight, numbers_seen
from models.messages.entitlements import LifecycleEvent
from models.messages.terms import as_number
from models.records.cases import Case
from models.records.promises import LedgerEntry
from models.records.reference import Agent, Entitlement, EntitlementChannel


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
    wanted = select(LedgerEntry, Case.number, Agent.slug, Entitlement.decrease_on)
    wanted = wanted.join(Case, Case.id == LedgerEntry.case_id).outerjoin(Agent, Agent.id == LedgerEntry.actor_id)
    wanted = wanted.join(Entitlement, Entitlement.id == LedgerEntry.entitlement_id)
    wanted = wanted.where(LedgerEntry.entitlement_id == entitlement_id).order_by(LedgerEntry.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(LedgerEntry.id > after)
    rows = (await session.execute(wanted)).all()
    known = {entry.case_id: number for entry, number, _, _ in rows}
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
            "remaining": _shown(entry.remaining),
            "line_remaining": _shown(entry.line_remaining),
            "why": {"rule": rule_of(LifecycleEvent(entry.event), basis), "cause": entry.cause, "by": actor},
        }
        for entry, _, actor, basis in rows[:limit]
    ]
    return items, rows[limit - 1][0].id if len(rows) > limit else None


RULES: dict[LifecycleEvent, str] = {
    LifecycleEvent.APPLIED: "a case that counts on the contract takes a term",
    LifecycleEvent.CLEARED: "a case that no longer counts on the contract gives back what it took",
    LifecycleEvent.RESOLVED: "a resolved case takes a term, or its billable hours",
    LifecycleEvent.CANCELLED: "a cancelled or merged case gives back what it took",
    LifecycleEvent.REACTIVATED: "a reactivated case holds what an open case holds",
}


def rule_of(event: LifecycleEvent, basis: str) -> str:
    """The row of the matrix (domain 3.4) by which an event has moved terms of a contract on this basis."""
    return f"{RULES[event]}; the contract counts on {basis} (domain 3.4)"


def _shown(terms: Decimal | None) -> int | float | None:
    return None if terms is None else as_number(terms)


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
