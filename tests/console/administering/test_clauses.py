"""Conditions as rows of a form: what is typed means the same when it is read back."""

from __future__ import annotations

from typing import Any

import pytest

from console.administering.clauses import Row, clause_of, rows_of, said


@pytest.mark.parametrize(
    "value",
    ["high", "5", 5, 2.5, True, "true", "null", " two words ", "a, b", ["high", "low"], [1, "1", True], 'quo"ted', ""],
)
def test_a_clause_shown_as_a_row_and_read_again_is_the_same(value: Any) -> None:
    op = "in" if isinstance(value, list) else "eq"
    clause = {"field": "case.custom.x", "op": op, "value": value}
    shown = rows_of({"all": [clause]})
    assert shown is not None
    which, (row,) = shown
    assert (which, clause_of(row)) == ("all", clause)


def test_what_rows_cannot_say_is_written() -> None:
    inner = {"any": [{"field": "case.priority", "op": "eq", "value": "high"}]}
    assert rows_of({"all": [inner]}) is None
    assert rows_of({"all": [{"field": "now.time", "op": "ge", "value": "22:00", "time_zone": "Asia/Tokyo"}]}) is None
    assert rows_of({"all": [{"field": "case.title", "op": "in", "value": ["one, two"]}]}) is None
    assert rows_of("nonsense") is None
    assert rows_of(None) == ("", [])
    assert clause_of(Row("case.owner", "empty", "")) == {"field": "case.owner", "op": "empty"}
    assert said(None) == ""
