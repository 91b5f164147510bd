"""Two clocks compared, where the answer of the other one takes its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.findings import Finding, ok, warning
from models.messages.said import said

TOLERATED = timedelta(seconds=2)


def difference(before: datetime, there: datetime, after: datetime) -> timedelta:
    """How far the other clock is ahead (negative: behind) at the least, told at some instant between the other two."""
    if there < before:
        return there - before
    return max(there - after, timedelta(0))


def clock_finding(check: str, before: datetime, there: datetime, after: datetime) -> Finding:
    off = difference(before, there, after)
    seconds = abs(off).total_seconds()
    found = (
        said("{seconds:.1f} s behind this machine's", seconds=seconds)
        if off < timedelta(0)
        else said("{seconds:.1f} s ahead of this machine's", seconds=seconds)
    )
    if abs(off) > TOLERATED:
        return warning(check, found, said("Have both machines' clocks set by NTP: deadlines are computed by either."))
    return ok(check, found if off else said("as this machine's"))
