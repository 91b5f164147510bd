"""Overflow decided (domain 5.2): out of hours, too long a queue, too long a wait; to the first queue with room, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from models.messages.assigning import Move, TargetFacts, WaitingItem
from models.messages.assignment import AssignmentRule
from models.messages.calendars import Calendar
from policies.overflow import moves

NOW = datetime(2031, 3, 3, 20, 0, tzinfo=UTC)
"""A Monday evening."""
OFFICE = Calendar.model_validate(
    {"slug": "office", "time_zone": "UTC", "hours": {"monday": [{"from": "09:00", "to": "17:00"}]}}
)
NIGHT, SPARE = TargetFacts(slug="night"), TargetFacts(slug="spare")


def rule(**overflow: Any) -> AssignmentRule:
    given = {"to": ["night", "spare"], **overflow}
    return AssignmentRule.model_validate({"slug": "r", "name": "R", "queue": "gold", "overflow": given})


def item(place: int, minutes: int = 0, **more: Any) -> WaitingItem:
    entered = NOW - timedelta(minutes=minutes)
    given: dict[str, Any] = {"id": UUID(int=place), "rank": 1, "entered_on": entered, "place": place, **more}
    return WaitingItem(**given)


def gone(found: tuple[Move, ...]) -> list[tuple[int, str]]:
    return [(each.item.int, each.to) for each in found]


def test_what_came_after_hours_goes_on_and_what_came_before_stays() -> None:
    items = [item(0, minutes=181), item(1, minutes=180), item(2)]
    found = moves(rule(out_of_hours="office"), items, [NIGHT], NOW, calendar=OFFICE, early=True)
    assert gone(found) == [(1, "night"), (2, "night")]
    assert found[0].why == "it came outside the hours of 'office'"
    at_work = NOW.replace(hour=10)
    assert moves(rule(out_of_hours="office"), items, [NIGHT], at_work, calendar=OFFICE, early=True) == ()


def test_what_enters_behind_the_longest_queue_goes_on() -> None:
    found = moves(rule(longest_queue=2), [item(place) for place in range(4)], [NIGHT], NOW, early=False)
    assert gone(found) == [(2, "night"), (3, "night")]


def test_what_has_waited_so_long_goes_on() -> None:
    found = moves(rule(longest_wait="1 hour"), [item(0, 60), item(1, 59)], [NIGHT], NOW, early=False)
    assert gone(found) == [(0, "night")]
    assert found[0].why == "it has waited 1 hour"


def test_each_goes_to_the_first_queue_that_does_not_overflow_itself() -> None:
    items = [item(place, 90) for place in range(4)]
    wait = rule(longest_wait="1 hour")
    one = NIGHT.model_copy(update={"room": 1})
    assert gone(moves(wait, items, [SPARE, one], NOW, early=False)) == [
        (0, "night"),
        (1, "spare"),
        (2, "spare"),
        (3, "spare"),
    ]
    closed = NIGHT.model_copy(update={"closed": True})
    assert {to for _, to in gone(moves(wait, items, [closed, SPARE], NOW, early=False))} == {"spare"}
    assert moves(wait, items, [closed], NOW, early=False) == (), "without room it stays"


def test_it_goes_on_only_once() -> None:
    assert moves(rule(longest_wait="1 hour"), [item(0, 90, overflowed=True)], [NIGHT], NOW, early=False) == ()


@pytest.mark.parametrize(
    ("overflow", "said"),
    [
        ({}, "says when"),
        ({"to": [], "longest_queue": 1}, "to"),
        ({"to": ["a", "a"], "longest_queue": 1}, "listed twice"),
        ({"to": ["gold"], "longest_queue": 1}, "into itself"),
        ({"longest_wait": "2 business hours"}, "without 'business'"),
        ({"longest_queue": 0}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(overflow: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        rule(**overflow)
