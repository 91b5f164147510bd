"""The working time of each day as ranges of UTC, worked out once for a calendar and added up, so that a deadline is a look-up.

Days are kept in blocks of a fixed length, each with the time worked before each of its ranges: a deadline a year ahead looks
at half a dozen of them. A calendar never changes, and is known by being the same object.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.messages.calendars import Calendar
from models.messages.work_hours import WorkInterval
from policies.holidays import hours_by_day
from policies.zones import first_instant, zone

Range = tuple[datetime, datetime]
A_BLOCK = 64
"""Days."""
MOST_CALENDARS, MOST_BLOCKS = 64, 256
"""Kept at once, the latest ones, and of one calendar: more than a house has, and forty years."""
NOTHING = timedelta(0)


class Block(NamedTuple):
    """So many local days in a row, by their numbers, with what is worked on those that are worked at all.

    The ranges of all days in order, without any instant twice: a shift over midnight may reach into other hours of the next
    day, where that day is no usual one.
    """

    numbers: tuple[int, ...]
    days: tuple[tuple[Range, ...], ...]
    begins: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    until: tuple[timedelta, ...]
    """What has been worked in the block by the end of each range."""

    @property
    def total(self) -> timedelta:
        return self.until[-1] if self.until else NOTHING

    def worked_before(self, instant: datetime) -> timedelta:
        """What is worked in the block before that instant."""
        following = bisect_right(self.ends, instant)
        before = self.until[following - 1] if following else NOTHING
        if following == len(self.ends) or self.begins[following] >= instant:
            return before
        return before + (instant - self.begins[following])

    def when_worked(self, amount: timedelta) -> datetime:
        """The first instant by which so much is worked in the block: more than nothing, and at most its total."""
        at = bisect_left(self.until, amount)
        return self.ends[at] - (self.until[at] - amount)


class _Kept:
    """What was worked out of a calendar, and the calendar itself, so that no other one can get its id meanwhile."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.zone = zone(calendar.time_zone)
        self.always = _is_always(calendar)
        self.blocks: dict[int, Block] = {}


_kept: OrderedDict[int, _Kept] = OrderedDict()


def is_always(calendar: Calendar) -> bool:
    """Whether it is never off: then a day is 24 hours, as without a calendar."""
    return _of(calendar).always


def blocks(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Block]:
    """In order, from that which may be worked at `since` to that which may be at `until`."""
    kept = _of(calendar)
    # No zone is further than a day from UTC, and a shift may last into the next day.
    for number in range((since.toordinal() - 2) // A_BLOCK, (until.toordinal() + 1) // A_BLOCK + 1):
        found = kept.blocks.get(number)
        if found is None:
            if len(kept.blocks) >= MOST_BLOCKS:
                kept.blocks.clear()
            found = kept.blocks[number] = _block(calendar, kept.zone, number)
        yield found


def days(calendar: Calendar, since: datetime, until: datetime) -> Iterator[tuple[date, tuple[Range, ...]]]:
    """The whole working time of each working day that may be under way at `since`, and of those that follow until `until`."""
    first, last = since.toordinal() - 2, until.toordinal() + 1
    for block in blocks(calendar, since, until):
        for at in range(bisect_left(block.numbers, first), bisect_right(block.numbers, last)):
            yield date.fromordinal(block.numbers[at]), block.days[at]


def ranges(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Range]:
    """Those that have a part within [since, until)."""
    for block in blocks(calendar, since, until):
        for at in range(bisect_right(block.ends, since), bisect_left(block.begins, until)):
            yield block.begins[at], block.ends[at]


def _of(calendar: Calendar) -> _Kept:
    kept = _kept.get(id(calendar))
    if kept is None:
        kept = _kept[id(calendar)] = _Kept(calendar)
        while len(_kept) > MOST_CALENDARS:
            _kept.popitem(last=False)
    return kept


def _is_always(calendar: Calendar) -> bool:
    if calendar.changed_days or not all(week.always for week in calendar.weeks):
        return False
    return not calendar.observe_holidays or not (calendar.holidays or calendar.country)


def _block(calendar: Calendar, of: ZoneInfo, number: int) -> Block:
    hours_of = hours_by_day(calendar)

    def worked_on(ordinal: int) -> tuple[Range, ...]:
        day = date.fromordinal(ordinal)
        found = (each for interval in hours_of(day) for each in _in_utc(day, interval, of))
        return _apart(sorted((begin, end) for begin, end in found if begin < end))

    first = max(number * A_BLOCK, 2)
    worked = {ordinal: found for ordinal in range(first, (number + 1) * A_BLOCK) if (found := worked_on(ordinal))}
    before = worked_on(first - 1)
    flat: list[Range] = []
    reached = before[-1][1] if before else None
    for begin, end in (each for found in worked.values() for each in found):
        begins = begin if reached is None else max(begin, reached)
        if begins < end:
            flat.append((begins, end))
            reached = end
    return Block(
        tuple(worked),
        tuple(worked.values()),
        tuple(begin for begin, _ in flat),
        tuple(end for _, end in flat),
        tuple(accumulate(end - begin for begin, end in flat)),
    )


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
