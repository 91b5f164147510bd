"""Conditions as a form asks for them: all or any of some clauses, a row each; what lies deeper is written as a file has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.languages import N_
from desk.organisation.yaml import scalar
from models.messages.conditions import Op

ALWAYS, ALL, ANY, WRITTEN = "", "all", "any", "written"
OPS: dict[str, str] = {
    Op.EQ: N_("is"),
    Op.NE: N_("is not"),
    Op.IN: N_("is one of"),
    Op.NOT_IN: N_("is none of"),
    Op.GT: N_("is more than"),
    Op.GE: N_("is at least"),
    Op.LT: N_("is less than"),
    Op.LE: N_("is at most"),
    Op.CONTAINS: N_("contains"),
    Op.NOT_CONTAINS: N_("does not contain"),
    Op.STARTS_WITH: N_("begins with"),
    Op.ENDS_WITH: N_("ends with"),
    Op.EMPTY: N_("is empty"),
    Op.NOT_EMPTY: N_("is filled"),
}
LISTS, NOTHING = (Op.IN, Op.NOT_IN), (Op.EMPTY, Op.NOT_EMPTY)


@dataclass(frozen=True, slots=True)
class Row:
    field: str = ""
    op: str = Op.EQ.value
    value: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.field.strip() and not self.value.strip()


def rows_of(condition: Any) -> tuple[str, list[Row]] | None:
    """Whether all or any must hold, and the rows; None for what rows cannot say: groups within it, a zone of its own."""
    if condition is None:
        return ALWAYS, []
    if not isinstance(condition, Mapping) or len(given := {k: v for k, v in condition.items() if v}) != 1:
        return None
    ((which, clauses),) = given.items()
    if which not in (ALL, ANY) or not isinstance(clauses, list | tuple):
        return None
    rows = []
    for clause in clauses:
        if not isinstance(clause, Mapping) or not clause.keys() <= {"field", "op", "value", "time_zone"}:
            return None
        value = clause.get("value")
        listed = value if isinstance(value, list | tuple) else ()
        if clause.get("time_zone") is not None or any("," in str(each) for each in listed):
            return None
        rows.append(Row(str(clause.get("field", "")), str(clause.get("op", Op.EQ)), said(value)))
    return which, rows


def clause_of(row: Row) -> dict[str, Any]:
    """As a file has it. Words that look like a number or like yes are told from them by quotes."""
    clause: dict[str, Any] = {"field": row.field.strip(), "op": row.op}
    if row.op in NOTHING and not row.value.strip():
        return clause
    if row.op in LISTS:
        return clause | {"value": [value_of(each) for each in row.value.split(",") if each.strip()]}
    return clause | {"value": value_of(row.value)}


def said(value: Any) -> str:
    """A clause's value as it is typed."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return ", ".join(map(said, value))
        case str():
            return f'"{value}"' if value != value.strip() or not isinstance(value_of(value), str) else value
        case _:
            return str(value)


def value_of(text: str) -> Any:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    value = scalar(text)
    return text if value is None else value
