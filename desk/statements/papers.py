"""A statement on paper: a page that can be printed, and a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from desk.statements.words import day, label, number, unit
from letters.spreadsheets import as_text
from models.messages.statements import LineEvent, Statement, StatementLine


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string((Path(__file__).parent / "statement.html").read_text(encoding="utf-8"))


def page(it: Statement) -> str:
    """As HTML, without scripts and without anything from elsewhere."""
    return _template().render(
        it=it,
        say=partial(label, it.language),
        day=partial(day, it.language),
        number=partial(number, it.language),
        moved=partial(number, it.language, signed=True),
        unit=unit(it.language, it.allocation),
        subject=partial(_subject, it),
    )


def table(it: Statement) -> str:
    """As CSV (RFC 4180): the opening balance, a line for each movement, the closing balance; then each channel's."""
    say = partial(label, it.language)
    out = io.StringIO()
    write = csv.writer(out).writerow
    write([say(each) for each in ("day", "case", "subject", "what", "channel", "terms", "remaining")])
    write([it.first.isoformat(), "", "", say("opening"), "", "", _plain(it.total.opening)])
    for line in it.lines:
        about = (line.case or "", as_text(_subject(it, line)), line.text, line.origin or "")
        write([line.day.isoformat(), *about, _plain(line.terms), _plain(line.remaining)])
    write([it.last.isoformat(), "", "", say("closing"), "", "", _plain(it.total.closing)])
    for each in it.channels:
        write([it.first.isoformat(), "", "", say("opening"), each.origin, "", _plain(each.opening)])
        write([it.last.isoformat(), "", "", say("closing"), each.origin, "", _plain(each.closing)])
    return out.getvalue()


def _subject(it: Statement, line: StatementLine) -> str:
    if line.title is not None:
        return line.title
    return "" if line.event is LineEvent.AGREED else label(it.language, "hidden")


def _plain(terms: Decimal) -> str:
    return f"{terms.normalize() + Decimal(0):f}"
