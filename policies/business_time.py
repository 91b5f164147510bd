"""Business time (domain 4.5): adding and measuring working time of a calendar, exact over changes of the clock.

An instant is working time when the wall clock of the calendar's zone then shows a minute of a work interval that begins on
a day on which it is worked (`policies.holidays`): a night shift belongs to the day on which it begins. Differences are taken
in UTC, so an hour that the clock repeats in autumn counts twice, and one that it skips in spring does not count. A calendar
of None is plain time, around the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from models.messages.calendars import Calendar, Span
from models.messages.said import said
from policies import worked_days
from policies.worked_days import Range
from policies.zones import is_known, zone

NO_WORK_FOR = timedelta(days=5 * 366)
FARTHEST_DEADLINE = timedelta(days=100 * 365)
"""Temporal cuts timers at 100 years; no promise is longer than that."""


class NoWorkingTime(ValueError):
    """No deadline can be found: the calendar has no working time for five years, too little of it in 100 years, or a zone
    that there is no more."""


def add_business(calendar: Calendar | None, start: datetime, length: Span | timedelta) -> datetime:
    """The instant (UTC) at which a `length` of working time is over that begins at `start` (aware).

    Hours and minutes: the first instant by which so much working time has passed. The end of a working day counts as
    reached: eight hours from 09:00 to 17:00 end at 17:00, not the next morning. Days: `_after_days`; the fraction of a
    day is that of a mean working day. A length of zero, or less, ends at `start`. Raises NoWorkingTime.
    """
    start = _utc(start)
    _check_zone(calendar)
    if isinstance(length, timedelta):
        return _after_hours(calendar, start, length)
    if calendar is None or worked_days.is_always(calendar) or not length.unit.is_day:
        return _after_hours(calendar, start, _seconds(length.minutes * 60))
    whole = int(length.amount)
    rest = _seconds((length.amount - whole) * _mean_day(calendar) * 60)
    return _after_hours(calendar, _after_days(calendar, start, whole), rest)


def business_between(calendar: Calendar | None, begin: datetime, end: datetime) -> timedelta:
    """Working time from `begin` to `end` (aware); zero if `end` is not later. Raises NoWorkingTime."""
    begin, end = _utc(begin), _utc(end)
    _check_zone(calendar)
    if end <= begin:
        return timedelta(0)
    if calendar is None or worked_days.is_always(calendar):
        return end - begin
    blocks = worked_days.blocks(calendar, begin, end)
    return sum((block.worked_before(end) - block.worked_before(begin) for block in blocks), timedelta(0))


def _after_hours(calendar: Calendar | None, start: datetime, left: timedelta) -> datetime:
    if left <= timedelta(0):
        return start
    if calendar is None or worked_days.is_always(calendar):
        return start + left
    reached = start
    for block in worked_days.blocks(calendar, start, start + FARTHEST_DEADLINE):
        if not block.begins or block.ends[-1] <= start:
            continue
        if block.begins[0] - reached > NO_WORK_FOR:
            break
        done = block.worked_before(start)
        if left <= block.total - done:
            end = block.when_worked(done + left)
            if end - start <= FARTHEST_DEADLINE:
                return end
            break
        left -= block.total - done
        reached = block.ends[-1]
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
    for day, worked in worked_days.days(calendar, start, start + FARTHEST_DEADLINE):
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


def _check_zone(calendar: Calendar | None) -> None:
    if calendar is not None and not is_known(calendar.time_zone):
        raise NoWorkingTime(
            said(
                "calendar {calendar!r} has no working time: there is no time zone {zone!r}",
                calendar=calendar.slug,
                zone=calendar.time_zone,
            )
        )


def _too_little(calendar: Calendar, start: datetime) -> NoWorkingTime:
    return NoWorkingTime(
        said(
            "calendar {calendar!r} has not enough working time after {start}",
            calendar=calendar.slug,
            start=start.isoformat(),
        )
    )


def _mean_day(calendar: Calendar) -> Decimal:
    """Minutes of the weekdays that have any, on average over all weeks."""
    days = (day for week in calendar.weeks for day in week.days)
    worked = [sum(interval.minutes for interval in day) for day in days if day]
    return Decimal(sum(worked)) / len(worked)


def _seconds(value: Decimal) -> timedelta:
    return timedelta(seconds=int(value.quantize(Decimal(1), ROUND_HALF_UP)))


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"instant {instant.isoformat()} has no time zone")
    return instant.astimezone(UTC)


def working(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Range]:
    """Working time within [since, until), as ranges of UTC in order of time, none empty and none touching another's instants."""
    if worked_days.is_always(calendar):
        yield since, until
        return
    for begin, end in worked_days.ranges(calendar, since, until):
        yield max(begin, since), min(end, until)


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
    return max((end for _, end in working(calendar, begin, _utc(instant))), default=begin)
