"""Terms of entitlements: chosen, taken and given back, each movement a ledger row (domain 3.3-3.5).

One transaction locks the entitlement, then its channel lines, inserts the ledger row and changes the counters:
`remaining = total + sum(ledger)` holds after every commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select

from cases.contract_warnings import stir
from cases.unit import CaseUnit, refused
from models.messages.cases import ProblemType
from models.messages.entitlements import CoveredCase, EntitlementFacts, LifecycleEvent, NotApplicable
from models.messages.said import said
from models.messages.terms import as_number
from models.records.base import keyed, new_id
from models.records.promises import LedgerEntry
from models.records.reference import Entitlement, EntitlementChannel
from policies.entitlements import applicable, in_words, is_entitled, movement, problem_of, why_not, why_not_by
from policies.zones import local_day
from storage.repositories.contracts import candidates, covered_case, facts, locked

EXHAUSTED_NOTE = "entitlement-exhausted"
FORBIDDEN_NOTE = "channel-forbidden"
OVERDRAWN_NOTE = "entitlement-overdrawn"
FREED_NOTE = "entitlement-cleared"
"""Somebody has freed the case of its contract: none is given to it by itself before its customer changes."""

HISTORY = select(
    select(func.sum(LedgerEntry.terms))
    .where(
        LedgerEntry.case_id == bindparam("case", type_=Uuid()),
        LedgerEntry.entitlement_id == bindparam("entitlement", type_=Uuid()),
    )
    .scalar_subquery(),
    select(func.count())
    .where(LedgerEntry.case_id == bindparam("case", type_=Uuid()), LedgerEntry.event == bindparam("event"))
    .scalar_subquery(),
)


async def apply_entitlement(unit: CaseUnit) -> dict[str, Any]:
    """At the opening: the one that the opener named, else the customer's default; without one it opens all the same."""
    case = unit.case
    if case.entitlement_id is not None:
        row, lines = await _locked(unit, case.entitlement_id)
        case.entitlement_id = None
        return await _apply(unit, facts(row, lines), why_not(facts(row, lines), await _covered(unit), _today(unit)))
    if case.entitlement_note == FREED_NOTE:
        return {"why": said("whoever opened the case wanted no entitlement")}
    if not unit.organisation.apply_default_entitlement:
        return {"why": said("the organisation applies no default entitlement")}
    return await _apply_default(unit)


async def apply_default(unit: CaseUnit, *, of_another_customer: bool) -> None:
    """To an open case without a contract, whose customer, contact or product has changed (domain 3.5)."""
    freed = unit.case.entitlement_note == FREED_NOTE and not of_another_customer
    if unit.organisation.apply_default_entitlement_on_change and not freed:
        await _apply_default(unit)


async def _apply_default(unit: CaseUnit) -> dict[str, Any]:
    asked = await _covered(unit)
    choice = applicable(await candidates(unit.session, asked), asked, _today(unit))
    if choice.entitlement_id is None:
        unit.case.entitlement_note = _note(choice.reason)
        return {"entitlement": choice.slug, "why": choice.reason.value if choice.reason else None}
    # Chosen by a balance that others may be taking from: decided again under the lock.
    row, lines = await _locked(unit, choice.entitlement_id)
    return await _apply(unit, facts(row, lines), why_not(facts(row, lines), asked, _today(unit)))


async def _apply(unit: CaseUnit, entitlement: EntitlementFacts, reason: NotApplicable | None) -> dict[str, Any]:
    if reason is not None:
        unit.case.entitlement_note = _note(reason)
        return {"entitlement": entitlement.slug, "why": reason.value}
    unit.case.entitlement_id, unit.case.entitlement_note = entitlement.id, None
    return {"entitlement": entitlement.slug, **await move_terms(unit, LifecycleEvent.APPLIED)}


async def set_entitlement(unit: CaseUnit, wanted: Entitlement) -> None:
    """On an open case. One that does not cover the case is refused."""
    row, lines = await _locked(unit, wanted.id)
    terms = facts(row, lines)
    reason = why_not(terms, await _covered(unit), _today(unit))
    if reason is not None:
        why = in_words(reason, terms, unit.case.origin)
        raise refused(
            problem_of(reason),
            said("{entitlement!r} does not cover the case: {why}.", entitlement=row.slug, why=why),
            field="entitlement",
        )
    unit.case.entitlement_id, unit.case.entitlement_note = row.id, None
    await move_terms(unit, LifecycleEvent.APPLIED)


async def name_entitlement(unit: CaseUnit, key: str | None) -> None:
    """The one of this slug or id, instead of what the case has; None: without one."""
    await clear_entitlement(unit)
    if key is None:
        unit.case.entitlement_note = FREED_NOTE
        return
    found = await unit.session.scalar(select(Entitlement).where(keyed(Entitlement, key)))
    if found is None:
        raise refused(ProblemType.NOT_FOUND, said("there is no entitlement {key!r}.", key=key), field="entitlement")
    await set_entitlement(unit, found)


async def clear_entitlement(unit: CaseUnit) -> None:
    if unit.case.entitlement_id is not None:
        await move_terms(unit, LifecycleEvent.CLEARED)
        unit.case.entitlement_id, unit.case.entitlement_note = None, None


