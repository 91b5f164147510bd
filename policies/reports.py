"""When a report of figures is due, and which period it is of (domain 10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from models.messages.figures import FigureReport, ReportPeriod, Weekday
from policies.zones import local_day, zone

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DueReport:
    """A report of the days from `since` until before `until`, which is to leave at `due`."""

    due: datetime
    since: date
    until: date


def due_between(report: FigureReport, zone_name: str, after: datetime, until: datetime) -> Iterator[DueReport]:
    """Each time that the report became due after the one instant, up to and with the other; the oldest first."""
    day = local_day(after, zone_name)
    while day <= local_day(until, zone_name):
        if _leaves_on(report, day):
            hour, minute = (int(part) for part in report.at.split(":"))
            due = datetime.combine(day, time(hour, minute), zone(zone_name)).astimezone(UTC)
            if after < due <= until:
                yield DueReport(due, *_period(report, day))
        day += A_DAY


def _leaves_on(report: FigureReport, day: date) -> bool:
    match report.period:
        case ReportPeriod.DAY:
            return True
        case ReportPeriod.WEEK:
            return day.weekday() == list(Weekday).index(report.weekday or Weekday.MONDAY)
        case ReportPeriod.MONTH:
            return day.day == 1


def _period(report: FigureReport, day: date) -> tuple[date, date]:
    """The last whole day, week (from Monday) or month before that day."""
    match report.period:
        case ReportPeriod.DAY:
            return day - A_DAY, day
        case ReportPeriod.WEEK:
            monday = day - day.weekday() * A_DAY
            return monday - 7 * A_DAY, monday
        case ReportPeriod.MONTH:
            return (day.replace(day=1) - A_DAY).replace(day=1), day.replace(day=1)
