"""A statement's figures: the balance when the period begins, every movement in it, and the balance at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.queries.visibility import Sight, numbers_seen
from desk.statements.changes import ZERO, agreed
from desk.statements.words import EVENTS, LANGUAGES
from models.messages.entitlements import Allocation, DecreaseOn, EntitlementStatus
from models.messages.languages import wider
from models.messages.organisation import OrganisationSettings
from models.messages.said import said
from models.messages.statements import LineEvent, Statement, StatementBalance, StatementLanguage, StatementLine
from models.records.cases import Case
from models.records.promises import LedgerEntry
from models.records.reference import Account, Agent, Contact, Entitlement, EntitlementChannel
from policies.zones import day_begins, first_known, local_day
from storage.definitions import Definitions

LONGEST = 10 * 366
"""Days of a period."""


@dataclass(frozen=True, slots=True)
class _Moved:
    at: datetime
    event: LineEvent
    terms: Decimal
    origin: str | None = None
    case: str | None = None
    title: str | None = None
    by_line: Mapping[str, Decimal] | None = None
    """Of what was agreed: by origin."""
    by: str | None = None

    def of(self, origin: str | None) -> Decimal:
        """The terms of one channel; None: of all."""
        if origin is None:
            return self.terms
        if self.by_line is not None:
            return self.by_line.get(origin, ZERO)
        return self.terms if self.origin == origin else ZERO


@dataclass(frozen=True, slots=True)
class _Customer:
    name: str
    zone: str
    language: str


async def statement(
    session: AsyncSession,
    row: Entitlement,
    *,
    first: date | None,
    last: date | None,
    language: StatementLanguage | None,
    now: datetime,
    sight: Sight,
) -> Statement:
    """Of the days from `first` to `last` by the customer's clock, both included: by default from the contract's first day
    to this one, or to its last. Cases out of `sight` are not named. Raises Invalid for a period that is none."""
    organisation = await Definitions().organisation(session)
    customer = await _customer(session, row, organisation)
    first, last = _period(row, first, last, local_day(now, customer.zone))
    lines = list(await session.scalars(_lines(row)))
    since, until = day_begins(first, customer.zone), day_begins(last + timedelta(days=1), customer.zone)
    before, inside = await _moved(session, row, since, until, sight)
    for change in await agreed(session, row, lines, day_begins(row.start, organisation.time_zone)):
        part = before if change.at < since else inside if change.at < until else []
        part.append(_Moved(change.at, LineEvent.AGREED, change.terms, by_line=change.lines, by=change.by))
    # What was agreed at an instant stands before what cases did at it.
    inside.sort(key=lambda each: (each.at, each.event is not LineEvent.AGREED))
    spoken: StatementLanguage = language or _spoken(customer.language)
    remaining = sum((each.terms for each in before), ZERO)
    shown: list[StatementLine] = []
    for each in inside:
        remaining += each.terms
        shown.append(
            StatementLine(
                at=each.at,
                day=local_day(each.at, customer.zone),
                event=each.event,
                text=EVENTS[spoken][each.event],
                case=each.case,
                title=each.title,
                origin=each.origin,
                terms=each.terms,
                remaining=remaining,
                by=each.by,
            )
        )
    return Statement(
        entitlement=row.slug,
        name=row.name,
        customer=customer.name,
        status=EntitlementStatus(row.status),
        allocation=Allocation(row.allocation),
        decrease_on=DecreaseOn(row.decrease_on),
        start=row.start,
        end=row.end,
        first=first,
        last=last,
        time_zone=customer.zone,
        language=spoken,
        organisation=organisation.name,
        total=_balance(None, before, inside),
        channels=tuple(_balance(line.origin, before, inside) for line in lines),
        lines=tuple(shown),
    )


def _period(row: Entitlement, first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Of a contract that is longer than a statement may be, and where nothing else is asked, the latest years."""
    if last is None:
        last = max(first or row.start, min(row.end, today))
        if first is not None and (last - first).days > LONGEST:
            last = first + timedelta(days=LONGEST)
    if first is None:
        first = row.start if (last - row.start).days <= LONGEST else last - timedelta(days=LONGEST)
    if last < first:
        raise Invalid("to", said("{last} is before 'from', {first}", last=last, first=first))
    if (last - first).days > LONGEST:
        raise Invalid("to", said("a period of more than ten years, from {first} to {last}", first=first, last=last))
    return first, last


async def _customer(session: AsyncSession, row: Entitlement, organisation: OrganisationSettings) -> _Customer:
    contact = await session.get(Contact, row.contact_id) if row.contact_id else None
    of = row.account_id or (contact.account_id if contact else None)
    account = await session.get(Account, of) if of else None
    return _Customer(
        name=contact.name if contact else account.name if account else "",
        zone=first_known(account.time_zone if account else None) or organisation.time_zone,
        language=(contact.language if contact else None)
        or (account.language if account else None)
        or organisation.language,
    )


def _spoken(wanted: str) -> StatementLanguage:
    return next((known for each in wider(wanted) for known in LANGUAGES if each == known), LANGUAGES[0])


def _lines(row: Entitlement) -> Select[EntitlementChannel]:
    lines = select(EntitlementChannel).where(EntitlementChannel.entitlement_id == row.id)
    return lines.order_by(EntitlementChannel.origin)


async def _moved(
    session: AsyncSession, row: Entitlement, since: datetime, until: datetime, sight: Sight
) -> tuple[list[_Moved], list[_Moved]]:
    """What cases had moved before the period, in sums by channel; and each movement within it, in order."""
    mine = LedgerEntry.entitlement_id == row.id
    sums = select(LedgerEntry.origin, func.sum(LedgerEntry.terms)).where(mine, LedgerEntry.at < since)
    before = [
        _Moved(since, LineEvent.APPLIED, terms, origin)
        for origin, terms in await session.execute(sums.group_by(LedgerEntry.origin))
    ]
    within = (mine, LedgerEntry.at >= since, LedgerEntry.at < until)
    wanted = select(LedgerEntry, Case.number, Case.title, Agent.slug).where(*within)
    wanted = wanted.join(Case, Case.id == LedgerEntry.case_id).outerjoin(Agent, Agent.id == LedgerEntry.actor_id)
    entries = (await session.execute(wanted.order_by(LedgerEntry.at, LedgerEntry.id))).all()
    seen = {entry.case_id for entry, *_ in entries}
    if sight.hidden and entries:
        seen = set(await numbers_seen(session, sight, Case.id.in_(select(LedgerEntry.case_id).where(*within))))
    inside = [
        _Moved(
            entry.at,
            LineEvent(entry.event),
            entry.terms,
            entry.origin,
            number if entry.case_id in seen else None,
            title if entry.case_id in seen else None,
            by=by,
        )
        for entry, number, title, by in entries
    ]
    return before, inside


def _balance(origin: str | None, before: Iterable[_Moved], inside: Iterable[_Moved]) -> StatementBalance:
    def total(wanted: Iterable[Decimal]) -> Decimal:
        return sum(wanted, ZERO)

    opening = total(each.of(origin) for each in before)
    by_contract = total(each.of(origin) for each in inside if each.event is LineEvent.AGREED)
    by_cases = [each.of(origin) for each in inside if each.event is not LineEvent.AGREED]
    return StatementBalance(
        origin=origin,
        opening=opening,
        agreed=by_contract,
        taken=total(each for each in by_cases if each < 0),
        given_back=total(each for each in by_cases if each > 0),
        closing=opening + by_contract + total(by_cases),
    )
