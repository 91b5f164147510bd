"""Weeks that take turns (domain 4.5): literal instants, and all of a calendar's business time against an oracle.

More cases than a run of all tests takes:
`CASELOOM_ORACLE_CASES=10000 .venv/bin/python -m pytest -n 0 --timeout 0 tests/policies/test_varying_weeks.py -k oracle`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.messages.calendars import Calendar, Span
from policies.business_time import add_business, business_between
from policies.worked_days import A_BLOCK
from tests.policies.minute_oracle import ByMinute, pinned_zone

CASES = int(os.environ.get("CASELOOM_ORACLE_CASES", "100"))
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY: dict[str, str] = {"from": "09:00", "to": "17:00"}
LATE: dict[str, str] = {"from": "12:00", "to": "20:00"}
A = {day: [DAY] for day in WEEKDAYS[:5]}
B = {day: [LATE] for day in WEEKDAYS[:4]}


def calendar(zone: str = "UTC", **fields: Any) -> Calendar:
    given = {"slug": "desk", "time_zone": zone, "hours": A, "further_weeks": [B], "first_week": "2026-03-04"}
    return Calendar.model_validate(given | fields)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


# 2026-03-02 is a Monday, of an A week.
@pytest.mark.parametrize(
    ("start", "span", "due"),
    [
        ("2026-03-02T10:00", "2 hours", "2026-03-02T12:00"),
        ("2026-03-06T16:00", "2 hours", "2026-03-09T13:00"),
        ("2026-03-12T19:00", "2 hours", "2026-03-16T10:00"),
        ("2026-03-13T10:00", "1 hour", "2026-03-16T10:00"),
        ("2026-02-23T10:00", "1 hour", "2026-02-23T13:00"),
        ("2026-03-06T16:00", "1 business day", "2026-03-09T16:00"),
        ("2026-03-12T13:00", "1 business day", "2026-03-16T13:00"),
        # 40 hours of an A week and 32 of a B week.
        ("2026-03-02T09:00", "72 hours", "2026-03-12T20:00"),
        ("2026-03-02T09:00", "0.5 days", "2026-03-02T13:00"),
    ],
)
def test_a_week_has_the_hours_of_its_turn(start: str, span: str, due: str) -> None:
    assert add_business(calendar(), at(start), Span.parse(span)) == at(due)


def test_which_week_is_the_first_must_be_known_and_nights_do_not_reach_into_the_next_week() -> None:
    with pytest.raises(ValueError, match="'further_weeks' and 'first_week' are given together"):
        calendar(first_week=None)
    with pytest.raises(ValueError, match="'further_weeks' and 'first_week' are given together"):
        calendar(further_weeks=[])
    night = {"sunday": [{"from": "22:00", "to": "10:00"}]}
    with pytest.raises(ValueError, match="begins on Sunday of week 2 overlaps the Monday after it"):
        calendar(further_weeks=[night])
    with pytest.raises(ValueError, match="a calendar needs working hours"):
        calendar(further_weeks=[{}])
    with pytest.raises(ValueError, match="two work intervals of the day overlap"):
        calendar(further_weeks=[{"monday": [DAY, LATE]}])


def test_the_same_hours_in_every_week_are_as_one_week() -> None:
    twice = calendar(further_weeks=[A])
    once = calendar(further_weeks=[], first_week=None)
    for days in (1, A_BLOCK - 1, A_BLOCK, A_BLOCK + 1, 400):
        end = at("2026-03-01T00:00") + timedelta(days=days, hours=12)
        assert business_between(twice, at("2026-03-01T00:00"), end) == business_between(
            once, at("2026-03-01T00:00"), end
        )


# ---- the oracle ------------------------------------------------------------------------------------------------------

ZONES = (
    *("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns"),
    *("Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "America/Nuuk", "Asia/Beirut", "America/Havana"),
    *("Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Auckland", "Asia/Tokyo", "America/Los_Angeles"),
    *("Asia/Kathmandu", "Pacific/Marquesas", "Africa/Cairo", "Antarctica/Troll", "Asia/Tehran"),
)
TURNS = tuple(
    map(date.fromisoformat, ("2026-03-08", "2026-03-29", "2026-04-05", "2026-09-27", "2026-10-25", "2026-11-01"))
)
Shifts = tuple[tuple[int, int], ...]
"""Minutes from the midnight of the day on which they begin; the end may lie on the next day."""


@dataclass(frozen=True)
class WeeksOracle(ByMinute):
    """Looks at the wall clock, and at the weeks by counting Mondays. Shares no code with what it checks."""

    zone: str
    weeks: tuple[tuple[Shifts, ...], ...]
    first: date
    off: frozenset[date]

    def works(self, minute: datetime) -> bool:
        local = minute.astimezone(pinned_zone(self.zone))
        shown = local.hour * 60 + local.minute
        today = local.date()
        yesterday = today - timedelta(days=1)
        return any(begin <= shown < end for begin, end in self._of(today)) or any(
            begin <= shown + 1440 < end for begin, end in self._of(yesterday)
        )

    def _of(self, day: date) -> Shifts:
        if day in self.off:
            return ()
        monday, first = (each - timedelta(days=each.weekday()) for each in (day, self.first))
        return self.weeks[(monday - first).days // 7 % len(self.weeks)][day.weekday()]


@st.composite
def days(draw: st.DrawFn) -> Shifts:
    """Up to two shifts from 06:00 on, the last of which may end on the next day, before 06:00."""
    edges = sorted(draw(st.lists(st.integers(24, 119).map(lambda quarter: quarter * 15), max_size=4, unique=True)))
    return tuple(
        (begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=False) if begin < 1440 and end - begin < 1440
    )


def written(shifts: Shifts) -> list[dict[str, str]]:
    def wall(minute: int) -> str:
        return "24:00" if minute == 1440 else f"{minute % 1440 // 60:02}:{minute % 60:02}"

    return [{"from": wall(begin), "to": wall(end)} for begin, end in shifts]


@st.composite
def twins(draw: st.DrawFn) -> tuple[Calendar, WeeksOracle, datetime]:
    zone, turn = draw(st.sampled_from(ZONES)), draw(st.sampled_from(TURNS))
    weeks = tuple(draw(st.lists(st.tuples(*[days()] * 7).filter(any), min_size=1, max_size=3)))
    off = draw(st.lists(st.integers(-2, 6).map(lambda n: turn + timedelta(days=n)), max_size=3, unique=True))
    first = turn + timedelta(days=draw(st.integers(-40, 40)))
    hours = [{name: written(day) for name, day in zip(WEEKDAYS, week, strict=True) if day} for week in weeks]
    made: dict[str, Any] = {"slug": "drawn", "time_zone": zone, "hours": hours[0], "holidays": off}
    made |= {"further_weeks": hours[1:], "first_week": first} if len(hours) > 1 else {}
    begin = datetime(turn.year, turn.month, turn.day, tzinfo=UTC) + timedelta(minutes=draw(st.integers(-2880, 2880)))
    return Calendar.model_validate(made), WeeksOracle(zone, weeks, first, frozenset(off)), begin


@settings(max_examples=CASES, deadline=None)
@given(twins(), st.integers(0, 3000), st.integers(1, 1200))
def test_it_counts_as_the_oracle_does(drawn: tuple[Calendar, WeeksOracle, datetime], minutes: int, length: int) -> None:
    desk, oracle, start = drawn
    end = start + timedelta(minutes=minutes)
    assert business_between(desk, start, end) == oracle.between(start, end)
    due = oracle.add(start, length, start + timedelta(days=4))
    found = add_business(desk, start, timedelta(minutes=length))
    assert found == due if due is not None else found > start + timedelta(days=4)
