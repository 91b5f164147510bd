"""Key figures by a caller's sight (domain 10, 11): managers see all of them; an agent those of the cases that they may see, and
of single agents only their own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from desk.errors import Invalid, NotFound
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.figure_filters import FigureFilter, filters_of
from desk.queries.visibility import OVERSEERS, Sight, sight_of
from desk.reference.unknown import did_you_mean
from models.messages.figures import (
    PERIODS,
    CountedCase,
    CountedCases,
    FigureBy,
    FigureList,
    FigurePage,
    FigurePart,
    FigureView,
)
from models.messages.organisation import OrganisationSettings
from models.messages.said import joined, said
from models.records.cases import Case
from models.records.figures import FigureFact as Fact
from models.records.reference import Agent
from policies.zones import local_day
from storage.definitions import Definitions
from storage.figures.asking import Sums, within
from storage.figures.counting import uncounted_since
from storage.figures.days import KEPT_BY, kept_sums
from storage.figures.registry import BY_NAME, FIGURES, Figure
from storage.figures.viewing import (
    NOTHING,
    Period,
    definition,
    named_groups,
    value_of,
    view,
    view_of,
)

LONGEST = timedelta(days=3660)
MOST_GROUPS = 400
"""Days, weeks or months in one answer."""
LENGTHS = {FigureBy.DAY: 1, FigureBy.WEEK: 7, FigureBy.MONTH: 28}
ORDER = "counted"


def figure_list() -> FigureList:
    return FigureList(items=tuple(definition(figure) for figure in FIGURES))


def figure_named(name: str) -> Figure:
    """`NotFound`, with the name that was meant."""
    figure = BY_NAME.get(name)
    if figure is None:
        raise NotFound("figure", f"{name}{did_you_mean(name, BY_NAME)}")
    return figure


async def figure_page(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    day: date | None,
    by: FigureBy | None,
    now: datetime,
) -> FigurePage:
    """All figures of one day, by default of today, beside those of the day before: read from what is kept of each day.

    Whoever may not see all cases has them counted from those that they may see.
    """
    if by is not None and by not in KEPT_BY:
        raise Invalid(
            "by", said("one of {kept_by}; any other is a question to a single figure", kept_by=joined(KEPT_BY))
        )
    organisation = await definitions.organisation(session)
    day = day or local_day(now, organisation.time_zone)
    period = Period(day, day + timedelta(days=1))
    where, own = await sight_of_facts(session, identity, by)
    if where:
        items = tuple([await view(session, figure, organisation, period, by, [*where, *own]) for figure in FIGURES])
        return FigurePage(day=day, time_zone=organisation.time_zone, items=items)
    items = tuple(await _kept(session, organisation, period, by, identity.agent_id if own else None))
    return FigurePage(day=day, time_zone=organisation.time_zone, items=items)


async def _kept(
    session: AsyncSession, organisation: OrganisationSettings, period: Period, by: FigureBy | None, only: UUID | None
) -> list[FigureView]:
    """`only`: the one agent whose line is shown among those of agents."""
    days = (period.since, period.before.since)
    now, before = [await kept_sums(session, day, None) for day in days]
    groups = None if by is None else [await kept_sums(session, day, by) for day in days]
    items: list[FigureView] = []
    for figure in FIGURES:
        value = value_of(figure, *(next(iter(each[figure.name]), NOTHING) for each in (now, before)))
        shown = None
        if by is not None and groups is not None:
            lines = [members_of(each[figure.name], by, only) for each in groups]
            shown = await named_groups(session, figure, by, *lines)
        items.append(view_of(figure, organisation, period, value, by=by, groups=shown))
    return items


def members_of(lines: list[Sums], by: FigureBy, only: UUID | None = None) -> dict[str | UUID | None, Sums]:
    found: dict[str | UUID | None, Sums] = {}
    for sums in lines:
        key: str | UUID | None = sums.members[0] or None
        if by is FigureBy.AGENT and isinstance(key, str):
            key = UUID(key)
        if only is None or key == only:
            found[key] = sums
    return found


async def figure_view(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    name: str,
    since: date,
    until: date,
    by: FigureBy | None = None,
    given: FigureFilter | None = None,
    at: datetime | None = None,
) -> FigureView:
    """One figure of the days from `since` until before `until`, counted anew from the facts. `at`: of what stands at an instant,
    how it stood then, and not at the end of the period."""
    figure = figure_named(name)
    check_period(since, until, by)
    organisation = await definitions.organisation(session)
    seen, own = await sight_of_facts(session, identity, by)
    where = [
        *seen,
        *own,
        *await filters_of(session, definitions, identity, organisation, figure, given or FigureFilter()),
    ]
    if at is not None:
        if not figure.cumulative:
            raise Invalid(
                "at",
                said(
                    "{figure} is of a period; only what stands at an instant, such as the backlog, is asked so",
                    figure=figure.name,
                ),
            )
        if not since <= local_day(at, organisation.time_zone) < until:
            raise Invalid("at", said("on a day of the period"))
        where.append(Fact.at <= at)
    found = await view(session, figure, organisation, Period(since, until), by, where)
    return found.model_copy(update={"counted_to": await uncounted_since(session)})


async def figure_cases(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    name: str,
    since: date,
    until: date,
    *,
    part: FigurePart = FigurePart.ALL,
    given: FigureFilter | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> CountedCases:
    """The cases that a figure is of, the earliest fact first."""
    figure = figure_named(name)
    organisation = await definitions.organisation(session)
    where, _ = await conditions_of(
        session, definitions, identity, organisation, figure, since, until, given or FigureFilter()
    )
    where += within(None if figure.cumulative else since, until)
    where.append(figure.in_part(organisation, part))
    if figure.cumulative:
        where.append(still_open(until))
    summed, counted = figure.summed(organisation).label("numerator"), figure.counted.label("denominator")
    wanted = (
        select(Fact, Case.number, Case.title, Agent.slug.label("agent"), summed, counted)
        .join(Case, Case.id == Fact.case_id)
        .outerjoin(Agent, Agent.id == Fact.agent_id)
        .where(*where)
        # The day says nothing that the instant does not, but facts lie in its order.
        .order_by(Fact.day, Fact.at, Fact.id)
        .limit(limit + 1)
    )
    rows = (await session.execute(_after(wanted, cursor))).all()
    items = [
        CountedCase(
            case=row.number,
            title=row.title,
            at=row[0].at,
            queue=row[0].queue,
            agent=row.agent,
            channel=row[0].channel,
            kind=row[0].detail,
            outcome=row[0].outcome,
            numerator=row.numerator,
            denominator=None if figure.denominator is None else row.denominator,
        )
        for row in rows[:limit]
    ]
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = None if last is None else cursors.encode(ORDER, last.at, UUID(int=last.id))
    return CountedCases(items=tuple(items), next=following)


def still_open(until: date) -> ColumnElement[bool]:
    """That the fact is the last opening of a case that is open at the end of the day before `until`."""
    other = aliased(Fact)
    # The few facts of the case are looked through, never all of their kind: hence the kind is no plain column here.
    of_same = (other.case_id == Fact.case_id) & (func.coalesce(other.kind, "") == Fact.kind) & (other.day < until)
    total = select(func.sum(other.amount)).where(of_same).correlate(Fact).scalar_subquery()
    last = select(func.max(other.id)).where(of_same, other.amount > 0).correlate(Fact).scalar_subquery()
    return and_(total > 0, Fact.id == last)


def _after(wanted: Select[*tuple[Any, ...]], cursor: str | None) -> Select[*tuple[Any, ...]]:
    if cursor is None:
        return wanted
    at, key = cursors.decode(cursor, ORDER, datetime)
    if at is None or key.int >= 2**63:
        raise cursors.wrong()
    return wanted.where(or_(Fact.at > at, and_(Fact.at == at, Fact.id > key.int)))


def check_period(since: date, until: date, by: FigureBy | None) -> None:
    if since >= until:
        raise Invalid("to", said("after 'from'"))
    if until - since > LONGEST:
        raise Invalid("to", said("at most {days} days after 'from'", days=LONGEST.days))
    if by in PERIODS and (until - since).days / LENGTHS[by] > MOST_GROUPS:
        raise Invalid(
            "by", said("at most {most_groups} of them in one answer; ask for a shorter period", most_groups=MOST_GROUPS)
        )


async def conditions_of(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    organisation: OrganisationSettings,
    figure: Figure,
    since: date,
    until: date,
    given: FigureFilter,
) -> tuple[list[ColumnElement[bool]], bool]:
    """What the caller's sight and the filters leave of all facts, and whether the caller sees all cases. `Invalid` for a period
    that is none."""
    check_period(since, until, None)
    seen, own = await sight_of_facts(session, identity, None)
    return [*seen, *own, *await filters_of(session, definitions, identity, organisation, figure, given)], not seen


async def sight_of_facts(
    session: AsyncSession, identity: Identity, by: FigureBy | None
) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """What the caller may see of all facts, and of those that are grouped by agents."""
    sight: Sight = await sight_of(session, identity)
    seen: list[ColumnElement[bool]] = []
    if sight.hidden:
        seen.append(Fact.case_id.in_(select(Case.id).where(sight.cases())))
    own: list[ColumnElement[bool]] = []
    if by is FigureBy.AGENT and not identity.roles & OVERSEERS:
        own.append(Fact.agent_id == identity.agent_id)
    return seen, own
