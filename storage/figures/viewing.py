"""A figure of a period as people see it: its value, beside that of the period before, and its groups by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.figures import PERIODS, FigureBy, FigureDefinition, FigureGroup, FigureValue, FigureView
from models.messages.organisation import OrganisationSettings
from models.records.reference import Account, Agent, Product, Queue
from storage.figures.asking import COLUMNS, Sums, ask, within
from storage.figures.registry import Figure

A_DAY = timedelta(days=1)
NOTHING = Sums((), 0, 0)
NAMED: dict[FigureBy, Any] = {
    FigureBy.QUEUE: Queue,
    FigureBy.AGENT: Agent,
    FigureBy.CUSTOMER: Account,
    FigureBy.PRODUCT: Product,
}
"""What a group is a record of; of any other its word is its name."""


@dataclass(frozen=True)
class Period:
    """From the day `since` until before the day `until`, by the organisation's calendar."""

    since: date
    until: date

    @property
    def before(self) -> Period:
        """The one before, which is as long."""
        return Period(self.since - (self.until - self.since), self.since)


def definition(figure: Figure) -> FigureDefinition:
    return FigureDefinition(name=figure.name, title=figure.title, words=figure.words, unit=figure.unit)


async def view(
    session: AsyncSession,
    figure: Figure,
    organisation: OrganisationSettings,
    period: Period,
    by: FigureBy | None = None,
    where: Sequence[ColumnElement[bool]] = (),
) -> FigureView:
    """The figure of the period, of the facts that `where` leaves, and by groups if asked."""
    groups: tuple[FigureGroup, ...] | None = None
    found: dict[Any, Sums] | None = None
    then: dict[Any, Sums] | None = None
    if by in PERIODS:
        within_it = await _by_period(session, figure, organisation, period, by, where)
        stood = await _stood(session, figure, organisation, period.since, where)
        groups = tuple(period_groups(figure, period, by, within_it, stood))
        found = None if figure.cumulative else within_it
    elif by is not None:
        found = await _grouped(session, figure, organisation, period, by, where, apart=figure.measure is None)
        then = await _grouped(session, figure, organisation, period.before, by, where)
        own = {member: each for member, each in found.items() if each.own}
        groups = await named_groups(session, figure, by, own, then)
    now = await _sums(session, figure, organisation, period, where, found, apart=True)
    before = await _sums(session, figure, organisation, period.before, where, then)
    return view_of(
        figure,
        organisation,
        period,
        value_of(figure, now, before),
        apart=dict(zip(figure.apart, now.apart, strict=True)),
        by=by,
        groups=groups,
    )


def view_of(
    figure: Figure, organisation: OrganisationSettings, period: Period, value: FigureValue, **shown: Any
) -> FigureView:
    return FigureView(
        **definition(figure).model_dump(),
        **value.model_dump(),
        since=period.since,
        until=period.until,
        time_zone=organisation.time_zone,
        **shown,
    )


def value_of(figure: Figure, now: Sums, before: Sums | None) -> FigureValue:
    value = figure.value(now.numerator, now.denominator)
    then = None if before is None else figure.value(before.numerator, before.denominator)
    change = None if value is None or then is None else round(value - then, 4)
    return FigureValue(
        value=value,
        numerator=now.numerator,
        denominator=None if figure.denominator is None else now.denominator,
        median=now.median,
        p90=now.p90,
        before=then,
        change=change,
        change_percent=round(100 * change / abs(then), 2) if change is not None and then else None,
    )


async def named_groups(
    session: AsyncSession, figure: Figure, by: FigureBy, now: dict[Any, Sums], before: dict[Any, Sums]
) -> tuple[FigureGroup, ...]:
    """All members of either period, the largest first."""
    members = [*now, *(member for member in before if member not in now)]
    names = await _names(session, by, [member for member in members if member is not None])
    made = []
    for member in members:
        value = value_of(figure, now.get(member, NOTHING), before.get(member, NOTHING))
        key, name = names.get(member, (None if member is None else str(member), None))
        made.append(FigureGroup(key=key, name=name, **value.model_dump()))
    return tuple(sorted(made, key=lambda group: (-(group.denominator or group.numerator), group.key or "")))


async def _names(session: AsyncSession, by: FigureBy, members: list[Any]) -> dict[Any, tuple[str, str]]:
    record = NAMED.get(by)
    if record is None:
        return {}
    of = record.id if by in (FigureBy.AGENT, FigureBy.CUSTOMER) else record.slug
    rows = await session.execute(select(of, record.slug, record.name).where(of.in_(members)))
    return {row[0]: (row[1], row[2]) for row in rows}


