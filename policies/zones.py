"""Time zones: the one place that reads them, always from the pinned `tzdata`.

`ZoneInfo(key)` prefers the machine's own files, and PostgreSQL has files of its own: two workers, or a contract and a
calendar, could then disagree about a day. A test refuses `ZoneInfo` elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@cache
def zone(key: str) -> ZoneInfo:
    """The zone of an IANA name, which a body has checked (`models.messages.calendars.TIME_ZONES`)."""
    with (resources.files("tzdata") / "zoneinfo" / key).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=key)


@cache
def is_known(key: str) -> bool:
    """Whether there is such a zone. A name that was checked when it was stored can be gone in a later `tzdata`."""
    try:
        zone(key)
    except (OSError, ValueError):
        return False
    return True


def first_known(*keys: str | None) -> str | None:
    """The first of these names that there is a zone of."""
    return next((key for key in keys if key is not None and is_known(key)), None)


def local_day(instant: datetime, key: str) -> date:
    """The date that the calendars of that zone show at an aware instant."""
    return instant.astimezone(zone(key)).date()


def day_begins(day: date, key: str) -> datetime:
    """The first instant (UTC) at which the zone shows `day`: midnight, or where the clock skips it the change itself."""
    begins = datetime.combine(day, time(), zone(key)).astimezone(UTC)
    # A skipped midnight is read with the offset before the change, and lies after it by as much as was skipped.
    if local_day(begins - timedelta(seconds=1), key) >= day:
        return first_instant(begins - timedelta(days=1), begins, lambda instant: local_day(instant, key) >= day)
    return begins


def first_instant(low: datetime, high: datetime, holds: Callable[[datetime], bool]) -> datetime:
    """The instant, to the second, from which on `holds`: it does at `high`, and does not at `low`."""
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
