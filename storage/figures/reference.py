"""The page of all key figures, written from their registry: what each says in words, beside its SQL (`docs/kpis.md`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, column
from sqlalchemy.dialects import postgresql

from models.messages.figures import FigureUnit
from models.messages.organisation import OrganisationSettings
from models.records.figures import FigureFact as Fact
from storage.figures.asking import ranks_of, sums_of
from storage.figures.facts import STATEMENTS, FactKind
from storage.figures.registry import FIGURES, Figure

EXAMPLE = OrganisationSettings.model_validate({"contact_costs": {"email": 2.5, "phone": 6}})
"""Whose costs the page shows."""
UNITS = {
    FigureUnit.CASES: "cases",
    FigureUnit.CONTACTS: "contacts",
    FigureUnit.PERCENT: "percent",
    FigureUnit.SECONDS: "seconds",
    FigureUnit.MINUTES: "minutes",
    FigureUnit.MONEY: "the organisation's currency",
    FigureUnit.SCORE: "a score",
    FigureUnit.POINTS: "points from -100 to 100",
}
KINDS = {
    FactKind.OPENED: "A case was opened.",
    FactKind.BALANCE: "A case more or less is open: opened or reactivated (1), resolved or cancelled (-1).",
    FactKind.CONTACT: "A customer turned to us.",
    FactKind.ANSWERED: "A case got its first response.",
    FactKind.RESOLVED: "A case was resolved. Its outcome is `first-contact`, if there was no contact but the first until then "
    "and it was not reactivated within `first_contact_days`, else `further-contact`; `-reopened` follows if it ever was.",
    FactKind.QUEUED: "A case was in a queue, from its entry to its exit.",
    FactKind.PROMISED: "A promise of an SLA fell, or falls, due.",
    FactKind.HANDLED: "An activity was completed.",
    FactKind.SURVEYED: "A customer answered a survey.",
}
HEAD = """\
# Key figures

What each figure counts, in words and in SQL. This page is written from the code: `starter.py figures > docs/kpis.md`.

A figure sums up *facts*: things that happened to a case at an instant. Facts are read from the rows of a case whenever it has
changed, by the statements [below](#facts), and kept in `figure_fact`; so a change that comes late, a reactivation or a merge,
moves the figures of the days that it is about. `GET /figures/{name}/cases` lists the facts behind a figure, case by case.

- A period is of whole days in the organisation's time zone, `:since` to the day before `:until`.
- Queue, agent, channel, customer, priority, product and stage are those that the case has now; a closed case's queue is the one
  that it was in last. A stay in a queue is of that queue, a contact of its own channel, a resolution, an answer and an activity
  of the agent whose it is.
- `seconds` is time by the clock, `business_seconds` the working time in the organisation's `figures_calendar`.
- Each value stands beside that of the period before, which is as long. Medians and 90th percentiles are values that were really
  there: the smallest that half of the facts, or nine of ten, do not exceed. PostgreSQL is asked for them in the statement of the
  sums, by its `percentile_disc`, which says the same and reads the facts once.
- The figures of each day are kept in `figure_day`, summed up by the same statements; `GET /figures` reads those.

The console shows them at `/figures`: as tiles beside the period before, each with a chart, a table, CSV, and the cases behind
every number; `to` in its addresses is the last day, included. `/team` is the board of the present moment.

[api.md](api.md#key-figures) tells how to ask for them, [organisation.md](organisation.md#figure_reports) how to have them mailed.
"""


def figure_reference() -> str:
    """All of it as Markdown."""
    parts = [HEAD, "## Figures\n"]
    parts += [_figure(figure) for figure in FIGURES]
    parts.append("## Facts\n")
    parts += [f"### {kind}\n\n{KINDS[kind]}\n\n{_code(in_sql(STATEMENTS[kind]))}" for kind in FactKind]
    return "\n".join(parts)


def statements_of(figure: Figure, organisation: OrganisationSettings) -> tuple[str, ...]:
    """The SQL of its sums, and that of its median and 90th percentile if it has them."""
    where = [Fact.day < column(":until", is_literal=True)]
    if not figure.cumulative:
        where.insert(0, Fact.day >= column(":since", is_literal=True))
    sums = in_sql(sums_of(figure, organisation, where))
    return (sums,) if figure.measure is None else (sums, in_sql(ranks_of(figure, organisation, where)))


def _figure(figure: Figure) -> str:
    sums, *ranks = statements_of(figure, EXAMPLE)
    of = f"In {UNITS[figure.unit]}; of [{figure.kind}](#{figure.kind})."
    told = [f"### {figure.name}\n", f"**{figure.title}.** {figure.words} {of}"]
    if figure.denominator is not None:
        times = "" if figure.scale == 1 else f", times {figure.scale:g}"
        told.append(f"The value is the numerator divided by the denominator{times}.")
    if figure.apart:
        told.append(f"Beside it stands how many are {', '.join(figure.apart)}.")
    told.append(f"\n{_code(sums)}")
    told += [f"Median and 90th percentile:\n\n{_code(sql)}" for sql in ranks]
    return "\n".join(told)


def _code(sql: str) -> str:
    return f"```sql\n{sql}\n```\n"


def in_sql(statement: Executable) -> str:
    """The statement as PostgreSQL has it, with its values written out and `:cases` for the cases that it is asked about."""
    compiled: Any = statement.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call, attr-defined]
    text = re.sub(r"\(__\[POSTCOMPILE_(\w+)\]\)", lambda found: _list(compiled.params, found[1]), str(compiled))
    text = re.sub(r"%\((\w+)\)s(::\w+)?", lambda found: _literal(compiled.params[found[1]]), text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _list(values: Mapping[str, Any], name: str) -> str:
    given = values[name]
    return f"(:{name})" if given is None else f"({', '.join(map(_literal, given))})"


def _literal(value: object) -> str:
    if isinstance(value, tuple):  # a path into a document
        return "'{" + ",".join(map(str, value)) + "}'"
    return str(value) if isinstance(value, int | float) else f"'{value}'"
