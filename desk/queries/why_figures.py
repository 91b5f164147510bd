"""Why a figure is what it is: counted anew from the rows of its cases, beside its definition, its filters and its SQL."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.figure_filters import FigureFilter
from desk.queries.key_figures import conditions_of, figure_named, still_open
from models.messages.figures import FigureRecount, FigureWhy
from models.messages.said import said
from models.records.cases import UNCOUNTED, Case
from models.records.figures import FigureFact as Fact
from storage.definitions import Definitions
from storage.figures.asking import within
from storage.figures.counting import basis, uncounted_since
from storage.figures.facts import STATEMENTS
from storage.figures.recounting import recounted
from storage.figures.reference import in_sql, statements_of
from storage.figures.registry import Figure
from storage.figures.viewing import Period, view

MOST_CASES = 2_000
"""That are read anew for one answer."""
TOO_MANY = said(
    "it is of more than {most_cases} cases; a shorter period or a filter makes it fewer", most_cases=MOST_CASES
)


async def figure_why(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    name: str,
    since: date,
    until: date,
    given: FigureFilter | None = None,
) -> FigureWhy:
    """The figure as it is shown, and as the rows of the cases behind it say it now. Both are the same, but for what has changed
    since `counted_to`. Raises what `figure_view` raises."""
    figure, given = figure_named(name), given or FigureFilter()
    by = await basis(session, definitions)
    where, all_seen = await conditions_of(session, definitions, identity, by.organisation, figure, since, until, given)
    shown = await view(session, figure, by.organisation, Period(since, until), None, where)
    inside = [*within(None if figure.cumulative else since, until), *where]
    cases, facts = await _behind(session, figure, until, [*inside, figure.facts(by.organisation)])
    recount: FigureRecount | None = None
    ids = await _ids(session, figure, until, [*inside, figure.facts(by.organisation)])
    if len(ids) <= MOST_CASES:
        found = await recounted(session, figure, by, ids, inside)
        recount = FigureRecount(
            numerator=found.numerator,
            denominator=None if figure.denominator is None else found.denominator,
            value=figure.value(found.numerator, found.denominator),
            median=found.median,
            p90=found.p90,
        )
    seen = (shown.numerator, shown.denominator, shown.median, shown.p90)
    return FigureWhy(
        name=shown.name,
        title=shown.title,
        words=shown.words,
        unit=shown.unit,
        since=since,
        until=until,
        time_zone=by.organisation.time_zone,
        filters={field: value for field, value in asdict(given).items() if value is not None},
        sight="all cases" if all_seen else said("the cases that you may see"),
        value=shown.value,
        numerator=shown.numerator,
        denominator=shown.denominator,
        median=shown.median,
        p90=shown.p90,
        scale=figure.scale,
        cases=cases,
        facts=facts,
        counted_to=await uncounted_since(session),
        recount=recount,
        agrees=None
        if recount is None
        else (recount.numerator, recount.denominator, recount.median, recount.p90) == seen,
        not_recounted=TOO_MANY if recount is None else None,
        fact=figure.kind.value,
        sql=statements_of(figure, by.organisation)[0],
        facts_sql=in_sql(STATEMENTS[figure.kind]),
    )


async def _behind(
    session: AsyncSession, figure: Figure, until: date, where: list[ColumnElement[bool]]
) -> tuple[int, int]:
    """How many cases, and how many facts of them; of what stands at an instant, only those that still stand then."""
    counted = select(func.count(Fact.case_id.distinct()), func.count()).where(*where, *_standing(figure, until))
    cases, facts = (await session.execute(counted)).one()
    return cases, facts


async def _ids(session: AsyncSession, figure: Figure, until: date, where: list[ColumnElement[bool]]) -> list[UUID]:
    """Those cases, and whatever has changed since it was counted; one more than can be read anew, if there are so many."""
    kept = select(Fact.case_id).where(*where, *_standing(figure, until)).distinct().limit(MOST_CASES + 1)
    changed = select(Case.id).where(text(UNCOUNTED)).order_by(Case.id).limit(MOST_CASES + 1)
    return list({*await session.scalars(kept), *await session.scalars(changed)})


def _standing(figure: Figure, until: date) -> list[ColumnElement[bool]]:
    return [still_open(until)] if figure.cumulative else []
