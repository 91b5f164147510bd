"""Business time (domain 4.5): adding and measuring working time of a calendar, exact over changes of the clock.

An instant is working time when the wall clock of the calendar's zone then shows a minute of a work interval that begins on
a day on which it is worked (`policies.holidays`): a night shift belongs to the day on which it begins. Differences are taken
in UTC, so an hour that the clock repeats in autumn counts twice, and one that it skips in spring does not count. A calendar
of None is plain time, around the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from models.messages.calendars import Calendar, Span
from models.messages.work_hours import WorkInterval
from policies.holidays import hours_by_day
from policies.zones import first_instant, zone

NO_WORK_FOR = timedelta(days=5 * 366)
FARTHEST_DEADLINE = timedelta(days=100 * 365)
"""Temporal cuts timers at 100 years; no promise is longer than that."""

Range = tuple[datetime, datetime]


class NoWorkingTime(ValueError):
    """No deadline can be found: the calendar has no working time for five years, or too little of it in 100 years."""


def add_business(calendar: Calendar | None, start: datetime, length: Span | timedelta) -> datetime:
    """The instant (UTC) at which a `length` of working time is over that begins at `start` (aware).

    Hours and minutes: the first instant by which so much working time has passed. The end of a working day counts as
    reached: eight hours from 09:00 to 17:00 end at 17:00, not the next morning. Days: `_after_days`; the fraction of a
    day is that of a mean working day. A length of zero, or less, ends at `start`. Raises NoWorkingTime.
    """
    start = _utc(start)
    if isinstance(length, timedelta):
        return _after_hours(calendar, start, length)
    if calendar is None or _is_plain(calendar) or not length.unit.is_day:
        return _after_hours(calendar, start, _seconds(length.minutes * 60))
    whole = int(length.amount)
    rest = _seconds((length.amount - whole) * _mean_day(calendar) * 60)
    return _after_hours(calendar, _after_days(calendar, start, whole), rest)


def business_between(calendar: Calendar | None, begin: datetime, end: datetime) -> timedelta:
    """Working time from `begin` to `end` (aware); zero if `end` is not later."""
    begin, end = _utc(begin), _utc(end)
    if end <= begin:
        return timedelta(0)
    if calendar is None:
        return end - begin
    return sum((to - since for since, to in _working(calendar, begin, end)), timedelta(0))


def _after_hours(calendar: Calendar | None, start: datetime, left: timedelta) -> datetime:
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
    raise _too_little(calendar, start)


def _after_days(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The same place so many working days later: what the calendar's wall clock shows at `start`.

    On a day that ends before that place it is the day's end, on one that begins after it the day's beginning, and in a
    break the beginning of the break. A `start` outside of working days, or before anybody has worked in one, stands for
    the next working day: that day counts whole, and the last of the days ends at its close.
    """
    if days == 0:
        return start
    under_way: date | None = None
    reached = start
    for day, worked in _days(calendar, start, start + FARTHEST_DEADLINE):
        opens, closes = worked[0][0], worked[-1][1]
        if closes <= start:
            continue
        if opens - reached > NO_WORK_FOR:
            break
        reached = closes
        if opens < start:
            under_way = day
            continue
        days -= 1
        if days == 0:
            return closes if under_way is None else _at_place(calendar, start, day - under_way, worked)
    raise _too_little(calendar, start)


def _at_place(calendar: Calendar, start: datetime, later: timedelta, worked: tuple[Range, ...]) -> datetime:
    """The instant at which the wall clock shows what it showed at `start`, so many days later, on the day of `worked`."""
    wall = start.astimezone(zone(calendar.time_zone))
    place = (wall + later).replace(fold=wall.fold).astimezone(UTC)
    reached = worked[0][0]
    for begin, end in worked:
        if place < begin:
            return reached
        if place <= end:
            return place
        reached = end
    return reached


def _too_little(calendar: Calendar, start: datetime) -> NoWorkingTime:
    return NoWorkingTime(f"calendar {calendar.slug!r} has not enough working time after {start.isoformat()}")


def _mean_day(calendar: Calendar) -> Decimal:
    """Minutes of the weekdays that have any, on average."""
    worked = [sum(interval.minutes for interval in day) for day in calendar.hours.days if day]
    return Decimal(sum(worked)) / len(worked)


