"""A statement on paper: a page that can be printed, and a table for a spreadsheet."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from desk.statements.words import day, label, number, unit
from letters.spreadsheets import Table
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


def table(it: Statement, *, for_people: bool = False) -> str:
    """As CSV: the opening balance, a line for each movement, the closing balance; then each channel's. `for_people`: to be opened
    in a spreadsheet, as those who read its language write numbers."""
    say = partial(label, it.language)
    made = Table(it.language if for_people else None)
    made.row(*(say(each) for each in ("day", "case", "subject", "what", "channel", "terms", "remaining")))
    made.row(it.first, "", "", say("opening"), "", "", it.total.opening)
    for line in it.lines:
        about = (line.case or "", _subject(it, line), line.text, line.origin or "")
        made.row(line.day, *about, line.terms, line.remaining)
    made.row(it.last, "", "", say("closing"), "", "", it.total.closing)
    for each in it.channels:
        made.row(it.first, "", "", say("opening"), each.origin, "", each.opening)
        made.row(it.last, "", "", say("closing"), each.origin, "", each.closing)
    return made.text()


def _subject(it: Statement, line: StatementLine) -> str:
    if line.title is not None:
        return line.title
    return "" if line.event is LineEvent.AGREED else label(it.language, "hidden")
