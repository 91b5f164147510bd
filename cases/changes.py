"""Every field of every change of a case: noted on the timeline's entry that tells why (domain 11)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from models.records.cases import Case

UNTOLD = frozenset({"id", "recorded_at", "version", "modified_on", "counted_version"})
"""What every write changes, and what none does."""
TOLD = tuple(column.key for column in inspect(Case).column_attrs if column.key not in UNTOLD)

Changes = dict[str, list[Any]]
"""`{field: [old, new]}`, JSON values."""


class FieldChanges:
    """What a write has changed of its case since it was asked last."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._before = self._standing()

    def taken(self) -> Changes | None:
        """The fields that have another value than when this was asked before; None: none has."""
        before, now = self._before, self._standing()
        self._before = now
        changed = [name for name in TOLD if now[name] is not before[name] and not _same(now[name], before[name])]
        return {name: [plain(before[name]), plain(now[name])] for name in changed} or None

    def _standing(self) -> dict[str, Any]:
        values = vars(self._case)
        return {name: values.get(name) for name in TOLD}


def _same(one: Any, other: Any) -> bool:
    """By what is written: to Python `true` is 1."""
    if one != other:
        return False
    return not isinstance(one, dict) or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def plain(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case str():
            return str(value)  # of an enum its word
        case _:
            return value
