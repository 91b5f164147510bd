"""What a condition may ask of an instant: the time of day, the weekday, and which calendars are at work (domain 5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.messages.calendars import Calendar
from models.messages.conditions import NOW_TIME, NOW_WEEKDAY, NOW_WITHIN, WEEKDAYS, Scalar
from models.messages.work_hours import DAY_MINUTES
from policies.business_time import is_working
from policies.zones import zone


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware instant, the time zone of the organisation, and its calendars by slug."""

    now: datetime
    time_zone: str
    calendars: Mapping[str, Calendar]

    def value(self, field: str, time_zone: str | None = None) -> str | tuple[str, ...] | None:
        """`now.time` as "17:30", `now.weekday` as "monday", `now.within` as the slugs of the calendars at work."""
        here = self.now.astimezone(zone(time_zone or self.time_zone))
        if field == NOW_TIME:
            return f"{here:%H:%M}"
        if field == NOW_WEEKDAY:
            return WEEKDAYS[here.weekday()]
        if field == NOW_WITHIN:
            return tuple(sorted(slug for slug, each in self.calendars.items() if is_working(each, self.now)))
        return None


def minute_of(value: Scalar) -> int:
    """Minutes after midnight of "17:30"; -1 for what is no time of day, which is before all times.

    YAML 1.1 reads a bare 17:30 as the minute of the day.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= DAY_MINUTES else -1
    hours, colon, minutes = str(value).strip().partition(":")
    if not colon or not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        return -1
    minute = int(hours) * 60 + int(minutes)
    return minute if int(minutes) < 60 and minute <= DAY_MINUTES else -1
