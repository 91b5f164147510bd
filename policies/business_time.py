"""Business time (domain 4.5): adding and measuring working time of a calendar, exact over changes of the clock.

An instant is working time when the wall clock of the calendar's zone then shows a minute of a work interval, on a day
that is no observed holiday. Differences are taken in UTC, so an hour that the clock repeats in autumn counts
twice, and one that it skips in spring does not count. A calendar of None is plain time, around the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from models.messages.calendars import DAY_MINUTES, Calendar, Span, WorkInterval

NO_WORK_FOR = timedelta(days=5 * 366)
FARTHEST_DEADLINE = timedelta(days=100 * 365)
"""Temporal cuts timers at 100 years; no promise is longer than that."""

Range = tuple[datetime, datetime]


class NoWorkingTime(ValueError):
    """No deadline can be found: the calendar has no working time for five years, or too little of it in 100 years."""


def add_business(calendar: Calendar | None, start: datetime, length: Span | timedelta) -> datetime:
    """The first instant (UTC) by which `length` of working time has passed since `start` (aware).

    The end of a working day counts as reached: eight hours from 09:00 to 17:00 end at 17:00, not the next morning.
    A length of zero, or less, ends at `start`. Raises NoWorkingTime.
    """
    start = _utc(start)
    left = span_length(calendar, length) if isinstance(length, Span) else length
    if left <= timedelta(0):
        return start
    if calendar is None:
        return start + left
    reached = start
    for begin, end in _working(calendar, start, start + FARTHEST_DEADLINE):
        if begin - reached > NO_WORK_FOR:
            break
        if left <= end - begin:
            return begin + left
        left -= end - begin
        reached = end
    raise NoWorkingTime(f"calendar {calendar.slug!r} has not enough working time after {start.isoformat()}")


def business_between(calendar: Calendar | None, begin: datetime, end: datetime) -> timedelta:
    """Working time from `begin` to `end` (aware); zero if `end` is not later."""
    begin, end = _utc(begin), _utc(end)
    if end <= begin:
        return timedelta(0)
    if calendar is None:
        return end - begin
    return sum((to - since for since, to in _working(calendar, begin, end)), timedelta(0))


def span_length(calendar: Calendar | None, span: Span) -> timedelta:
    """A span as working time, to the second.

    A day is the mean working time of the weekdays that have any: eight hours for 9 to 17, so that one day from Monday
    10:00 ends on Tuesday 10:00. The same length on long and on short days alike, so that spans and holds add up.
    """
    if not span.unit.is_day:
        return _seconds(span.minutes * 60)
    if calendar is None:
        return _seconds(span.amount * DAY_MINUTES * 60)
    worked = [sum(interval.end - interval.start for interval in day) for day in calendar.hours.days if day]
    return _seconds(span.amount * sum(worked) * 60 / len(worked))


def _seconds(value: Decimal) -> timedelta:
    return timedelta(seconds=int(value.quantize(Decimal(1), ROUND_HALF_UP)))


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"instant {instant.isoformat()} has no time zone")
    return instant.astimezone(UTC)


@cache
def _zone(key: str) -> ZoneInfo:
    # ZoneInfo(key) prefers the machine's files to the pinned package: two workers could then disagree on a deadline.
    with (resources.files("tzdata") / "zoneinfo" / key).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=key)


def _working(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Range]:
    """Working time within [since, until), as ranges of UTC in order of time, none empty."""
    zone, week, days_off = _zone(calendar.time_zone), calendar.hours.days, calendar.days_off
    if calendar.hours.always and not days_off:
        yield since, until
        return
    first, last = (instant.astimezone(zone).date().toordinal() for instant in (since, until))
    for ordinal in range(first, last + 1):
        day = date.fromordinal(ordinal)
        if day in days_off:
            continue
        for interval in week[day.weekday()]:
            for begin, end in _in_utc(day, interval, zone):
                begin, end = max(begin, since), min(end, until)
                if begin < end:
                    yield begin, end


def _in_utc(day: date, interval: WorkInterval, zone: ZoneInfo) -> tuple[Range, ...]:
    """The instants at which `zone` shows `day` and a time within `interval`: two ranges if the clock changes in it."""
    midnight = datetime.combine(day, time(), UTC)
    begin, end = midnight + timedelta(minutes=interval.start), midnight + timedelta(minutes=interval.end)
    before, after = _offset(begin, zone, fold=0), _offset(end, zone, fold=1)
    if before == after:
        return ((begin - before, end - before),)
    change = _change(begin - max(before, after), end - min(before, after), zone)
    return (begin - before, min(end - before, change)), (max(begin - after, change), end - after)


def _offset(wall: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    """The zone's offset at a wall time; where the clock changes, that before (fold 0) or after the change (PEP 495)."""
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta(0)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant, to the second, from which on the zone has the offset that it has at `high`, but not at `low`."""
    new = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == new:
            high = middle
        else:
            low = middle
    return high
