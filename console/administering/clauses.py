"""Conditions as a form asks for them: all or any of some clauses, a row each, and of groups of such rows within them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desk.organisation.yaml import scalar
from models.messages.conditions import NOW_TIME, NOW_WEEKDAY, Op

ALWAYS, ALL, ANY, WRITTEN = "", "all", "any", "written"
LISTS, NOTHING = (Op.IN, Op.NOT_IN), (Op.EMPTY, Op.NOT_EMPTY)
DEEPEST = 4
"""Groups within each other; what lies deeper is written."""
_LISTED = re.compile(r'\s*("[^"]*"|[^,]+)')


@dataclass(frozen=True, slots=True)
class Row:
    """`zone`: the time zone of a clause about the time of day or the weekday."""

    field: str = ""
    op: str = Op.EQ.value
    value: str = ""
    zone: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.field.strip() and not self.value.strip()

    @property
    def of_the_clock(self) -> bool:
        return self.field in (NOW_TIME, NOW_WEEKDAY)


@dataclass(frozen=True, slots=True)
class Group:
    """`which` of its members must hold: all, any; or none are asked for, and it always holds."""

    which: str = ALWAYS
    members: list[Row | Group] = field(default_factory=list)


def group_of(condition: Any, depth: int = 1) -> Group | None:
    """The condition as rows; None for what they cannot say, such as groups that lie too deep."""
    if condition is None:
        return Group()
    if not isinstance(condition, Mapping) or not condition or not condition.keys() <= {ALL, ANY}:
        return None
    given = [which for which, members in condition.items() if members] or list(condition)[:1]
    members = condition[given[0]]
    if len(given) != 1 or not isinstance(members, list | tuple) or depth > DEEPEST:
        return None
    found = Group(given[0])
    for member in members:
        is_group = isinstance(member, Mapping) and bool(member.keys() & {ALL, ANY})
        made = group_of(member, depth + 1) if is_group else _row_of(member)
        if made is None:
            return None
        found.members.append(made)
    return found


def _row_of(clause: Any) -> Row | None:
    if not isinstance(clause, Mapping) or not clause.keys() <= {"field", "op", "value", "time_zone"}:
        return None
    value = clause.get("value")
    if isinstance(value, list | tuple) and any(_is_unsayable(each) for each in value):
        return None
    if "\n" in said(value):  # A row is one line: a browser takes the ends of lines out of it.
        return None
    zone = clause.get("time_zone")
    return Row(str(clause.get("field", "")), str(clause.get("op", Op.EQ)), said(value), str(zone or ""))


def _is_unsayable(value: Any) -> bool:
    """Whether a list's row could not tell where the value ends: quotes stand around what has a comma in it."""
    return '"' in str(value) or not str(value).strip()


def clause_of(row: Row) -> dict[str, Any]:
    """As a file has it. Words that look like a number or like yes are told from them by quotes."""
    clause: dict[str, Any] = {"field": row.field.strip(), "op": row.op}
    if row.zone.strip():
        clause["time_zone"] = row.zone.strip()
    if row.op in NOTHING and not row.value.strip():
        return clause
    if row.op in LISTS:
        return clause | {"value": [value_of(each) for each in listed(row.value)]}
    return clause | {"value": value_of(row.value)}


def listed(text: str) -> list[str]:
    """The values of a list as they are typed: apart by commas, but for those between quotes."""
    if text.count('"') % 2:
        return [each for each in text.split(",") if each.strip()]
    return [each for each in _LISTED.findall(text) if each.strip()]


def said(value: Any) -> str:
    """A clause's value as it is typed."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return ", ".join(f'"{each}"' if "," in str(each) else said(each) for each in value)
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
