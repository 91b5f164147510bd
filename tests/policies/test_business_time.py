"""Business time against literal instants (domain 4.5), and against a minute oracle around changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.messages.calendars import Calendar, Span
from models.messages.work_hours import ALWAYS
from policies.business_time import NoWorkingTime, add_business, business_between
from tests.policies.minute_oracle import OracleCalendar, pinned_zone

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR = timedelta(hours=1)


def hours(*pairs: str) -> list[dict[str, str]]:
    return [dict(zip(("from", "to"), pair.split("-"), strict=True)) for pair in pairs]


def office(zone: str = "UTC", *pairs: str, days: int = 5, holidays: Any = (), observe: bool = True) -> Calendar:
    week = dict.fromkeys(WEEKDAYS[:days], hours(*(pairs or ("09:00-17:00",))))
    return Calendar.model_validate(
        {"slug": "office", "time_zone": zone, "hours": week, "holidays": holidays, "observe_holidays": observe}
    )


def at(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


# 2026-03-02 is a Monday.
@pytest.mark.parametrize(
    ("calendar", "start", "span", "due"),
    [
        pytest.param(
            office(holidays=["2026-03-03"]), "2026-03-02T10:00", "12 hours", "2026-03-04T14:00", id="domain 4.5"
        ),
        pytest.param(
            office(holidays=["2026-03-03"], observe=False),
            "2026-03-02T10:00",
            "12 hours",
            "2026-03-03T14:00",
            id="worked",
        ),
        pytest.param(office(), "2026-03-02T10:00", "7 hours", "2026-03-02T17:00", id="end of day is reached"),
        pytest.param(
            office(), "2026-03-06T16:59:59", "2 minutes", "2026-03-09T09:01:59", id="over a weekend, to the second"
        ),
        pytest.param(office(), "2026-03-07T12:00", "1 hour", "2026-03-09T10:00", id="begins at a weekend"),
        pytest.param(office(), "2026-03-02T05:00", "90m", "2026-03-02T10:30", id="begins before work"),
        pytest.param(office(), "2026-03-02T10:00", "1 business day", "2026-03-03T10:00", id="a day, not 24 hours"),
        pytest.param(office(), "2026-03-02T10:00", "1 day", "2026-03-03T10:00", id="a day is a working day"),
        pytest.param(office(), "2026-03-06T10:00", "2 business days", "2026-03-10T10:00", id="days over a weekend"),
        pytest.param(office(), "2026-03-02T10:00", "0.5 days", "2026-03-02T14:00", id="half a day"),
        pytest.param(office(), "2026-03-02T10:00", "10 business hours", "2026-03-03T12:00", id="business hours"),
        pytest.param(
            office("UTC", "09:00-12:00", "13:00-17:00"), "2026-03-02T11:30", "1 hour", "2026-03-02T13:30", id="a break"
        ),
        pytest.param(
            office("UTC", "22:00-24:00", "00:00-06:00"), "2026-03-02T23:00", "2 hours", "2026-03-03T01:00", id="night"
        ),
        pytest.param(None, "2026-03-07T12:00", "2 days", "2026-03-09T12:00", id="no calendar"),
        pytest.param(None, "2026-03-07T12:00", "15 minutes", "2026-03-07T12:15", id="no calendar, minutes"),
        # Berlin goes from +01:00 to +02:00 on Sunday 2026-03-29 and back on 2026-10-25.
        pytest.param(
            office("Europe/Berlin"),
            "2026-03-27T15:00",
            "2 hours",
            "2026-03-30T08:00",
            id="DST: Friday 16:00 to Monday 10:00",
        ),
        pytest.param(
            office("Europe/Berlin"),
            "2026-10-23T14:00",
            "2 hours",
            "2026-10-26T09:00",
            id="DST: autumn, same wall times",
        ),
        pytest.param(
            office("Europe/Berlin", "01:00-04:00", days=7),
            "2026-03-29T00:00",
            "2 hours",
            "2026-03-29T02:00",
            id="spring gap",
        ),
        pytest.param(
            office("Europe/Berlin", "02:30-04:00", days=7),
            "2026-03-28T23:00",
            "1 hour",
            "2026-03-29T02:00",
            id="in the gap",
        ),
        pytest.param(
            office("Europe/Berlin", "01:00-04:00", days=7),
            "2026-10-24T23:00",
            "4 hours",
            "2026-10-25T03:00",
            id="twice",
        ),
        pytest.param(
            office("Europe/Berlin", "02:00-02:30", days=7),
            "2026-10-24T23:00",
            "1 hour",
            "2026-10-25T01:30",
            id="twice 02:15",
        ),
        pytest.param(office("Asia/Kolkata"), "2026-03-02T03:30", "1 hour", "2026-03-02T04:30", id="half-hour zone"),
        pytest.param(
            office("Australia/Lord_Howe"), "2026-04-03T05:30", "1 hour", "2026-04-05T23:00", id="half-hour DST"
        ),
    ],
)
def test_a_span_ends_at_the_instant_that_the_calendar_gives(
    calendar: Calendar | None, start: str, span: str, due: str
) -> None:
    end = add_business(calendar, at(start), Span.parse(span))
    assert end == at(due)
    assert end.tzinfo is UTC


def short_friday(zone: str = "UTC", **options: Any) -> Calendar:
    week = dict.fromkeys(WEEKDAYS[:4], hours("09:00-17:00")) | {"friday": hours("09:00-13:00")}
    return Calendar.model_validate({"slug": "short-friday", "time_zone": zone, "hours": week, **options})


def shifts(**week: str) -> Calendar:
    days = {day: hours(*pairs.split()) for day, pairs in week.items()}
    return Calendar.model_validate({"slug": "shifts", "time_zone": "UTC", "hours": days})


# 2026-03-05 is a Thursday.
@pytest.mark.parametrize(
    ("calendar", "start", "span", "due"),
    [
        pytest.param(short_friday(), "2026-03-05T14:05", "3 business days", "2026-03-10T14:05", id="over a short day"),
        pytest.param(short_friday(), "2026-03-05T14:05", "1 business day", "2026-03-06T13:00", id="to a shorter day"),
        pytest.param(short_friday(), "2026-03-05T14:05", "2 days", "2026-03-09T14:05", id="the place is not forgotten"),
        pytest.param(short_friday(), "2026-03-05T12:00", "1 day", "2026-03-06T12:00", id="short, but long enough"),
        pytest.param(short_friday(), "2026-03-06T12:59", "1 day", "2026-03-09T12:59", id="from a short day"),
        pytest.param(short_friday(), "2026-03-06T13:00", "1 day", "2026-03-09T17:00", id="from the end of a short day"),
        pytest.param(short_friday(), "2026-03-06T09:00", "1 day", "2026-03-06T13:00", id="a whole short day"),
        pytest.param(short_friday(), "2026-03-05T20:00", "1 day", "2026-03-06T13:00", id="from the evening before"),
        pytest.param(short_friday(), "2026-03-07T12:00", "5 days", "2026-03-13T13:00", id="a whole week from Saturday"),
        pytest.param(
            short_friday(holidays=["2026-03-09"]), "2026-03-05T14:05", "3 days", "2026-03-11T14:05", id="a holiday"
        ),
        pytest.param(
            short_friday(holidays=[{"date": "2026-03-09", "hours": [{"from": "10:00", "to": "12:00"}]}]),
            "2026-03-05T14:05", "2 days", "2026-03-09T12:00", id="half a holiday",
        ),
        pytest.param(
            short_friday(holidays=[{"date": "2026-03-07", "hours": [{"from": "10:00", "to": "12:00"}]}]),
            "2026-03-06T12:00", "2 hours", "2026-03-07T11:00", id="a Saturday that is worked",
        ),
        pytest.param(
            short_friday("Europe/Berlin"), "2026-03-26T13:05", "3 days", "2026-03-31T12:05", id="the wall clock's place"
        ),
        pytest.param(short_friday(), "2026-03-05T14:05", "1.5 days", "2026-03-09T12:36", id="half a mean day of 7.2 h"),
        pytest.param(
            shifts(monday="09:00-17:00", tuesday="12:00-20:00"), "2026-03-02T10:00", "1 day", "2026-03-03T12:00",
            id="to a later day",
        ),
        pytest.param(
            shifts(monday="09:00-17:00", tuesday="09:00-12:00 13:00-17:00"), "2026-03-02T12:30", "1 day",
            "2026-03-03T12:00", id="into a break",
        ),
        pytest.param(
            shifts(monday="09:00-12:00 13:00-17:00", tuesday="09:00-12:00 13:00-17:00"), "2026-03-02T13:00", "1 day",
            "2026-03-03T13:00", id="to the end of a break",
        ),
        pytest.param(
            shifts(monday="00:00-06:00 22:00-24:00", tuesday="00:00-06:00 22:00-24:00"), "2026-03-02T23:00", "1 day",
            "2026-03-03T23:00", id="a night team",
        ),
        pytest.param(
            shifts(friday="22:00-24:00", saturday="00:00-06:00"), "2026-03-06T23:00", "1 day", "2026-03-07T06:00",
            id="a night that is over sooner",
        ),
    ],
)  # fmt: skip
def test_a_business_day_ends_at_the_same_place_of_the_next_working_day_or_at_its_end(
    calendar: Calendar, start: str, span: str, due: str
) -> None:
    assert add_business(calendar, at(start), Span.parse(span)) == at(due)


def test_a_calendar_around_the_clock_is_plain_time_but_for_its_holidays() -> None:
    always = Calendar.model_validate({"slug": "always", "time_zone": "Europe/Berlin", "hours": ALWAYS})
    assert add_business(always, at("2026-03-28T12:00"), Span.parse("2 days")) == at("2026-03-30T12:00")
    christmas = always.model_copy(update={"holidays": office(holidays=["2026-12-25"]).holidays})
    assert add_business(christmas, at("2026-12-24T22:00"), Span.parse("2 hours")) == at("2026-12-26T00:00")
    # The day on which summer time begins has 23 hours.
    assert business_between(christmas, at("2026-03-28T23:00"), at("2026-03-29T22:00")) == 23 * HOUR


def test_measuring_backwards_or_over_nothing_gives_zero() -> None:
    calendar = office()
    assert business_between(calendar, at("2026-03-02T12:00"), at("2026-03-02T10:00")) == timedelta(0)
    assert business_between(None, at("2026-03-02T12:00"), at("2026-03-02T12:00")) == timedelta(0)
    assert business_between(calendar, at("2026-03-07T00:00"), at("2026-03-09T00:00")) == timedelta(0)
    assert add_business(calendar, at("2026-03-07T00:00"), timedelta(0)) == at("2026-03-07T00:00")


def test_a_naive_instant_is_refused() -> None:
    naive = datetime(2026, 3, 2, 10, 0)  # noqa: DTZ001 - the very thing that is refused
    with pytest.raises(ValueError, match="no time zone"):
        add_business(None, naive, HOUR)
    with pytest.raises(ValueError, match="no time zone"):
        business_between(None, at("2026-03-02T10:00"), naive)


def test_a_calendar_that_is_always_on_holiday_has_no_working_time() -> None:
    week = {"monday": hours("09:00-17:00")}
    mondays = [date(2026, 3, 2) + timedelta(weeks=n) for n in range(53 * 6)]
    calendar = Calendar.model_validate({"slug": "never", "time_zone": "UTC", "hours": week, "holidays": mondays})
    with pytest.raises(NoWorkingTime, match="'never' has not enough working time after 2026-03-01"):
        add_business(calendar, at("2026-03-01T00:00"), HOUR)
    rarely = Calendar.model_validate({"slug": "rarely", "time_zone": "UTC", "hours": {"monday": hours("09:00-09:01")}})
    with pytest.raises(NoWorkingTime):
        add_business(rarely, at("2026-03-01T00:00"), Span.parse("3000 hours"))


def test_long_spans_are_exact() -> None:
    calendar = office("America/New_York", "08:30-12:00", "13:00-17:30")
    due = add_business(calendar, at("2026-03-02T13:30"), Span.parse("1300 business days"))
    assert due == at("2031-02-21T22:30")
    assert business_between(calendar, at("2026-03-02T13:30"), due) == 1300 * 8 * HOUR


ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"),
    *("America/Nuuk", "Asia/Beirut", "America/Havana", "Pacific/Chatham", "America/St_Johns", "Pacific/Kiritimati"),
)
SPRING = ("02-15", "03-08", "03-22", "03-28", "03-29", "04-05", "04-24")
AUTUMN = ("09-27", "10-04", "10-25", "10-30", "11-01")
TURNS = tuple(date.fromisoformat(f"2026-{day}") for day in SPRING + AUTUMN)
"""Days on which the clock changes in one of the zones, or a day before or after; 15 February: Ramadan in Morocco."""


@st.composite
def weeks(draw: st.DrawFn) -> tuple[tuple[tuple[str, str], ...], ...]:
    minute = st.one_of(st.integers(0, 96).map(lambda quarter: quarter * 15), st.integers(0, 1440))
    days = []
    for _ in WEEKDAYS:
        edges = sorted(draw(st.lists(minute, max_size=6, unique=True)))
        days.append(
            tuple(
                (f"{a // 60:02}:{a % 60:02}", f"{b // 60:02}:{b % 60:02}")
                for a, b in zip(edges[::2], edges[1::2], strict=False)
            )
        )
    return tuple(days)


@st.composite
def twins(draw: st.DrawFn) -> tuple[Calendar, OracleCalendar, datetime]:
    """A calendar, the same for the oracle, and a whole minute within two days of a change of the clock."""
    zone, week, turn = draw(st.sampled_from(ZONES)), draw(weeks().filter(any)), draw(st.sampled_from(TURNS))
    days_off = draw(st.lists(st.integers(-2, 4).map(lambda n: turn + timedelta(days=n)), max_size=2, unique=True))
    calendar = Calendar.model_validate(
        {
            "slug": "drawn",
            "time_zone": zone,
            "hours": {
                name: [{"from": a, "to": b} for a, b in day] for name, day in zip(WEEKDAYS, week, strict=True) if day
            },
            "holidays": days_off,
        }
    )
    start = datetime(turn.year, turn.month, turn.day, tzinfo=UTC) + timedelta(minutes=draw(st.integers(-2880, 1440)))
    return calendar, OracleCalendar(zone, week, frozenset(days_off)), start


@settings(max_examples=150, deadline=None)
@given(twins(), st.integers(0, 4000))
def test_between_is_what_the_oracle_counts(drawn: tuple[Calendar, OracleCalendar, datetime], minutes: int) -> None:
    calendar, oracle, start = drawn
    end = start + timedelta(minutes=minutes)
    assert business_between(calendar, start, end) == oracle.between(start, end)


@settings(max_examples=150, deadline=None)
@given(twins(), st.integers(0, 2000))
def test_add_ends_where_the_oracle_ends(drawn: tuple[Calendar, OracleCalendar, datetime], minutes: int) -> None:
    calendar, oracle, start = drawn
    expected = oracle.add(start, minutes, give_up=start + timedelta(days=6))
    if expected is None:
        assert add_business(calendar, start, timedelta(minutes=minutes)) > start + timedelta(days=6)
    else:
        assert add_business(calendar, start, timedelta(minutes=minutes)) == expected


@settings(max_examples=200, deadline=None)
@given(twins(), st.integers(0, 400_000), st.integers(0, 400_000), st.integers(0, 3600))
def test_add_and_between_are_inverse_additive_and_monotone(
    drawn: tuple[Calendar, OracleCalendar, datetime], first: int, second: int, later: int
) -> None:
    calendar, _, start = drawn
    a, b = timedelta(seconds=first), timedelta(seconds=second)
    middle = add_business(calendar, start, a)
    assert business_between(calendar, start, middle) == a
    assert add_business(calendar, middle, b) == add_business(calendar, start, a + b)
    assert add_business(calendar, start, a + b) >= middle >= start
    assert add_business(calendar, start + timedelta(seconds=later), a) >= middle
    end = start + timedelta(seconds=first)
    assert add_business(calendar, start, business_between(calendar, start, end)) <= end


@settings(max_examples=150, deadline=None)
@given(twins(), st.integers(1, 4))
def test_days_end_where_the_oracle_ends(drawn: tuple[Calendar, OracleCalendar, datetime], days: int) -> None:
    calendar, oracle, start = drawn
    if calendar.hours.always and not (calendar.observe_holidays and calendar.holidays):
        return  # around the clock a day is 24 hours
    expected = oracle.add_days(start, days, give_up=8)
    if expected is not None:
        assert add_business(calendar, start, Span.parse(f"{days} business days")) == expected


@settings(max_examples=100, deadline=None)
@given(twins(), st.integers(1, 20), st.integers(0, 20), st.integers(0, 3 * 86_400))
def test_more_days_and_a_later_start_never_end_sooner(
    drawn: tuple[Calendar, OracleCalendar, datetime], days: int, more: int, later: int
) -> None:
    calendar, _, start = drawn
    end = add_business(calendar, start, Span.parse(f"{days} days"))
    assert start < end <= add_business(calendar, start, Span.parse(f"{days + more} days"))
    if _same_clock_for(calendar, start, 60):
        assert end <= add_business(calendar, start + timedelta(seconds=later), Span.parse(f"{days} days"))


def _same_clock_for(calendar: Calendar, start: datetime, days: int) -> bool:
    """A place that the clock shows twice, or never, is no order of instants."""
    offsets = {
        (start + timedelta(hours=6 * n)).astimezone(pinned_zone(calendar.time_zone)).utcoffset()
        for n in range(days * 4)
    }
    return len(offsets) == 1
