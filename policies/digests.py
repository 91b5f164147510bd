"""When news that is gathered leaves: by the reader's clock, and within their working hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from models.messages.calendars import Calendar
from models.messages.notices import NoticeWay
from policies.business_time import NoWorkingTime, add_business
from policies.zones import zone

MORNING = time(8)
"""When the day of somebody begins whose working hours nobody knows."""
_MOMENT = timedelta(seconds=1)


def digest_due(way: NoticeWay, now: datetime, time_zone: str, calendar: Calendar | None) -> datetime:
    """The instant (UTC) at which news of `now` (aware) leaves.

    Hourly: at the next full hour of the reader's clock, or when they begin to work if that is outside of their hours.
    Daily: when their next working day begins, which may be later today; of those who are at work over midnight, it is what
    follows `MORNING`. Without a calendar hours are all alike, and a day begins at `MORNING`. A calendar without working time
    keeps no news back: then as without one.
    """
    try:
        return _due(way, now, time_zone, calendar)
    except NoWorkingTime:
        return _due(way, now, time_zone, None)


def _due(way: NoticeWay, now: datetime, time_zone: str, calendar: Calendar | None) -> datetime:
    here = now.astimezone(zone(time_zone))
    if way is NoticeWay.HOURLY:
        # In UTC, so that an hour that the clock repeats is an hour as well.
        past = timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)
        hour = (here.astimezone(UTC) - past) + timedelta(hours=1)
        return _at_work(calendar, hour)
    for days in (0, 1):
        midnight, morning = (
            datetime.combine(here.date() + timedelta(days=days), hour, zone(time_zone)).astimezone(UTC)
            for hour in (time(0), MORNING)
        )
        at = _at_work(calendar, midnight)
        if at == midnight:
            at = _at_work(calendar, morning)
        if at > now:
            return at
    raise AssertionError("tomorrow's beginning is later than now")


def _at_work(calendar: Calendar | None, at: datetime) -> datetime:
    """`at`, or the next beginning of working time after it."""
    return at if calendar is None else add_business(calendar, at, _MOMENT) - _MOMENT
