"""A figure of a period, in groups: one statement, alike for every figure and on both databases.

Medians and 90th percentiles are values that were really there (nearest rank): the smallest that half, or nine of ten, do not
exceed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from models.messages.figures import FigureBy
from models.messages.organisation import OrganisationSettings
from models.records.base import Day
from models.records.figures import FigureFact as Fact
from storage.figures.registry import Figure


@dataclass(frozen=True, slots=True)
class Sums:
    """What a figure sums up to in one group; `members` says which, in the order in which it was grouped."""

    members: tuple[Any, ...]
    numerator: int
    denominator: int
    median: int | None = None
    p90: int | None = None
    apart: tuple[int, ...] = ()
    """Of each outcome that the figure shows apart, how many facts."""
    own: bool = True
    """Whether any fact is of the figure itself, and not only of what it shows apart."""


class FirstDay(FunctionElement[date]):
    """The first day of the week (Monday) or month that a day lies in."""

    type = Day()
    inherit_cache = True

    def __init__(self, period: str, day: Any) -> None:
        super().__init__(literal_column(f"'{period}'"), day)


@compiles(FirstDay, "postgresql")
def _of_postgres(element: FirstDay, compiler: Any, **options: Any) -> str:
    period, day = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(date_trunc({period}, {day}) AS DATE)"


@compiles(FirstDay, "sqlite")
def _of_sqlite(element: FirstDay, compiler: Any, **options: Any) -> str:
    period, day = (compiler.process(clause, **options) for clause in element.clauses)
    return f"date({day}, 'start of month')" if period == "'month'" else f"date({day}, '-6 days', 'weekday 1')"


COLUMNS: dict[FigureBy, Any] = {
    FigureBy.QUEUE: Fact.queue,
    FigureBy.AGENT: Fact.agent_id,
    FigureBy.CHANNEL: Fact.channel,
    FigureBy.CUSTOMER: Fact.account_id,
    FigureBy.PRIORITY: Fact.priority,
    FigureBy.PRODUCT: Fact.product,
    FigureBy.STAGE: Fact.stage,
    FigureBy.KIND: Fact.detail,
    FigureBy.DAY: Fact.day,
    FigureBy.WEEK: FirstDay("week", Fact.day),
    FigureBy.MONTH: FirstDay("month", Fact.day),
}


def within(since: date | None, until: date) -> list[ColumnElement[bool]]:
    """From the day `since` until before the day `until`."""
    return [Fact.day < until] if since is None else [Fact.day >= since, Fact.day < until]


def sums_of(
    figure: Figure, organisation: OrganisationSettings, where: Sequence[ColumnElement[bool]], by: Sequence[Any] = ()
) -> Select[Any]:
    """The statement whose rows are the groups' members, then numerator and denominator."""
    return (
        select(*by, *_sums(figure.summed(organisation), figure.counted))
        .where(figure.facts(organisation), *where)
        .group_by(*by)
    )


def sums_and_apart_of(
    figure: Figure, organisation: OrganisationSettings, where: Sequence[ColumnElement[bool]], by: Sequence[Any] = ()
) -> Select[Any]:
    """The same of a figure that shows some outcomes apart, then how many facts have each of these, and in groups how many are
    its own: they are read once."""
    own, beside = figure.facts(organisation), figure.facts(organisation, apart=True)
    counted = [func.count().filter(beside, Fact.outcome == outcome) for outcome in figure.apart]
    counted += [func.count().filter(own)] if by else []
    return (
        select(*by, *_sums(figure.summed(organisation), figure.counted, own), *counted)
        # The kind by itself, so that its index is seen.
        .where(Fact.kind == figure.kind.value, or_(own, beside), *where)
        .group_by(*by)
    )


def _sums(numerator: Any, denominator: Any, *only: ColumnElement[bool]) -> list[ColumnElement[int]]:
    sums = [func.sum(each).filter(*only) if only else func.sum(each) for each in (numerator, denominator)]
    return [func.coalesce(each, 0).label(name) for each, name in zip(sums, ("numerator", "denominator"), strict=True)]


def ranks_of(
    figure: Figure, organisation: OrganisationSettings, where: Sequence[ColumnElement[bool]], by: Sequence[Any] = ()
) -> Select[Any]:
    """The statement whose rows are the groups' members, then median and 90th percentile."""
    measure: Any = figure.measure
    names = [f"member_{place}" for place, _ in enumerate(by)]
    ranked = (
        select(
            *(column.label(name) for name, column in zip(names, by, strict=True)),
            measure.label("measure"),
            func.row_number().over(partition_by=list(by) or None, order_by=measure).label("place"),
            func.count().over(partition_by=list(by) or None).label("among"),
        )
        .where(figure.facts(organisation), *where)
        .subquery()
    )
    members = [ranked.c[name] for name in names]
    two: ColumnElement[int] = literal_column("2")
    ten: ColumnElement[int] = literal_column("10")
    return select(
        *members,
        func.max(case((ranked.c.place == (ranked.c.among + 1) // two, ranked.c.measure))).label("median"),
        func.max(case((ranked.c.place == (9 * ranked.c.among + 9) // ten, ranked.c.measure))).label("p90"),
    ).group_by(*members)


async def ask(
    session: AsyncSession,
    figure: Figure,
    organisation: OrganisationSettings,
    where: Sequence[ColumnElement[bool]],
    by: Sequence[Any] = (),
    *,
    apart: bool = False,
) -> list[Sums]:
    """The figure's sums in each group that has any facts; without groups, always one. `apart`: with those shown apart, also in
    groups that have no others."""
    width, others = len(by), len(figure.apart) if apart else 0
    wanted = (sums_and_apart_of if others else sums_of)(figure, organisation, where, by)
    ranks: dict[tuple[Any, ...], tuple[int | None, int | None]] = {}
    at_once = session.get_bind().dialect.name == "postgresql" and not others
    if figure.measure is not None and at_once:
        wanted = wanted.add_columns(*_percentiles(figure.measure))
    elif figure.measure is not None:
        for row in await session.execute(ranks_of(figure, organisation, where, by)):
            ranks[tuple(row[:width])] = (row.median, row.p90)
    found: list[Sums] = []
    for row in await session.execute(wanted):
        members, (numerator, denominator, *more) = tuple(row[:width]), row[width:]
        median, p90 = more if more and not others else ranks.get(members, (None, None))
        own = not (others and width) or more[others] > 0
        found.append(Sums(members, int(numerator), int(denominator), median, p90, tuple(more[:others]), own))
    return found


def _percentiles(measure: Any) -> list[ColumnElement[int]]:
    """What `ranks_of` gives, in the statement that sums up: PostgreSQL has it of its own, and reads the facts once."""
    return [func.percentile_disc(literal_column(share)).within_group(measure) for share in ("0.5", "0.9")]
