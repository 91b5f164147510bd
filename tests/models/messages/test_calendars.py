"""Calendars and spans as documents: what is read, what is written back, and what is refused with which words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from models.messages.calendars import Calendar, Span, SpanUnit
from policies.holidays import hours_by_day

OFFICE: dict[str, Any] = {
    "slug": "office",
    "time_zone": "Europe/Berlin",
    "hours": {"monday": [{"from": "13:00", "to": "17:00"}, {"from": "09:00", "to": "12:00"}]},
}


def test_a_calendar_reads_back_as_it_was_written() -> None:
    calendar = Calendar.model_validate(
        OFFICE | {"holidays": ["2026-12-25", {"date": "2026-12-26", "name": "St Stephen"}]}
    )
    written = calendar.model_dump(mode="json")
    assert written["hours"] == {"monday": [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "17:00"}]}
    assert written["holidays"][1] == {"date": "2026-12-26", "name": "St Stephen"}
    assert Calendar.model_validate(written) == calendar
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar
    worked = hours_by_day(calendar.model_copy(update={"observe_holidays": False}))
    monday, christmas = date(2026, 12, 21), date(2029, 12, 24)
    assert worked(monday) == worked(christmas) == calendar.hours.monday
    assert hours_by_day(calendar)(date(2026, 12, 25)) == ()


def test_a_night_shift_and_hours_of_holidays_read_back_as_they_were_written() -> None:
    document = OFFICE | {
        "hours": {"monday": [{"from": "22:00", "to": "06:00", "on_holidays": True}, {"from": "09:00", "to": "12:00"}]},
        "country": "DE-BY",
        "changed_days": [{"date": "2026-12-19", "name": "Stocktaking", "hours": [{"from": "09:00", "to": "13:00"}]}],
    }
    calendar = Calendar.model_validate(document)
    night = calendar.hours.monday[1]
    assert (night.minutes, night.closes) == (480, 1800)
    written = calendar.model_dump(mode="json")
    assert written["hours"]["monday"][1] == {"from": "22:00", "to": "06:00", "on_holidays": True}
    assert Calendar.model_validate(written) == calendar


def test_norway_is_a_country_in_yaml_too() -> None:
    assert Calendar.model_validate(OFFICE | yaml.safe_load("country: NO")).country == "NO"


def test_yaml_without_quotes_means_the_same() -> None:
    text = """
    slug: office
    time_zone: Europe/Berlin
    hours:
      monday: [{from: 09:00, to: 12:00}, {from: 13:00, to: 17:00}]
    holidays: [2026-12-25]
    """
    assert Calendar.model_validate(yaml.safe_load(text)) == Calendar.model_validate(
        OFFICE | {"holidays": ["2026-12-25"]}
    )


def test_around_the_clock_has_one_spelling() -> None:
    all_day = [{"from": "00:00", "to": "08:00"}, {"from": "08:00", "to": "24:00"}]
    by_shifts = [{"from": "06:00", "to": "22:00"}, {"from": "22:00", "to": "06:00"}]
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), all_day)
    assert Calendar.model_validate(OFFICE | {"hours": week}).model_dump()["hours"] == "24x7"
    assert Calendar.model_validate(OFFICE | {"hours": "24x7"}).hours.always
    assert not Calendar.model_validate(OFFICE | {"hours": dict.fromkeys(week, by_shifts)}).hours.always


@pytest.mark.parametrize(
    ("change", "where", "rule"),
    [
        ({"hours": {}}, ("hours",), "a calendar needs working hours"),
        ({"hours": {"monday": []}}, ("hours",), "a calendar needs working hours"),
        ({"hours": "9-5"}, ("hours",), "write intervals for each weekday, or '24x7'"),
        ({"hours": {"mon": []}}, ("hours", "mon"), "Extra inputs"),
        ({"hours": {"monday": [{"from": "24:00", "to": "06:00"}]}}, ("hours", "monday", 0), "'to' must be later"),
        (
            {"hours": {"monday": [{"from": "22:00", "to": "06:00"}], "tuesday": [{"from": "05:00", "to": "17:00"}]}},
            ("hours",),
            "the night shift that begins on monday overlaps",
        ),
        (
            {"hours": {"sunday": [{"from": "22:00", "to": "06:00"}], "monday": [{"from": "05:00", "to": "17:00"}]}},
            ("hours",),
            "the night shift that begins on sunday overlaps",
        ),
        (
            {"hours": {"monday": [{"from": "22:00", "to": "06:00"}, {"from": "23:00", "to": "24:00"}]}},
            ("hours", "monday"),
            "overlap",
        ),
        ({"country": "Austria"}, ("country",), "no holidays are known of 'Austria'; write an ISO 3166 code"),
        ({"country": "at"}, ("country",), "no holidays are known of 'at'"),
        ({"country": "AUT"}, ("country",), "no holidays are known of 'AUT'"),
        ({"country": "AT-X"}, ("country",), "known are AT-1, AT-2"),
        ({"country": True}, ("country",), "valid string"),
        ({"changed_days": ["2026-12-19"]}, ("changed_days", 0), "ChangedDay"),
        ({"changed_days": [{"date": "2026-12-19"}]}, ("changed_days", 0, "hours"), "Field required"),
        ({"hours": {"monday": [{"from": "09:00", "to": "09:00"}]}}, ("hours", "monday", 0), "'to' must be later"),
        ({"hours": {"monday": [{"from": "9", "to": "17:00"}]}}, ("hours", "monday", 0, "from"), "not a wall time"),
        ({"hours": {"monday": [{"from": "09:60", "to": "17:00"}]}}, ("hours", "monday", 0, "from"), "not a wall time"),
        ({"hours": {"monday": [{"from": "09:00", "to": "24:01"}]}}, ("hours", "monday", 0, "to"), "not a wall time"),
        ({"hours": {"monday": [{"from": 9, "to": "17:00"}]}}, ("hours", "monday", 0, "from"), "not a wall time"),
        ({"hours": {"monday": [{"from": "٠٩:٠٠", "to": "17:00"}]}}, ("hours", "monday", 0, "from"), "not a wall time"),
        ({"hours": {"monday": [{"from": True, "to": "17:00"}]}}, ("hours", "monday", 0, "from"), "not a wall time"),
        (
            {"hours": {"monday": [{"from": "09:00", "to": "12:00"}, {"from": "11:59", "to": "17:00"}]}},
            ("hours", "monday"),
            "overlap",
        ),
        ({"time_zone": "Europe/Atlantis"}, ("time_zone",), "unknown time zone 'Europe/Atlantis'"),
        ({"time_zone": "../zones"}, ("time_zone",), "unknown time zone"),
        ({"holidays": ["2026-02-30"]}, ("holidays", 0, "date"), "date"),
        ({"slug": "24x7"}, ("slug",), "no calendar at all"),
        ({"work": 1}, ("work",), "Extra inputs"),
    ],
)
def test_a_bad_calendar_is_refused_at_the_field(
    change: dict[str, Any], where: tuple[str | int, ...], rule: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Calendar.model_validate(OFFICE | change)
    error = refused.value.errors()[0]
    assert error["loc"] == where
    assert rule in error["msg"]


@pytest.mark.parametrize(
    ("text", "unit", "written"),
    [
        ("15 minutes", SpanUnit.MINUTES, "15 minutes"),
        ("90m", SpanUnit.MINUTES, "90 minutes"),
        ("1.50 hours", SpanUnit.HOURS, "1.5 hours"),
        ("1h", SpanUnit.HOURS, "1 hour"),
        ("100 hours", SpanUnit.HOURS, "100 hours"),
        ("2 days", SpanUnit.DAYS, "2 days"),
        (" 4  Business Hours ", SpanUnit.BUSINESS_HOURS, "4 business hours"),
        ("1 business day", SpanUnit.BUSINESS_DAYS, "1 business day"),
        ("30 business minutes", SpanUnit.BUSINESS_MINUTES, "30 business minutes"),
    ],
)
def test_a_span_has_one_spelling(text: str, unit: SpanUnit, written: str) -> None:
    span = Span.parse(text)
    assert span.unit is unit
    dumped: Any = span.model_dump(mode="json")
    assert dumped == str(span) == written
    assert Span.parse(written) == span


@pytest.mark.parametrize(
    "text", ["", "15", "minutes", "-5 minutes", "0 hours", "5 weeks", "1h30m", "4000 days", None, 15]
)
def test_what_is_no_span_is_refused(text: Any) -> None:
    with pytest.raises(ValidationError):
        Span.model_validate(text)
