"""Figures as a letter: a page that any mail program shows, and the same as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from letters.figure_table import number
from letters.figure_words import WORDS
from models.messages.figures import FigureUnit, FigureValue, FigureView

CELL = "padding:4px 12px 4px 0;text-align:left;vertical-align:top"
NUMBER = "padding:4px 0 4px 12px;text-align:right;white-space:nowrap;vertical-align:top"
NOTHING = "-"


def page(title: str, period: str, views: Sequence[FigureView], currency: str, language: str) -> str:
    """One table; what people wrote is escaped, and nothing is fetched from anywhere."""
    rows = "".join(
        f'<tr><td style="{CELL}">{escape(name)}</td>'
        + "".join(f'<td style="{NUMBER}">{escape(cell)}</td>' for cell in cells)
        + "</tr>"
        for name, cells in _lines(views, currency, language)
    )
    words = WORDS[language]
    named = (words.value, words.before, words.change, "Median", "90 %")
    heads = "".join(f'<th style="{NUMBER}">{head}</th>' for head in named)
    return (
        f"<h1>{escape(title)}</h1><p>{escape(period)}</p>"
        f'<table><thead><tr><th style="{CELL}">{words.figure}</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )


def plain_page(title: str, period: str, views: Sequence[FigureView], currency: str, language: str) -> str:
    lines = [title, period, ""]
    for name, (value, before, *_) in _lines(views, currency, language):
        lines.append(f"{name}: {value} ({WORDS[language].before.lower()}: {before})")
    return "\n".join(lines)


def _lines(views: Sequence[FigureView], currency: str, language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    words = WORDS[language]
    for view in views:
        yield words.titles.get(view.name, view.title), _cells(view, view.unit, currency, words.decimal)
        for group in view.groups or ():
            name = group.name or group.key or words.nobody
            yield f"\u2003{name}", _cells(group, view.unit, currency, words.decimal)
        for outcome, count in view.apart.items():
            yield f"\u2003{words.outcomes.get(outcome, outcome)}", (str(count), "", "", "", "")


def _cells(value: FigureValue, unit: FigureUnit, currency: str, decimal: str) -> tuple[str, ...]:
    shown = (value.value, value.before, value.change, value.median, value.p90)
    value_, before, change, median, p90 = (in_words(each, unit, currency, decimal) for each in shown)
    ranks = tuple("" if each is None else words for each, words in ((value.median, median), (value.p90, p90)))
    return (value_, before, f"+{change}" if (value.change or 0) > 0 else change, *ranks)


def in_words(value: float | None, unit: FigureUnit, currency: str, decimal: str = ".") -> str:
    """As people read it: `1 h 23 min`, `79.2 %`, `3.29 EUR`; a German reads `79,2 %`."""
    if value is None:
        return NOTHING
    match unit:
        case FigureUnit.SECONDS:
            return _duration(round(value))
        case FigureUnit.MINUTES:
            return _duration(round(value * 60))
        case FigureUnit.PERCENT:
            return f"{value:.1f} %".replace(".", decimal)
        case FigureUnit.MONEY:
            return f"{value:.2f}".replace(".", decimal) + f" {currency}"
        case FigureUnit.CASES | FigureUnit.CONTACTS | FigureUnit.SCORE | FigureUnit.POINTS:
            return f"{number(round(value, 2))}".replace(".", decimal)


def _duration(seconds: int) -> str:
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{sign}{hours} h {minutes} min"
    return f"{sign}{minutes} min" if minutes else f"{sign}{rest} s"
