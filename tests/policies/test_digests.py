"""When gathered news leaves, by the reader's clock and within their working hours (domain 11.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages.calendars import Calendar
from models.messages.notices import NoticeWay
from policies.digests import digest_due

BERLIN = "Europe/Berlin"
EARLIEST, LATEST = datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2035-01-01")
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def calendar(hours: Any, **fields: Any) -> Calendar:
    return Calendar.model_validate({"slug": "c", "name": "C", "time_zone": BERLIN, "hours": hours, **fields})


OFFICE = calendar({day: [{"from": "09:00", "to": "17:00"}] for day in WEEK})
NIGHT = calendar({day: [{"from": "22:00", "to": "06:00"}] for day in WEEK})
ALWAYS = calendar("24x7")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# 2031-03-27 is a Thursday; the clocks change on the 30th.
@pytest.mark.parametrize(
    ("way", "hours", "now", "due"),
    [
        ("hourly", None, "2031-03-27T10:15+01:00", "2031-03-27T11:00+01:00"),
        ("hourly", None, "2031-03-27T10:00+01:00", "2031-03-27T11:00+01:00"),
        ("hourly", OFFICE, "2031-03-27T10:15+01:00", "2031-03-27T11:00+01:00"),
        ("hourly", OFFICE, "2031-03-27T16:15+01:00", "2031-03-28T09:00+01:00"),
        ("hourly", OFFICE, "2031-03-28T18:00+01:00", "2031-03-31T09:00+02:00"),
        ("hourly", ALWAYS, "2031-03-30T01:30+01:00", "2031-03-30T03:00+02:00"),
        ("daily", None, "2031-03-27T07:15+01:00", "2031-03-27T08:00+01:00"),
        ("daily", None, "2031-03-27T08:00+01:00", "2031-03-28T08:00+01:00"),
        ("daily", None, "2031-03-29T12:00+01:00", "2031-03-30T08:00+02:00"),
        ("daily", OFFICE, "2031-03-27T07:15+01:00", "2031-03-27T09:00+01:00"),
        ("daily", OFFICE, "2031-03-28T10:00+01:00", "2031-03-31T09:00+02:00"),
        ("daily", NIGHT, "2031-03-27T12:00+01:00", "2031-03-27T22:00+01:00"),
        ("daily", NIGHT, "2031-03-27T23:00+01:00", "2031-03-28T22:00+01:00"),
        ("daily", ALWAYS, "2031-03-27T12:00+01:00", "2031-03-28T08:00+01:00"),
    ],
)
def test_it_leaves_when_its_reader_is_there(way: str, hours: Calendar | None, now: str, due: str) -> None:
    assert digest_due(NoticeWay(way), at(now), BERLIN, hours) == at(due)


def test_half_hours_of_a_zone_are_its_own() -> None:
    assert digest_due(NoticeWay.HOURLY, at("2031-03-27T10:15+05:30"), "Asia/Kolkata", None) == at(
        "2031-03-27T11:00+05:30"
    )


@given(
    st.sampled_from([NoticeWay.HOURLY, NoticeWay.DAILY]),
    st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)),
    st.sampled_from([None, OFFICE, NIGHT, ALWAYS]),
    st.sampled_from([BERLIN, "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]),
)
def test_it_is_always_later_and_never_far(way: NoticeWay, now: datetime, hours: Calendar | None, key: str) -> None:
    due = digest_due(way, now, key, hours)
    assert now < due
    assert (due - now).days <= 4, "at most over a weekend"