async def swap_origin(unit: CaseUnit, origin: str) -> None:
    """The terms move from one channel line to the other; a line that is closed, or alone lacks them, refuses (domain 3.3).

    Whether the contract as a whole is exhausted, over or in draft is no matter: the case counts on it already.
    """
    case = unit.case
    if case.entitlement_id is None or origin == case.origin:
        case.origin = origin
        return
    row, lines = await _locked(unit, case.entitlement_id)
    taken = await move_terms(unit, LifecycleEvent.CLEARED)
    case.origin = origin
    terms = facts(row, lines)
    reason = why_not_by(terms, await _covered(unit))
    if reason is not None:
        why = in_words(reason, terms, origin)
        raise refused(
            problem_of(reason),
            said("{entitlement!r} does not cover {origin!r}: {why}.", entitlement=row.slug, origin=origin, why=why),
            field="origin",
        )
    if taken:
        await move_terms(unit, LifecycleEvent.APPLIED, corrected=True)


async def check_scope(unit: CaseUnit) -> None:
    """A product or contact that the case's entitlement does not list is refused (domain 3.3, checklist 21)."""
    if unit.case.entitlement_id is None:
        return
    row, lines = await _locked(unit, unit.case.entitlement_id)
    terms = facts(row, lines)
    reason = why_not(terms, await _covered(unit), _today(unit))
    fields = {NotApplicable.PRODUCT_NOT_LISTED: "product", NotApplicable.CONTACT_NOT_LISTED: "contact"}
    if reason in fields:
        field = fields[reason]
        why = in_words(reason, terms, unit.case.origin)
        detail = said("{entitlement!r} does not cover the case: {why}.", entitlement=row.slug, why=why)
        raise refused(problem_of(reason), detail, field=field)


async def move_terms(
    unit: CaseUnit, event: LifecycleEvent, *, billable_minutes: int = 0, corrected: bool = False
) -> dict[str, Any]:
    """What this event moves on the case's entitlement; the answer explains it on the timeline."""
    case = unit.case
    if case.entitlement_id is None:
        return {}
    row, lines = await _locked(unit, case.entitlement_id)
    line = next((line for line in lines if line.origin == case.origin), None)
    taken, count = await _history(unit, row, event)
    moved = movement(
        event,
        facts(row, lines),
        remaining=row.remaining_terms,
        channel_remaining=line.remaining_terms if line else None,
        billable_minutes=billable_minutes,
        decrement=case.decrement,
        taken=taken,
        corrected=corrected,
    )
    if moved.refused:
        why = in_words(NotApplicable.EXHAUSTED, facts(row, lines), case.origin)
        raise refused(
            ProblemType.ENTITLEMENT_EXHAUSTED,
            said(
                "The case would take a term of the entitlement {entitlement!r}, but {why}. Name another entitlement, or "
                "null to go on without one.",
                entitlement=row.slug,
                why=why,
            ),
            field="entitlement",
            missing=("entitlement",),
        )
    if moved.flagged:
        case.entitlement_note = OVERDRAWN_NOTE
    elif moved.terms > 0 and case.entitlement_note == OVERDRAWN_NOTE:
        case.entitlement_note = None  # what this case took too much, it has given back
    if moved.terms == 0:
        return {}
    before, line_before = row.remaining_terms, line.remaining_terms if line else None
    row.remaining_terms += moved.terms
    if line is not None and moved.channel_terms is not None:
        line.remaining_terms += moved.channel_terms
    stir(row, line, before, line_before)
    unit.add(
        LedgerEntry(
            id=new_id(),
            entitlement_id=row.id,
            case_id=case.id,
            event=event.value,
            ordinal=count + 1,
            origin=line.origin if line else None,
            terms=moved.terms,
            at=unit.now,
            remaining=row.remaining_terms,
            line_remaining=line.remaining_terms if line else None,
            actor_id=unit.because.actor_id,
            cause=unit.because.cause,
        )
    )
    return {"terms": as_number(moved.terms), "remaining_terms": as_number(row.remaining_terms)}


async def is_covered(unit: CaseUnit) -> bool:
    """Whether some entitlement would cover another case like this one."""
    asked = await _covered(unit)
    return is_entitled(await candidates(unit.session, asked), asked, _today(unit))


async def _locked(unit: CaseUnit, id: UUID) -> tuple[Entitlement, Sequence[EntitlementChannel]]:
    """Locked once, it stays so until the transaction ends."""
    if id not in unit.locked:
        unit.locked[id] = await locked(unit.session, id)
    return unit.locked[id]


async def _history(unit: CaseUnit, row: Entitlement, event: LifecycleEvent) -> tuple[Decimal, int]:
    """The terms that the case holds of this entitlement, and how often the event moved terms of the case before."""
    if unit.is_opening:
        return Decimal(0), 0
    if unit.rows.waits(LedgerEntry):
        await unit.flush()
    found = await unit.session.execute(HISTORY, {"case": unit.case.id, "entitlement": row.id, "event": event.value})
    total, count = found.one()
    return -(total or Decimal(0)), count


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
    return local_day(unit.now, unit.organisation.time_zone)


def _note(reason: NotApplicable | None) -> str | None:
    """What stands on the case of the contract that it might have had: of what somebody can do something about."""
    match reason:
        case NotApplicable.EXHAUSTED:
            return EXHAUSTED_NOTE
        case NotApplicable.CHANNEL_FORBIDDEN:
            return FORBIDDEN_NOTE
        case _:
            return None
