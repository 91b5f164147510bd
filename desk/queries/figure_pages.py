"""Key figures as the pages of managers show them: all of a period at once, and one with what is behind it (domain 10).

Sums of whole days are kept, so a page of all figures reads those; whoever may not see all cases has them counted from the
cases that they may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.figure_filters import FigureFilter
from desk.queries.key_figures import (
    check_period,
    figure_named,
    figure_view,
    members_of,
    sight_of_facts,
)
from models.messages.figures import PERIODS, FigureBy, FigureGroup, FigureView
from models.messages.organisation import OrganisationSettings
from storage.definitions import Definitions
from storage.figures.asking import Sums
from storage.figures.counting import uncounted_since
from storage.figures.days import KEPT_BY, kept_between, kept_by_day
from storage.figures.reference import statements_of
from storage.figures.registry import FIGURES, Figure
from storage.figures.viewing import (
    NOTHING,
    Period,
    days_added_up,
    named_groups,
    period_groups,
    value_of,
    view,
    view_of,
)
from storage.sqlite import aside


async def figure_tiles(
    session: AsyncSession, definitions: Definitions, identity: Identity, since: date, until: date
) -> list[FigureView]:
    """All figures of the days from `since` until before `until`, beside those of the period before; without medians."""
    check_period(since, until, None)
    organisation = await definitions.organisation(session)
    period = Period(since, until)
    seen, _ = await sight_of_facts(session, identity, None)
    with aside():
        if seen:
            return [await view(session, figure, organisation, period, None, seen) for figure in FIGURES]
        now = await kept_between(session, since, until, None)
        before = await kept_between(session, period.before.since, period.before.until, None)
    return [
        view_of(figure, organisation, period, value_of(figure, _one(now[figure.name]), _one(before[figure.name])))
        for figure in FIGURES
    ]


def _one(sums: Sequence[Sums]) -> Sums:
    return next(iter(sums), NOTHING)


async def figure_of(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    name: str,
    since: date,
    until: date,
    by: FigureBy | None,
    given: FigureFilter,
) -> FigureView:
    """One figure of a period, as `figure_view`, read from what is kept of each day where days can be added up to it."""
    figure = figure_named(name)
    check_period(since, until, by)
    seen, own = await sight_of_facts(session, identity, by)
    with aside():
        if _is_kept(figure, by) and not (seen or own or given.narrows):
            organisation = await definitions.organisation(session)
            return await _kept(session, figure, organisation, Period(since, until), by)
        return await figure_view(session, definitions, identity, name, since, until, by, given)


def _is_kept(figure: Figure, by: FigureBy | None) -> bool:
    """Medians are of no use to those of a longer period, and what stands apart is not kept."""
    return figure.measure is None and not figure.apart and (by is None or by in PERIODS or by in KEPT_BY)


async def _kept(
    session: AsyncSession, figure: Figure, organisation: OrganisationSettings, period: Period, by: FigureBy | None
) -> FigureView:
    before = period.before

    async def kept(of: Period, group: FigureBy | None) -> list[Sums]:
        return (await kept_between(session, of.since, of.until, group))[figure.name]

    now, then = _one(await kept(period, None)), _one(await kept(before, None))
    groups: tuple[FigureGroup, ...] | None = None
    if by in PERIODS:
        days = await kept_by_day(session, figure, period.since, period.until)
        groups = tuple(period_groups(figure, period, by, days_added_up(figure, by, days), then))
    elif by is not None:
        sides = [members_of(await kept(of, by), by) for of in (period, before)]
        groups = await named_groups(session, figure, by, *sides)
    made = view_of(figure, organisation, period, value_of(figure, now, then), by=by, groups=groups)
    return made.model_copy(update={"counted_to": await uncounted_since(session)})


async def figure_sql(session: AsyncSession, definitions: Definitions, name: str) -> tuple[str, ...]:
    """How it is counted, as PostgreSQL has it, with the organisation's own costs: the sums, and the median if it has one."""
    return statements_of(figure_named(name), await definitions.organisation(session))
