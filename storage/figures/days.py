"""The figures of each day, kept: what a page of all figures reads. They are summed up again from the facts of every day of
which a fact has changed, by the statements that any other period is asked with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.figures import FigureBy
from models.messages.organisation import OrganisationSettings
from models.records.base import table_of
from models.records.figures import FigureDay, FigureDue
from models.records.figures import FigureFact as Fact
from storage.figures.asking import COLUMNS, Sums, ask
from storage.figures.registry import FIGURES, Figure

AT_ONCE = 31
"""Days that are summed up together."""
ALL = ""
"""What `by` is for everything, and `member` of what has none."""
KEPT_BY = (FigureBy.QUEUE, FigureBy.AGENT, FigureBy.CHANNEL, FigureBy.PRIORITY)


async def due_days(session: AsyncSession, most: int = AT_ONCE) -> list[date]:
    """Those of which facts have changed since, the latest first."""
    return list(await session.scalars(select(FigureDue.day).order_by(FigureDue.day.desc()).limit(most)))


async def sum_up(session: AsyncSession, organisation: OrganisationSettings, days: Sequence[date]) -> None:
    """Put the sums of these days, as their facts are now, in the place of what was kept. Safe to repeat.

    The caller holds the lock of whoever counts (`counting`).
    """
    made: list[dict[str, Any]] = []
    for figure in FIGURES:
        made += await kept_rows(session, figure, organisation, days)
    await session.execute(delete(FigureDay).where(FigureDay.day.in_(days)))
    if made:
        await session.execute(insert(table_of(FigureDay)), made)
    await session.execute(delete(FigureDue).where(FigureDue.day.in_(days)))


async def kept_rows(
    session: AsyncSession, figure: Figure, organisation: OrganisationSettings, days: Sequence[date]
) -> list[dict[str, Any]]:
    where = [Fact.day.in_(days)]
    made = [_row(figure, ALL, sums) for sums in await ask(session, figure, organisation, where, [Fact.day])]
    for by in KEPT_BY:
        found = await ask(session, figure, organisation, where, [Fact.day, COLUMNS[by]])
        made += [_row(figure, by.value, sums) for sums in found]
    return made


def _row(figure: Figure, by: str, sums: Sums) -> dict[str, Any]:
    day, *rest = sums.members
    member = rest[0] if rest else None
    return {
        "figure": figure.name.value,
        "by": by,
        "day": day,
        "member": ALL if member is None else str(member),
        "numerator": sums.numerator,
        "denominator": sums.denominator,
        "median": sums.median,
        "p90": sums.p90,
    }


async def kept_sums(session: AsyncSession, day: date, by: FigureBy | None) -> dict[str, list[Sums]]:
    """By figure, what is kept of a day; `by`: one of `KEPT_BY`. What stands at the end of a day counts all days before."""
    key = ALL if by is None else by.value
    found: dict[str, list[Sums]] = {figure.name: [] for figure in FIGURES}
    rows = await session.execute(
        select(FigureDay).where(FigureDay.day == day, FigureDay.by == key, FigureDay.figure.in_(list(found)))
    )
    for (row,) in rows:
        found[row.figure].append(Sums((row.member,), row.numerator, row.denominator, row.median, row.p90))
    for figure in FIGURES:
        if figure.cumulative:
            found[figure.name] = await _so_far(session, figure, by, FigureDay.day <= day)
    return found


async def kept_between(session: AsyncSession, since: date, until: date, by: FigureBy | None) -> dict[str, list[Sums]]:
    """By figure, what is kept of the days from `since` until before `until`, added up; medians cannot be, and are missing.
    What stands at the end of the period counts all days before."""
    key = ALL if by is None else by.value
    found: dict[str, list[Sums]] = {figure.name: [] for figure in FIGURES}
    added = (
        select(FigureDay.figure, FigureDay.member, func.sum(FigureDay.numerator), func.sum(FigureDay.denominator))
        .where(FigureDay.by == key, FigureDay.day >= since, FigureDay.day < until, FigureDay.figure.in_(list(found)))
        .group_by(FigureDay.figure, FigureDay.member)
    )
    for name, member, numerator, denominator in await session.execute(added):
        found[name].append(Sums((member,), int(numerator), int(denominator)))
    for figure in FIGURES:
        if figure.cumulative:
            found[figure.name] = await _so_far(session, figure, by, FigureDay.day < until)
    return found


async def kept_by_day(session: AsyncSession, figure: Figure, since: date, until: date) -> dict[date, Sums]:
    """What is kept of each day from `since` until before `until` that has anything."""
    rows = await session.scalars(
        select(FigureDay).where(
            FigureDay.figure == figure.name, FigureDay.by == ALL, FigureDay.day >= since, FigureDay.day < until
        )
    )
    return {row.day: Sums((row.day,), row.numerator, row.denominator, row.median, row.p90) for row in rows}


async def _so_far(session: AsyncSession, figure: Figure, by: FigureBy | None, days: ColumnElement[bool]) -> list[Sums]:
    key = ALL if by is None else by.value
    wanted = (
        select(FigureDay.member, func.sum(FigureDay.numerator), func.sum(FigureDay.denominator))
        .where(FigureDay.figure == figure.name, FigureDay.by == key, days)
        .group_by(FigureDay.member)
    )
    return [Sums((row[0],), int(row[1]), int(row[2])) for row in await session.execute(wanted)]
