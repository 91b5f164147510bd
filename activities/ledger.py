"""Terms of entitlements: chosen, taken and given back, each movement a ledger row (domain 3.3-3.5).

One transaction locks the entitlement, then its channel lines, inserts the ledger row and changes the counters:
`remaining = total + sum(ledger)` holds after every commit.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from activities.cases.unit import CaseUnit, refused
from models.messages.cases import ProblemType
from models.messages.entitlements import CoveredCase, EntitlementFacts, LifecycleEvent, NotApplicable
from models.records.base import new_id
from models.records.cases import LedgerEntry
from models.records.reference import Entitlement
from policies.entitlements import applicable, movement, problem_of, why_not
from storage.repositories.contracts import candidates, covered_case, facts, locked

EXHAUSTED_NOTE = "entitlement-exhausted"
OVERDRAWN_NOTE = "entitlement-overdrawn"


async def apply_entitlement(unit: CaseUnit) -> dict[str, Any]:
    """At the opening: the one that the opener named, else the customer's default; without one it opens all the same."""
    case = unit.case
    asked = await _covered(unit)
    if case.entitlement_id is not None:
        row, lines = await locked(unit.session, case.entitlement_id)
        case.entitlement_id = None
        return await _apply(unit, facts(row, lines), why_not(facts(row, lines), asked, _today(unit)))
    if not unit.organisation.apply_default_entitlement:
        return {"why": "the organisation applies no default entitlement"}
    choice = applicable(await candidates(unit.session, asked), asked, _today(unit))
    if choice.entitlement_id is None:
        case.entitlement_note = _note(choice.reason)
        return {"entitlement": choice.slug, "why": choice.reason.value if choice.reason else None}
    # Chosen by a balance that others may be taking from: decided again under the lock.
    row, lines = await locked(unit.session, choice.entitlement_id)
    return await _apply(unit, facts(row, lines), why_not(facts(row, lines), asked, _today(unit)))


async def _apply(unit: CaseUnit, entitlement: EntitlementFacts, reason: NotApplicable | None) -> dict[str, Any]:
    if reason is not None:
        unit.case.entitlement_note = _note(reason)
        return {"entitlement": entitlement.slug, "why": reason.value}
    unit.case.entitlement_id, unit.case.entitlement_note = entitlement.id, None
    return {"entitlement": entitlement.slug, **await move_terms(unit, LifecycleEvent.APPLIED)}


async def set_entitlement(unit: CaseUnit, wanted: Entitlement | None) -> None:
    """On an open case: the one named, or the default. A named one that does not cover the case is refused."""
    if wanted is None:
        await apply_entitlement(unit)
        return
    row, lines = await locked(unit.session, wanted.id)
    reason = why_not(facts(row, lines), await _covered(unit), _today(unit))
    if reason is not None:
        raise refused(problem_of(reason), f"entitlement: {row.slug!r} does not cover the case: {reason}.")
    unit.case.entitlement_id, unit.case.entitlement_note = row.id, None
    await move_terms(unit, LifecycleEvent.APPLIED)


async def clear_entitlement(unit: CaseUnit) -> None:
    if unit.case.entitlement_id is not None:
        await move_terms(unit, LifecycleEvent.CLEARED)
        unit.case.entitlement_id, unit.case.entitlement_note = None, None


async def swap_origin(unit: CaseUnit, origin: str) -> None:
    """The terms move from one channel line to the other; a line that lacks them refuses (domain 3.3)."""
    case = unit.case
    if case.entitlement_id is None or origin == case.origin:
        case.origin = origin
        return
    await move_terms(unit, LifecycleEvent.CLEARED)
    case.origin = origin
    row, lines = await locked(unit.session, case.entitlement_id)
    reason = why_not(facts(row, lines), await _covered(unit), _today(unit))
    if reason is not None:
        raise refused(problem_of(reason), f"origin: {row.slug!r} does not cover {origin!r}: {reason}.")
    await move_terms(unit, LifecycleEvent.APPLIED)


async def move_terms(unit: CaseUnit, event: LifecycleEvent, *, billable_minutes: int = 0) -> dict[str, Any]:
    """What this event moves on the case's entitlement; the answer explains it on the timeline."""
    case, session = unit.case, unit.session
    if case.entitlement_id is None:
        return {}
    row, lines = await locked(session, case.entitlement_id)
    line = next((line for line in lines if line.origin == case.origin), None)
    moved = movement(
        event,
        facts(row, lines),
        remaining=row.remaining_terms,
        channel_remaining=line.remaining_terms if line else None,
        billable_minutes=billable_minutes,
        decrement=case.decrement,
        taken=await _taken(unit, row),
    )
    if moved.refused:
        raise refused(ProblemType.ENTITLEMENT_EXHAUSTED, f"Entitlement {row.slug!r} has no terms left.")
    if moved.flagged:
        case.entitlement_note = OVERDRAWN_NOTE
    if moved.terms == 0:
        return {}
    row.remaining_terms += moved.terms
    if line is not None and moved.channel_terms is not None:
        line.remaining_terms += moved.channel_terms
    session.add(
        LedgerEntry(
            id=new_id(),
            entitlement_id=row.id,
            case_id=case.id,
            event=event.value,
            ordinal=await _ordinal(unit, event),
            origin=line.origin if line else None,
            terms=moved.terms,
            at=unit.now,
        )
    )
    await session.flush()
    return {"terms": str(moved.terms), "remaining_terms": str(row.remaining_terms)}


async def _taken(unit: CaseUnit, row: Entitlement) -> Decimal:
    total = await unit.session.scalar(
        select(func.sum(LedgerEntry.terms)).where(
            LedgerEntry.case_id == unit.case.id, LedgerEntry.entitlement_id == row.id
        )
    )
    return -(total or Decimal(0))


async def _ordinal(unit: CaseUnit, event: LifecycleEvent) -> int:
    count = await unit.session.scalar(
        select(func.count()).where(LedgerEntry.case_id == unit.case.id, LedgerEntry.event == event.value)
    )
    return (count or 0) + 1


async def _covered(unit: CaseUnit) -> CoveredCase:
    case = unit.case
    return await covered_case(
        unit.session,
        account_id=case.account_id,
        contact_id=case.contact_id,
        origin=case.origin,
        product=case.product,
        decrement=case.decrement,
    )


def _today(unit: CaseUnit) -> date:
    """A contract's days are days of the organisation's own zone."""
    return unit.now.astimezone(ZoneInfo(unit.organisation.time_zone)).date()


def _note(reason: NotApplicable | None) -> str | None:
    return EXHAUSTED_NOTE if reason is NotApplicable.EXHAUSTED else None
