"""A figure counted anew from the rows of its cases, past all that is kept: for whoever asks why it is what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, cast, column, literal_column, null, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.base import table_of
from models.records.figures import FigureFact as Fact
from storage.figures.counting import AT_ONCE, Basis, read_facts
from storage.figures.registry import Figure

MOST_FACTS = 1_000
"""In one statement: databases take no more than some 30,000 values."""

_KEPT = table_of(Fact)
_COLUMNS = [column(each.name, each.type) for each in _KEPT.c if each.name != "id"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recounted:
    """What a figure sums up to by the facts that were read anew, and how many they were."""

    numerator: int
    denominator: int
    facts: int
    median: int | None = None
    p90: int | None = None


async def recounted(
    session: AsyncSession, figure: Figure, by: Basis, cases: Sequence[UUID], where: Sequence[ColumnElement[bool]]
) -> Recounted:
    """The figure of the facts of these cases that `where` leaves, as their rows say them now."""
    counted: list[Any] = []
    for some in _pieces(cases, AT_ONCE):
        facts = [fact for fact in await read_facts(session, by, list(some)) if fact["kind"] == figure.kind.value]
        for part in _pieces(facts, MOST_FACTS):
            # In the place of the table, which has the same name: the figure's own terms are asked of these facts.
            measure: Any = literal_column("NULL") if figure.measure is None else figure.measure
            asked = select(
                figure.summed(by.organisation).label("numerator"),
                figure.counted.label("denominator"),
                measure.label("measure"),
            )
            asked = asked.where(figure.facts(by.organisation), *where).add_cte(_as_table(part))
            counted += (await session.execute(asked)).all()
    measured = sorted(row.measure for row in counted if row.measure is not None)
    return Recounted(
        sum(row.numerator for row in counted),
        sum(row.denominator for row in counted),
        len(counted),
        _rank(measured, (len(measured) + 1) // 2),
        _rank(measured, (9 * len(measured) + 9) // 10),
    )


def _as_table(facts: Sequence[dict[str, Any]]) -> CTE:
    """Its first line says of what type each column is, also where it has no value."""
    first, *rest = ([fact[each.name] for each in _COLUMNS] for fact in facts)
    typed = [cast(null(), of.type) if value is None else value for of, value in zip(_COLUMNS, first, strict=True)]
    return values(*_COLUMNS, name=_KEPT.name).data([tuple(typed), *map(tuple, rest)]).cte(_KEPT.name)


def _rank(measured: Sequence[int], place: int) -> int | None:
    return measured[place - 1] if measured else None


def _pieces(all_: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    for begin in range(0, len(all_), most):
        yield all_[begin : begin + most]
