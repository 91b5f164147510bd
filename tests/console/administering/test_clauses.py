"""Conditions as rows of a form: what is typed means the same when it is read back, with groups within them."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import FormData

from console.administering.clauses import Group, Row, clause_of, group_of, said
from console.administering.filling import filled
from console.administering.forms import untouched
from console.administering.shapes import shapes
from console.staff import Posted
from models.messages.routing import RoutingRuleSet

HIGH = {"field": "case.priority", "op": "eq", "value": "high"}
NIGHT = {"field": "now.time", "op": "ge", "value": "22:00", "time_zone": "Asia/Tokyo"}
DEEP = {"all": [HIGH, {"any": [NIGHT, {"all": [HIGH, {"field": "case.owner", "op": "empty"}]}]}]}


@pytest.mark.parametrize(
    "value",
    [
        "high",
        "5",
        5,
        2.5,
        True,
        "true",
        "null",
        " two words ",
        "a, b",
        ["high", "low"],
        [1, "1", True],
        'quo"ted',
        "",
        ["a, b", "c"],
    ],
)
def test_a_clause_shown_as_a_row_and_read_again_is_the_same(value: Any) -> None:
    op = "in" if isinstance(value, list) else "eq"
    clause = {"field": "case.custom.x", "op": op, "value": value}
    shown = group_of({"all": [clause]})
    assert shown is not None
    (row,) = shown.members
    assert isinstance(row, Row)
    assert (shown.which, clause_of(row)) == ("all", clause)


def test_groups_within_a_condition_are_rows_within_rows_and_come_back_as_they_were() -> None:
    rules = {"slug": "r", "name": "R", "rules": [{"name": "A", "queue": "q", "when": DEEP}]}
    assert untouched(shapes(RoutingRuleSet), rules)["rules"][0]["when"] == DEEP


def test_what_rows_cannot_say_is_written() -> None:
    deep: dict[str, Any] = HIGH
    for _ in range(6):
        deep = {"any": [deep]}
    assert group_of(deep) is None
    assert group_of({"all": [{"field": "case.title", "op": "in", "value": ['"', "b"]}]}) is None
    assert group_of({"all": [HIGH], "any": [HIGH]}) is None
    assert group_of("nonsense") is None
    assert group_of(None) == Group()
    assert clause_of(Row("case.owner", "empty", "")) == {"field": "case.owner", "op": "empty"}
    assert said(None) == ""


def test_buttons_put_groups_into_a_condition_and_take_lines_out_of_it() -> None:
    lines = [("when.is", "all"), ("when.0.field", "case.priority"), ("when.0.op", "eq"), ("when.0.value", "high")]
    lines += [("when.1.is", "any"), ("when.1.0.field", "case.severity"), ("when.1.0.value", "bad")]

    def after(asked: str, *more: tuple[str, str]) -> Any:
        wanted = tuple(part for shape in shapes(RoutingRuleSet) for part in shape.parts if part.name == "when")
        return filled(wanted, Posted(FormData([*lines, *more, ("do", asked)]), "")).values["when"]

    group = {"any": [{"field": "case.severity", "op": "", "value": "bad"}]}
    assert after("") == {"all": [HIGH, group]}
    assert after("group:when") == {"all": [HIGH, group, {"any": []}]}, "it is drawn, to be filled"
    assert after("", ("when.2.is", "any")) == {"all": [HIGH, group]}, "an empty group says nothing"
    assert after("out:when.0") == {"all": [group]}
    assert after("out:when.1") == {"all": [HIGH]}
    assert after("out:when.1.0")["all"][0] == HIGH
