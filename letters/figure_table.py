"""Figures as CSV (RFC 4180), for spreadsheets and other programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from letters.spreadsheets import Table
from models.messages.figures import FigureValue, FigureView

HEAD = (
    *("figure", "from", "to", "by", "key", "name", "value", "unit", "numerator", "denominator", "median", "p90"),
    *("before", "change", "change_percent"),
)


def as_csv(views: Iterable[FigureView], language: str | None = None) -> str:
    """A line for each figure, and one for each of its groups; empty where there is nothing. `language`: of whoever opens it in a
    spreadsheet."""
    table = Table(language)
    table.row(*HEAD)
    for view in views:
        table.row(*_line(view, view, "", ""))
        for group in view.groups or ():
            table.row(*_line(view, group, group.key or "", group.name or ""))
        for outcome, count in view.apart.items():
            empty = FigureValue(value=None, numerator=count, denominator=None)
            table.row(*_line(view, empty, outcome, "apart"))
    return table.text()


def _line(view: FigureView, value: FigureValue, key: str, name: str) -> list[str | int | float | date | None]:
    return [
        view.name,
        view.since,
        view.until,
        view.by or "",
        key,
        name,
        value.value,
        view.unit,
        value.numerator,
        value.denominator,
        *(value.median, value.p90, value.before, value.change, value.change_percent),
    ]


def number(value: float | None) -> float | int | None:
    """Whole where it can be."""
    return int(value) if value is not None and value == int(value) else value
