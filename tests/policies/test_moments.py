"""Conditions on the instant (domain 5.1): time of day, weekday, inside and outside of a calendar, and why they failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from desk.reference.clauses import asked_records, clause_faults
from models.messages.calendars import Calendar
from models.messages.conditions import Clause, ConditionGroup
from models.messages.organisation import OrganisationSettings
from models.messages.routing import RoutingRuleSet
from models.messages.slas import SlaDefinition
from policies.conditions import evaluate
from policies.moments import Moment, minute_of
from policies.routing import route

SUMMER_EVENING = datetime(2031, 7, 7, 16, 30, tzinfo=UTC)
"""A Monday: 18:30 in Berlin, and 01:30 of Tuesday in Tokyo."""
OFFICE = Calendar.model_validate(
    {
        "slug": "office",
        "time_zone": "Europe/Berlin",
        "hours": {"monday": [{"from": "09:00", "to": "17:00"}], "tuesday": [{"from": "09:00", "to": "17:00"}]},
        "holidays": [{"date": "2031-07-08"}],
    }
)
LATE = OFFICE.model_copy(
    update={
        "slug": "late",
        "hours": Calendar.model_validate(
            {"slug": "x", "time_zone": "UTC", "hours": {"monday": [{"from": "17:00", "to": "22:00"}]}}
        ).hours,
    }
)


def moment(now: datetime = SUMMER_EVENING) -> Moment:
    return Moment(now, "Europe/Berlin", {"office": OFFICE, "late": LATE})


def why(now: datetime = SUMMER_EVENING, **clause: Any) -> tuple[bool, str]:
    found = evaluate(ConditionGroup.model_validate({"all": [clause]}), {}, moment(now))
    return found.holds, found.why()


@pytest.mark.parametrize(
    ("clause", "holds", "said"),
    [
        ({"field": "now.time", "op": "ge", "value": "18:00"}, True, "matched: now.time ge '18:00'"),
        ({"field": "now.time", "op": "lt", "value": "09:00"}, False, "failed: now.time lt '09:00' (was '18:30')"),
        ({"field": "now.time", "op": "ge", "value": 1080}, True, "matched: now.time ge 1080"),
        (
            {"field": "now.time", "op": "lt", "value": "02:00", "time_zone": "Asia/Tokyo"},
            True,
            "matched: now.time in Asia/Tokyo lt '02:00'",
        ),
        ({"field": "now.weekday", "value": "monday"}, True, "matched: now.weekday eq 'monday'"),
        (
            {"field": "now.weekday", "op": "in", "value": ["monday"], "time_zone": "Asia/Tokyo"},
            False,
            "failed: now.weekday in Asia/Tokyo in ['monday'] (was 'tuesday')",
        ),
        ({"field": "now.within", "value": "office"}, False, "failed: now.within eq 'office' (was ['late'])"),
        ({"field": "now.within", "op": "ne", "value": "office"}, True, "matched: now.within ne 'office'"),
    ],
)
def test_a_condition_on_the_instant_says_what_it_found(clause: dict[str, Any], holds: bool, said: str) -> None:
    assert why(**clause) == (holds, said)


def test_the_end_of_the_hours_is_outside_and_so_is_a_holiday() -> None:
    inside = {"field": "now.within", "value": "office"}
    closing = datetime(2031, 7, 7, 15, 0, tzinfo=UTC)
    assert why(closing.replace(hour=14, minute=59, second=59), **inside)[0]
    assert not why(closing, **inside)[0]
    assert not why(datetime(2031, 7, 8, 9, 0, tzinfo=UTC), **inside)[0]


def test_without_an_instant_nothing_of_it_is_known() -> None:
    assert not evaluate(ConditionGroup(all=(Clause(field="now.weekday", value="monday"),)), {}).holds


def test_a_rule_set_sends_the_evening_to_the_night_team() -> None:
    evening = {"all": [{"field": "now.within", "op": "ne", "value": "office"}]}
    rules = [{"name": "Night", "when": evening, "queue": "night"}, {"name": "Day", "queue": "day"}]
    rule_set = RoutingRuleSet.model_validate({"slug": "r", "name": "R", "rules": rules})
    assert route(rule_set, {}, moment()).queue == "night"
    morning = route(rule_set, {}, moment(datetime(2031, 7, 7, 8, 0, tzinfo=UTC)))
    assert morning.queue == "day"
    assert "now.within ne 'office' (was ['office'])" in morning.looked_at[0].explanation.why()


@pytest.mark.parametrize("wrong", ["25:00", "9", "9:5", "nine", True, -1, 24 * 60 + 1])
def test_what_is_no_time_of_day_is_told_when_the_rule_comes_into_force(wrong: Any) -> None:
    assert minute_of(wrong) == -1
    assert [rule for _, rule in faults("now.time", wrong)] == ["is no time of day; write HH:MM from 00:00 to 24:00"]


def test_a_bare_hour_is_no_time_of_day() -> None:
    assert [rule for _, rule in faults("now.time", 22)] == ["is no time of day; write HH:MM from 00:00 to 24:00"]
    assert faults("now.time", 22 * 60) == [], "as YAML 1.1 reads 22:00"


def faults(field: str, value: Any, **more: Any) -> list[tuple[Any, str]]:
    when = {"all": [{"field": field, "value": value, **more}]}
    body = {"slug": "r", "name": "R", "rules": [{"name": "A", "when": when, "queue": "gold"}]}
    return list(clause_faults(RoutingRuleSet.model_validate(body), OrganisationSettings()))


def test_words_of_the_instant_are_checked_and_calendars_are_references() -> None:
    assert faults("now.time", "09:00", op="contains")[0][1].startswith("now.time is compared with")
    assert "unknown 'moonday'" in faults("now.weekday", "moonday")[0][1]
    assert faults("now.weekday", "Monday") == []
    when = {"all": [{"field": "now.within", "op": "in", "value": ["office", "late"]}]}
    body = {"slug": "r", "name": "R", "rules": [{"name": "A", "when": when, "queue": "gold"}]}
    asked = list(asked_records(RoutingRuleSet.model_validate(body)))
    assert [(each.kind, each.slug) for each in asked] == [("calendar", "office"), ("calendar", "late")]


def test_only_a_routing_rule_looks_at_the_instant() -> None:
    item = {
        "name": "I",
        "kpi": "k",
        "applicable_when": {"all": [{"field": "now.weekday", "value": "monday"}]},
        "success": {"all": [{"field": "case.status", "value": "resolved"}]},
        "fail_after": "1 hour",
    }
    sla = SlaDefinition.model_validate({"slug": "s", "name": "S", "items": [item]})
    assert [rule for _, rule in clause_faults(sla, OrganisationSettings())] == [
        "is known to routing rules alone, which are asked at one instant"
    ]
    with pytest.raises(ValidationError, match="time_zone"):
        Clause(field="case.priority", value="high", time_zone="UTC")
