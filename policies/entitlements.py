"""Entitlements decided (domain 3): when one is in force, which case it covers, and what an event does to its terms."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from models.messages.cases import ProblemType
from models.messages.entitlements import (
    Allocation,
    CoveredCase,
    DecreaseOn,
    EntitlementChoice,
    EntitlementFacts,
    EntitlementStatus,
    LifecycleEvent,
    Movement,
    NotApplicable,
)
from models.messages.said import said, word
from policies.zones import day_begins

ZERO = Decimal(0)
ONE_CASE = Decimal(1)
LAST_DAY = date.max - timedelta(days=2)
EXACT_TO = Decimal("0.0001")
"""Terms are kept to four decimal places."""


class Basis(Protocol):
    """The part of an entitlement that says how its terms move."""

    @property
    def allocation(self) -> Allocation: ...
    @property
    def decrease_on(self) -> DecreaseOn: ...
    @property
    def restricted(self) -> bool: ...


# ---- time ------------------------------------------------------------------------------------------------------------


def status_on(
    start: date, end: date, day: date, *, activated: bool = True, cancelled: bool = False
) -> EntitlementStatus:
    """The state on a day of the organisation's calendar; both the first and the last day are in force (domain 3.2)."""
    if cancelled:
        return EntitlementStatus.CANCELLED
    if not activated:
        return EntitlementStatus.DRAFT
    if day < start:
        return EntitlementStatus.WAITING
    return EntitlementStatus.ACTIVE if day <= end else EntitlementStatus.EXPIRED


def status_at(start: date, end: date, now: datetime, zone: str) -> EntitlementStatus:
    """The state of an activated contract at an instant. A clock that is set back over midnight takes nothing back."""
    if now < day_begins(start, zone):
        return EntitlementStatus.WAITING
    over = _is_over(end, zone)
    return EntitlementStatus.ACTIVE if over is None or now < over else EntitlementStatus.EXPIRED


def next_change(start: date, end: date, now: datetime, zone: str) -> datetime | None:
    """The instant at which the dates of an activated contract change its state next; None: never again."""
    begins, over = day_begins(start, zone), _is_over(end, zone)
    if now < begins:
        return begins
    return over if over is not None and now < over else None


def _is_over(end: date, zone: str) -> datetime | None:
    """The midnight after the last day; None: not within Python's calendar."""
    return day_begins(end + timedelta(days=1), zone) if end < LAST_DAY else None


def renewal_dates(start: date, end: date, today: date) -> tuple[date, date]:
    """Start and end of the draft that renews: from today, as long as the old one (domain 3.2)."""
    return today, today + timedelta(days=(end - start).days)


