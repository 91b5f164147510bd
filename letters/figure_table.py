"""Figures as CSV (RFC 4180), for spreadsheets and other programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from letters.spreadsheets import as_text
from models.messages.figures import FigureValue, FigureView

HEAD = (
    *("figure", "from", "to", "by", "key", "name", "value", "unit", "numerator", "denominator", "median", "p90"),
    *("before", "change", "change_percent"),
)


def as_csv(views: Iterable[FigureView]) -> str:
    """A line for each figure, and one for each of its groups; empty where there is nothing."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for view in views:
        writer.writerow(_line(view, view, "", ""))
        for group in view.groups or ():
            writer.writerow(_line(view, group, group.key or "", group.name or ""))
        for outcome, count in view.apart.items():
            empty = FigureValue(value=None, numerator=count, denominator=None)
            writer.writerow(_line(view, empty, outcome, "apart"))
    return out.getvalue()


def _line(view: FigureView, value: FigureValue, key: str, name: str) -> list[object]:
    return [
        view.name,
        view.since,
        view.until,
        view.by or "",
        as_text(key),
        as_text(name),
        number(value.value),
        view.unit,
        value.numerator,
        value.denominator,
        *map(number, (value.median, value.p90, value.before, value.change, value.change_percent)),
    ]


def number(value: float | None) -> float | int | None:
    """Whole where it can be."""
    return int(value) if value is not None and value == int(value) else value
