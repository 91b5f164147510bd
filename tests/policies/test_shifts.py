"""Night shifts, hours of holidays, countries and changed days (domain 4.5): literal instants, and against an oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.messages.calendars import Calendar, Span, regions
from policies.business_time import add_business, business_between, closed_since, is_working, next_working
from policies.holidays import public_holidays
from tests.policies.shift_oracle import Shift, ShiftOracle

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NIGHT: dict[str, Any] = {"from": "20:00", "to": "06:00", "on_holidays": True}
DAY: dict[str, Any] = {"from": "09:00", "to": "17:00"}
CLOSED: dict[str, Any] = {"date": "2026-03-03", "hours": []}


def calendar(zone: str = "UTC", **fields: Any) -> Calendar:
    given: dict[str, Any] = {"slug": "desk", "time_zone": zone, "hours": {day: [DAY] for day in WEEKDAYS[:5]}}
    return Calendar.model_validate(given | fields)


def at(text: str, zone: str = "+00:00") -> datetime:
    return datetime.fromisoformat(text + zone)


NIGHTS = calendar(hours={day: [NIGHT] for day in WEEKDAYS[:5]})
BOTH = calendar(hours={day: [DAY, NIGHT] for day in WEEKDAYS}, country="AT")


# 2026-03-02 is a Monday.
@pytest.mark.parametrize(
    ("desk", "start", "span", "due"),
    [
        (NIGHTS, "2026-03-02T19:00", "2 hours", "2026-03-02T22:00"),
        (NIGHTS, "2026-03-02T23:00", "4 hours", "2026-03-03T03:00"),
        (NIGHTS, "2026-03-03T05:00", "2 hours", "2026-03-03T21:00"),
        (NIGHTS, "2026-03-07T05:00", "2 hours", "2026-03-09T21:00"),
        (NIGHTS, "2026-03-07T06:00", "1 minute", "2026-03-09T20:01"),
        (NIGHTS, "2026-03-02T23:00", "1 business day", "2026-03-03T23:00"),
        (NIGHTS, "2026-03-03T02:00", "1 business day", "2026-03-04T02:00"),
        (NIGHTS, "2026-03-07T02:00", "1 business day", "2026-03-10T02:00"),
        (NIGHTS, "2026-03-07T12:00", "1 business day", "2026-03-10T06:00"),
        (NIGHTS, "2026-03-02T23:00", "0.5 days", "2026-03-03T04:00"),
        # 6 April 2026 is Easter Monday: the office rests, the night team does not.
        (BOTH, "2026-04-06T10:00", "1 hour", "2026-04-06T21:00"),
        (BOTH, "2026-04-06T05:00", "2 hours", "2026-04-06T21:00"),
        (BOTH, "2026-04-07T05:30", "1 hour", "2026-04-07T09:30"),
        (calendar(country="AT"), "2026-04-03T16:00", "2 hours", "2026-04-07T10:00"),
        (calendar(country="DE-BY"), "2026-06-03T16:00", "2 hours", "2026-06-05T10:00"),
        (calendar(country="DE-BE"), "2026-06-03T16:00", "2 hours", "2026-06-04T10:00"),
        (calendar(country="AT", observe_holidays=False), "2026-04-03T16:00", "2 hours", "2026-04-06T10:00"),
        (
            calendar(country="AT", holidays=[{"date": "2026-04-06", "hours": [{"from": "10:00", "to": "12:00"}]}]),
            "2026-04-03T16:00",
            "2 hours",
            "2026-04-06T11:00",
        ),
        (
            calendar(country="AT", changed_days=[{"date": "2026-04-06", "hours": [DAY]}]),
            "2026-04-03T16:00",
            "2 hours",
            "2026-04-06T10:00",
        ),
        (
            calendar(changed_days=[{"date": "2026-03-07", "hours": [{"from": "10:00", "to": "14:00"}]}]),
            "2026-03-06T16:00",
            "2 hours",
            "2026-03-07T11:00",
        ),
        (
            calendar(changed_days=[CLOSED]),
            "2026-03-02T16:00",
            "2 hours",
            "2026-03-04T10:00",
        ),
        (
            calendar(observe_holidays=False, changed_days=[CLOSED]),
            "2026-03-02T16:00",
            "1 business day",
            "2026-03-04T16:00",
        ),
        (calendar(hours="24x7", country="AT"), "2026-04-05T23:00", "2 hours", "2026-04-07T01:00"),
        (
            calendar(hours="24x7", changed_days=[{"date": "2026-03-03", "hours": []}]),
            "2026-03-02T23:00",
            "2 hours",
            "2026-03-04T01:00",
        ),
    ],
)
def test_a_promise_ends_at_its_instant(desk: Calendar, start: str, span: str, due: str) -> None:
    assert add_business(desk, at(start), Span.parse(span)) == at(due)


def test_a_night_shift_over_the_changes_of_the_clock_is_an_hour_shorter_or_longer() -> None:
    nights = calendar("Europe/Berlin", hours={day: [NIGHT] for day in WEEKDAYS})
    assert business_between(nights, at("2026-03-28T12:00"), at("2026-03-29T12:00")) == timedelta(hours=9)
    assert business_between(nights, at("2026-10-24T12:00"), at("2026-10-25T12:00")) == timedelta(hours=11)


def test_whether_somebody_works_after_midnight() -> None:
    assert is_working(NIGHTS, at("2026-03-07T05:59"))
    assert not is_working(NIGHTS, at("2026-03-07T06:00"))
    assert not is_working(NIGHTS, at("2026-03-08T05:00"))
    assert next_working(NIGHTS, at("2026-03-08T05:00")) == at("2026-03-09T20:00")
    assert closed_since(NIGHTS, at("2026-03-08T05:00")) == at("2026-03-07T06:00")


@pytest.mark.parametrize(
    ("country", "day", "free"),
    [
        ("AT", "2026-10-26", True),
        ("AT", "2027-10-26", True),
        ("DE", "2026-10-26", False),
        ("DE", "2026-10-03", True),
        ("DE-BY", "2026-01-06", True),
        ("DE-BE", "2026-01-06", False),
        ("CH-ZH", "2026-08-01", True),
        ("US", "2026-11-26", True),
        ("GB", "2026-12-25", True),
        ("FR", "2026-07-14", True),
        ("NO", "2026-05-17", True),
        ("JP", "2026-05-03", True),
    ],
)
def test_the_holidays_of_a_country_are_those_of_the_package(country: str, day: str, free: bool) -> None:
    when = date.fromisoformat(day)
    assert (when in public_holidays(country, when.year)) is free
    assert public_holidays(country, 9000) == frozenset()


def test_every_country_that_may_be_written_can_be_asked() -> None:
    assert len(regions()) > 150
    for country, within in regions().items():
        for each in (country, *(f"{country}-{region}" for region in within[:1])):
            Calendar.model_validate(calendar().model_dump() | {"country": each})
            assert isinstance(public_holidays(each, 2026), frozenset)


SPRING, AUTUMN = date(2026, 3, 26), date(2026, 10, 22)
TIMES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30, 45)]


@st.composite
def days(draw: st.DrawFn) -> tuple[Shift, ...]:
    """One or two shifts of a day that do not overlap; the last may end on the next day, before 06:00."""
    bounds = sorted(draw(st.lists(st.sampled_from(TIMES), min_size=2, max_size=4, unique=True)))
    shifts = [(begin, end, draw(st.booleans())) for begin, end in zip(bounds[::2], bounds[1::2], strict=False)]
    shifts = [shift for shift in shifts if shift[0] >= "06:00"]
    if bounds[-1] >= "18:00" and draw(st.booleans()) and (not shifts or shifts[-1][1] <= bounds[-1]):
        shifts.append((bounds[-1], draw(st.sampled_from(["00:15", "02:30", "05:45"])), draw(st.booleans())))
    return tuple(shifts)


def written(shifts: tuple[Shift, ...]) -> list[dict[str, Any]]:
    return [{"from": begin, "to": end, "on_holidays": on} for begin, end, on in shifts]


@settings(max_examples=150)
@given(
    week=st.tuples(*[days()] * 7).filter(any),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    first=st.sampled_from([SPRING, AUTUMN]),
    holiday=st.integers(0, 6),
    on_holiday=days(),
    changed=st.integers(0, 6),
    on_changed=days(),
    start=st.integers(0, 4 * 1440),
    length=st.integers(1, 2000),
)
def test_it_counts_as_the_oracle_does(
    week: tuple[tuple[Shift, ...], ...],
    zone: str,
    first: date,
    holiday: int,
    on_holiday: tuple[Shift, ...],
    changed: int,
    on_changed: tuple[Shift, ...],
    start: int,
    length: int,
) -> None:
    off, other = first + timedelta(days=holiday), first + timedelta(days=changed)
    oracle = ShiftOracle(zone, week, {off: on_holiday}, {other: on_changed})
    desk = calendar(
        zone,
        hours={name: written(shifts) for name, shifts in zip(WEEKDAYS, week, strict=True)},
        holidays=[{"date": off, "hours": written(on_holiday)}],
        changed_days=[{"date": other, "hours": written(on_changed)}],
    )
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(minutes=start)
    end = begin + timedelta(days=3)
    assert business_between(desk, begin, end) == oracle.between(begin, end)
    due = oracle.add(begin, length, begin + timedelta(days=8))
    if due is not None:
        assert add_business(desk, begin, timedelta(minutes=length)) == due
