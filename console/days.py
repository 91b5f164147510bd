"""Days that stand in an address: whoever types one is told what it must be, and none is so far off that a zone or a span of
time leads out of the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from desk.errors import Invalid
from models.messages.said import said


def day_of(query: Mapping[str, str], name: str, field: str = "") -> date | None:
    """The day of this parameter; None where there is none. `Invalid` names what is wrong with it, `field` as pages call it."""
    typed = query.get(name, "").strip()
    if not typed:
        return None
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        raise Invalid(field or name, said("is a day, such as 2031-03-28")) from None
    near(found, field or name)
    return found


def near(found: date, name: str) -> None:
    """`Invalid` for a day or an instant that nobody's business lies in."""
    if not 2000 <= found.year <= 2200:
        raise Invalid(name, said("is a day between the years 2000 and 2200"))


def begins(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def ends(day: date, zone: tzinfo) -> datetime:
    """When the day after it begins."""
    return begins(day + timedelta(days=1), zone)