def _seconds(value: Decimal) -> timedelta:
    return timedelta(seconds=int(value.quantize(Decimal(1), ROUND_HALF_UP)))


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"instant {instant.isoformat()} has no time zone")
    return instant.astimezone(UTC)


def _is_plain(calendar: Calendar) -> bool:
    """Always working: then a day is 24 hours, as without a calendar."""
    if not calendar.hours.always or calendar.changed_days:
        return False
    return not calendar.observe_holidays or not (calendar.holidays or calendar.country)


def _working(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Range]:
    """Working time within [since, until), as ranges of UTC in order of time, none empty."""
    if _is_plain(calendar):
        yield since, until
        return
    reached = since
    for _, worked in _days(calendar, since, until):
        for begin, end in worked:
            # A shift over midnight may reach into other hours of the next day, where that day is no usual one.
            begin, end = max(begin, reached), min(end, until)
            if begin < end:
                yield begin, end
                reached = end


def _days(calendar: Calendar, since: datetime, until: datetime) -> Iterator[tuple[date, tuple[Range, ...]]]:
    """The whole working time of each working day, from the day before that of `since` to that of `until`; none without any."""
    of, hours_of = zone(calendar.time_zone), hours_by_day(calendar)
    first, last = (instant.astimezone(of).date().toordinal() for instant in (since, until))
    for ordinal in range(first - 1, last + 1):
        day = date.fromordinal(ordinal)
        found = (each for interval in hours_of(day) for each in _in_utc(day, interval, of))
        worked = _apart(sorted((begin, end) for begin, end in found if begin < end))
        if worked:
            yield day, worked


def _apart(ranges: list[Range]) -> tuple[Range, ...]:
    """The same instants without any of them twice."""
    apart: list[Range] = []
    for begin, end in ranges:
        if apart and begin <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((begin, end))
    return tuple(apart)


def _in_utc(day: date, interval: WorkInterval, of: ZoneInfo) -> tuple[Range, ...]:
    """The instants at which a zone shows `day` and a time within `interval`: two ranges if the clock changes in it."""
    midnight = datetime.combine(day, time(), UTC)
    begin, end = midnight + timedelta(minutes=interval.start), midnight + timedelta(minutes=interval.closes)
    before, after = _offset(begin, of, fold=0), _offset(end, of, fold=1)
    if before == after:
        return ((begin - before, end - before),)
    change = _change(begin - max(before, after), end - min(before, after), of)
    return (begin - before, min(end - before, change)), (max(begin - after, change), end - after)


def _offset(wall: datetime, of: ZoneInfo, fold: int) -> timedelta:
    """The zone's offset at a wall time; where the clock changes, that before (fold 0) or after the change (PEP 495)."""
    return wall.replace(tzinfo=of, fold=fold).utcoffset() or timedelta(0)


def _change(low: datetime, high: datetime, of: ZoneInfo) -> datetime:
    """The instant, to the second, from which on the zone has the offset that it has at `high`, but not at `low`."""
    new = high.astimezone(of).utcoffset()
    return first_instant(low, high, lambda instant: instant.astimezone(of).utcoffset() == new)


INSTANT = timedelta(microseconds=1)
LOOK_BACK = timedelta(days=62)
"""So far back a calendar is asked when it was last at work."""


def is_working(calendar: Calendar | None, instant: datetime) -> bool:
    """Whether the instant is working time; without a calendar every one is. The end of an interval no longer is."""
    return business_between(calendar, instant, instant + INSTANT) > timedelta(0)


def next_working(calendar: Calendar | None, instant: datetime) -> datetime | None:
    """The instant itself if it is working time, else the beginning of the next; None if there is none for years."""
    if is_working(calendar, instant):
        return instant
    try:
        return add_business(calendar, instant, INSTANT) - INSTANT
    except NoWorkingTime:
        return None


def closed_since(calendar: Calendar | None, instant: datetime) -> datetime | None:
    """When the working time before the instant ended, at most some weeks back; None while it is working time."""
    if calendar is None or is_working(calendar, instant):
        return None
    begin = _utc(instant) - LOOK_BACK
    return max((end for _, end in _working(calendar, begin, _utc(instant))), default=begin)