def _span(figure: Figure, period: Period) -> list[ColumnElement[bool]]:
    return within(None if figure.cumulative else period.since, period.until)


async def _sums(
    session: AsyncSession,
    figure: Figure,
    organisation: OrganisationSettings,
    period: Period,
    where: Sequence[ColumnElement[bool]],
    groups: Mapping[Any, Sums] | None,
    *,
    apart: bool = False,
) -> Sums:
    """`groups`: if known, each with its share of it, and of what is shown apart. Medians cannot be added up."""
    if groups is not None and figure.measure is None:
        return _added_up(figure, groups.values())
    return (await ask(session, figure, organisation, [*_span(figure, period), *where], apart=apart))[0]


async def _grouped(
    session: AsyncSession,
    figure: Figure,
    organisation: OrganisationSettings,
    period: Period,
    by: FigureBy,
    where: Sequence[ColumnElement[bool]],
    *,
    apart: bool = False,
) -> dict[str | UUID | None, Sums]:
    found = await ask(session, figure, organisation, [*_span(figure, period), *where], [COLUMNS[by]], apart=apart)
    return {sums.members[0]: sums for sums in found}


async def _by_period(
    session: AsyncSession,
    figure: Figure,
    organisation: OrganisationSettings,
    period: Period,
    by: FigureBy,
    where: Sequence[ColumnElement[bool]],
) -> dict[date, Sums]:
    """By its first day, what happened in each day, week or month of the period of which there is anything."""
    inside = [*within(period.since, period.until), *where]
    if figure.measure is not None:
        return {sums.members[0]: sums for sums in await ask(session, figure, organisation, inside, [COLUMNS[by]])}
    days = await ask(session, figure, organisation, inside, [COLUMNS[FigureBy.DAY]], apart=True)
    return days_added_up(figure, by, {sums.members[0]: sums for sums in days})


async def _stood(
    session: AsyncSession,
    figure: Figure,
    organisation: OrganisationSettings,
    day: date,
    where: Sequence[ColumnElement[bool]],
) -> Sums | None:
    """Of what stands at an instant, how it stood when the day began."""
    if not figure.cumulative:
        return None
    return (await ask(session, figure, organisation, [*within(None, day), *where]))[0]


def days_added_up(figure: Figure, by: FigureBy, days: Mapping[date, Sums]) -> dict[date, Sums]:
    """By the first day of each day, week or month, what its days add up to."""
    found: defaultdict[date, list[Sums]] = defaultdict(list)
    for day, sums in days.items():
        found[first_day(day, by)].append(sums)
    return {first: _added_up(figure, each) for first, each in found.items()}


def _added_up(figure: Figure, groups: Iterable[Sums]) -> Sums:
    every = tuple(groups)
    apart = tuple(sum(each.apart[place] for each in every if each.apart) for place, _ in enumerate(figure.apart))
    return Sums((), sum(each.numerator for each in every), sum(each.denominator for each in every), apart=apart)


def period_groups(
    figure: Figure, period: Period, by: FigureBy, found: Mapping[date, Sums], before: Sums | None
) -> list[FigureGroup]:
    """A group for each day, week or month, also of those of which there is nothing; each is compared with the one before.
    `found`: by its first day what happened in it; `before`: of what stands at an instant, how it stood when the period began.
    """
    made: list[FigureGroup] = []
    for first in firsts(period, by):
        now = found.get(first, NOTHING)
        if figure.cumulative and before is not None:
            now = Sums((), before.numerator + now.numerator, before.denominator + now.denominator)
        value = value_of(figure, now, before)
        made.append(FigureGroup(key=first.isoformat(), name=None, **value.model_dump()))
        before = now
    return made


def firsts(period: Period, by: FigureBy) -> Iterator[date]:
    """The first day of each day, week or month that the period touches."""
    first = first_day(period.since, by)
    while first < period.until:
        yield first
        first = first_day(first + {FigureBy.DAY: 1, FigureBy.WEEK: 7}.get(by, 31) * A_DAY, by)


def first_day(day: date, by: FigureBy) -> date:
    match by:
        case FigureBy.WEEK:
            return day - day.weekday() * A_DAY
        case FigureBy.MONTH:
            return day.replace(day=1)
        case _:
            return day
