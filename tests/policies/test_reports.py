"""When reports of figures are due, by the organisation's clock, and of which days they are."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from models.messages.figures import FigureReport
from policies.reports import due_between

BERLIN = "Europe/Berlin"
FIGURES = {"slug": "weekly", "name": "Weekly", "figures": ["resolved"], "recipients": ["mona@house.example"]}


def due(after: datetime, until: datetime, **given: object) -> list[tuple[str, date, date]]:
    report = FigureReport.model_validate(FIGURES | given)
    found = due_between(report, BERLIN, after, until)
    return [(each.due.isoformat(), each.since, each.until) for each in found]


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2031, month, day, hour, minute, tzinfo=UTC)


def test_each_day_at_its_time_also_when_the_clocks_change() -> None:
    # Summer time begins on 30 March: 7 o'clock is 5 o'clock in UTC from then on.
    assert due(at(3, 29, 6), at(3, 31, 5), period="day") == [
        ("2031-03-30T05:00:00+00:00", date(2031, 3, 29), date(2031, 3, 30)),
        ("2031-03-31T05:00:00+00:00", date(2031, 3, 30), date(2031, 3, 31)),
    ]


def test_each_week_on_its_weekday_of_the_week_before() -> None:
    week = (date(2031, 2, 24), date(2031, 3, 3))
    assert due(at(3, 1), at(3, 9)) == [("2031-03-03T06:00:00+00:00", *week)]
    assert due(at(3, 1), at(3, 9), weekday="sunday", at="18:30") == [
        ("2031-03-02T17:30:00+00:00", date(2031, 2, 17), date(2031, 2, 24)),
    ]
    assert due(at(3, 3, 6), at(3, 9)) == [], "what was due at the instant itself was written by then"


def test_each_month_on_its_first_day_of_the_month_before() -> None:
    assert due(at(2, 28), at(4, 2), period="month") == [
        ("2031-03-01T06:00:00+00:00", date(2031, 2, 1), date(2031, 3, 1)),
        ("2031-04-01T05:00:00+00:00", date(2031, 3, 1), date(2031, 4, 1)),
    ]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"figures": []}, "figures"),
        ({"figures": ["resolvd"]}, "figures"),
        ({"figures": ["resolved", "resolved"]}, "twice"),
        ({"recipients": ["nobody"]}, "recipients"),
        ({"at": "25:00"}, "at"),
        ({"period": "month", "weekday": "monday"}, "weekday"),
        ({"period": "fortnight"}, "period"),
    ],
)
def test_what_is_no_report_is_refused(given: dict[str, object], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        FigureReport.model_validate(FIGURES | given)