def last_day(start: date, months: int) -> date:
    """The last day of so many months that begin with `start`: a year from 2 March ends with 1 March.

    Raises OverflowError beyond Python's calendar.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        raise OverflowError(said("beyond the calendar"))
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)


# ---- scope -----------------------------------------------------------------------------------------------------------


NOT_IN_FORCE = (NotApplicable.NOT_ACTIVE, NotApplicable.WAITING, NotApplicable.EXPIRED)


def why_not(entitlement: EntitlementFacts, case: CoveredCase, day: date) -> NotApplicable | None:
    """Why the entitlement does not cover the case; None if it does (domain 3.1-3.3).

    A listed dimension asks for a listed value: with products listed, a case without product is not covered. An origin
    listed with no terms at all is forbidden, restricted or not; an unlisted origin is free.
    """
    if _closeness(entitlement, case) is None:
        return NotApplicable.OTHER_CUSTOMER
    if entitlement.status in (EntitlementStatus.DRAFT, EntitlementStatus.CANCELLED):
        return NotApplicable.NOT_ACTIVE
    match status_on(entitlement.start, entitlement.end, day):
        case EntitlementStatus.WAITING:
            return NotApplicable.WAITING
        case EntitlementStatus.EXPIRED:
            return NotApplicable.EXPIRED
        case EntitlementStatus.DRAFT | EntitlementStatus.ACTIVE | EntitlementStatus.CANCELLED:
            pass
    if entitlement.contacts and not entitlement.contacts & {case.contact, str(case.contact_id)}:
        return NotApplicable.CONTACT_NOT_LISTED
    if entitlement.products and not entitlement.products & {case.product, *case.families}:
        return NotApplicable.PRODUCT_NOT_LISTED
    channel = entitlement.channel(case.origin)
    if channel is not None and channel.total_terms == ZERO:
        return NotApplicable.CHANNEL_FORBIDDEN
    applied = movement(
        LifecycleEvent.APPLIED,
        entitlement,
        remaining=entitlement.remaining_terms,
        channel_remaining=channel.remaining_terms if channel else None,
        decrement=case.decrement,
    )
    return NotApplicable.EXHAUSTED if applied.refused else None


def why_not_by(entitlement: EntitlementFacts, case: CoveredCase) -> NotApplicable | None:
    """Why a case that counts on the entitlement may not come by this origin; None if it may (domain 3.3).

    The contract's own state is no matter: a correction takes nothing that the case had not taken. Only a line that is
    closed, or that lacks what the contract still has, would be got round by it.
    """
    channel = entitlement.channel(case.origin)
    if channel is None:
        return None
    if channel.total_terms == ZERO:
        return NotApplicable.CHANNEL_FORBIDDEN
    lacking = _exhausted(entitlement, channel.remaining_terms) and not _exhausted(
        entitlement, entitlement.remaining_terms
    )
    return NotApplicable.EXHAUSTED if lacking and entitlement.restricted and case.decrement else None


def in_words(reason: NotApplicable, entitlement: EntitlementFacts, origin: str) -> str:
    """The reason as the end of a sentence; of what is exhausted it says which balance is."""
    channel = entitlement.channel(origin)
    match reason:
        case NotApplicable.EXHAUSTED:
            pass
        case NotApplicable.CHANNEL_FORBIDDEN:
            return said("it forbids the channel {origin!r}", origin=origin)
        case NotApplicable.OTHER_CUSTOMER:
            return said("it belongs to another customer")
        case NotApplicable.NOT_ACTIVE:
            return said("it is not in force")
        case NotApplicable.WAITING:
            return said("its first day is {day}", day=entitlement.start.isoformat())
        case NotApplicable.EXPIRED:
            return said("its last day was {day}", day=entitlement.end.isoformat())
        case NotApplicable.CONTACT_NOT_LISTED:
            return said("it lists the contacts that it is for, and the case has none of them")
        case NotApplicable.PRODUCT_NOT_LISTED:
            return said("it lists the products that it is for, and the case has none of them")
        case NotApplicable.NONE | NotApplicable.NO_DEFAULT | NotApplicable.SWITCHED_OFF:
            return word(reason.value)
    if channel is None or _exhausted(entitlement, entitlement.remaining_terms):
        return said("it has no terms left")
    rest = entitlement.remaining_terms - max(channel.remaining_terms, ZERO)
    return said(
        "it has no terms left for the channel {origin!r}, though {rest} for others",
        origin=origin,
        rest=format(rest, "f"),
    )


def applicable(candidates: Iterable[EntitlementFacts], case: CoveredCase, day: date) -> EntitlementChoice:
    """The default entitlement that applies by itself (domain 3.5): the account's, the contact's, or its parent's."""
    if not case.decrement:
        return EntitlementChoice(reason=NotApplicable.SWITCHED_OFF)
    theirs = [(closeness, each) for each in candidates if (closeness := _closeness(each, case)) is not None]
    if not theirs:
        return EntitlementChoice(reason=NotApplicable.NONE)
    defaults = [each for _, each in sorted(theirs, key=lambda pair: (pair[0], pair[1].slug)) if each.default]
    if not defaults:
        return EntitlementChoice(reason=NotApplicable.NO_DEFAULT)
    reasons = [why_not(each, case, day) for each in defaults]
    for each, reason in zip(defaults, reasons, strict=True):
        if reason is None:
            return EntitlementChoice(entitlement_id=each.id, slug=each.slug)
    # One that is not in force hides none that is: what that one lacks is what is told.
    told = next((n for n, reason in enumerate(reasons) if reason not in NOT_IN_FORCE), 0)
    return EntitlementChoice(slug=defaults[told].slug, reason=reasons[told])


def is_entitled(candidates: Iterable[EntitlementFacts], case: CoveredCase, day: date) -> bool:
    """The gate of a record creation rule (domain 6.3): some entitlement covers the case, default or not."""
    return any(why_not(each, case, day) is None for each in candidates)


def problem_of(reason: NotApplicable) -> ProblemType:
    """The problem type of a command that names an entitlement which does not cover the case."""
    if reason is NotApplicable.EXHAUSTED:
        return ProblemType.ENTITLEMENT_EXHAUSTED
    return ProblemType.ENTITLEMENT_NOT_APPLICABLE


def _closeness(entitlement: EntitlementFacts, case: CoveredCase) -> int | None:
    """How near the entitlement is: 0 the customer's account, 1 the contact itself, 2 the contact's account, None neither."""
    if entitlement.account_id is not None:
        if entitlement.account_id == case.account_id:
            return 0
        return 2 if case.account_id is None and entitlement.account_id == case.parent_account_id else None
    return 1 if entitlement.contact_id is not None and entitlement.contact_id == case.contact_id else None


# ---- terms -----------------------------------------------------------------------------------------------------------


def movement(
    event: LifecycleEvent,
    basis: Basis,
    *,
    remaining: Decimal,
    channel_remaining: Decimal | None,
    billable_minutes: int = 0,
    decrement: bool = True,
    taken: Decimal = ZERO,
    corrected: bool = False,
) -> Movement:
    """What an event moves: the whole matrix of domain 3.4.

    `taken`: the terms that this case holds of this entitlement so far (minus the sum of its ledger rows). An event says
    how much the case should hold afterwards; the difference moves, on the total and on the origin's line if listed. So
    a reactivation needs not say from what: after a cancellation nothing is held, after a resolution something is.

    A change of origin is `cleared` (with the old line) and then `applied` (with the new one, balances after the first).
    Refused, on a restricted entitlement: applying when exhausted on either basis, and taking again on reactivation.
    Resolving is never refused for balance, nor is taking again what a correction gave back (`corrected`).
    """
    if billable_minutes < 0:
        raise ValueError("billable_minutes: must not be negative")
    held = _held_after(event, basis, billable_minutes, taken)
    if not decrement:
        held = min(held, taken)
    terms = taken - held
    after = [balance + terms for balance in (remaining, channel_remaining) if balance is not None]
    overdrawn = terms < ZERO and min(after) < ZERO
    if event is LifecycleEvent.APPLIED and decrement and taken == ZERO:
        overdrawn = any(_exhausted(basis, balance) for balance in (remaining, channel_remaining) if balance is not None)
    if event is LifecycleEvent.RESOLVED or corrected:
        return _moved(terms, channel_remaining, flagged=overdrawn)
    if overdrawn and basis.restricted:
        return Movement(refused=True)
    return _moved(terms, channel_remaining)


def _held_after(event: LifecycleEvent, basis: Basis, billable_minutes: int, taken: Decimal) -> Decimal:
    on_creation = basis.decrease_on is DecreaseOn.CREATION
    match event:
        case LifecycleEvent.APPLIED | LifecycleEvent.REACTIVATED:
            return ONE_CASE if on_creation else ZERO
        case LifecycleEvent.CLEARED | LifecycleEvent.CANCELLED:
            return ZERO
        case LifecycleEvent.RESOLVED:
            if on_creation:
                return taken
            return ONE_CASE if basis.allocation is Allocation.CASES else _hours(billable_minutes)


def _hours(minutes: int) -> Decimal:
    """60 minutes are one term, 30 are half a term (domain 3.1)."""
    return (Decimal(minutes) / 60).quantize(EXACT_TO, ROUND_HALF_UP)


def _exhausted(basis: Basis, balance: Decimal) -> bool:
    return balance < ONE_CASE if basis.allocation is Allocation.CASES else balance <= ZERO


def _moved(terms: Decimal, channel_remaining: Decimal | None, *, flagged: bool = False) -> Movement:
    return Movement(terms=terms, channel_terms=None if channel_remaining is None else terms, flagged=flagged)
