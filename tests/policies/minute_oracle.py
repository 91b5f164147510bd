"""Business time by brute force: looks at the wall clock of every minute. Shares no code with the policy it checks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@cache
def pinned_zone(key: str) -> ZoneInfo:
    """From the locked package: the machine's own zone files may be older or newer."""
    with files("tzdata.zoneinfo").joinpath(key).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=key)


class ByMinute(ABC):
    """Counts the minutes in which somebody works."""

    @abstractmethod
    def works(self, minute: datetime) -> bool:
        """Whether somebody does, in the minute that begins then."""

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """Both on a whole minute."""
        total = timedelta(0)
        while begin < end:
            total += MINUTE if self.works(begin) else timedelta(0)
            begin += MINUTE
        return total

    def add(self, start: datetime, minutes: int, give_up: datetime) -> datetime | None:
        """`start` on a whole minute; None if the work does not end before `give_up`."""
        while minutes > 0:
            if start >= give_up:
                return None
            minutes -= self.works(start)
            start += MINUTE
        return start


@dataclass(frozen=True)
class OracleCalendar(ByMinute):
    """`hours`: seven lists, Monday first, of (from, to) as "HH:MM"."""

    zone: str
    hours: tuple[tuple[tuple[str, str], ...], ...]
    holidays: frozenset[date]

    def works(self, minute: datetime) -> bool:
        local = minute.astimezone(pinned_zone(self.zone))
        if local.date() in self.holidays:
            return False
        shown = local.strftime("%H:%M")
        return any(begin <= shown < end for begin, end in self.hours[local.weekday()])

    def add_days(self, start: datetime, days: int, give_up: int) -> datetime | None:
        """`start` on a whole minute; None if the days do not end within `give_up` calendar days."""
        zone = pinned_zone(self.zone)
        first = start.astimezone(zone).date()
        begun = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
        minutes = [begun + n * MINUTE for n in range((give_up + 3) * 1440)]
        worked: dict[date, list[datetime]] = {}
        for minute in minutes:
            day = minute.astimezone(zone).date()
            if first <= day <= first + timedelta(days=give_up) and self.works(minute):
                worked.setdefault(day, []).append(minute)
        ahead = [each for _, each in sorted(worked.items()) if each[-1] >= start]
        if ahead and ahead[0][0] < start:
            if len(ahead) <= days:
                return None
            return self._place(start, ahead[days])
        return ahead[days - 1][-1] + MINUTE if len(ahead) >= days else None

    def _place(self, start: datetime, worked: list[datetime]) -> datetime:
        zone = pinned_zone(self.zone)
        wall = start.astimezone(zone)
        day = worked[0].astimezone(zone).date()
        place = wall.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)
        if place <= worked[0] or place in worked:
            return max(place, worked[0])
        return max(minute for minute in worked if minute < place) + MINUTE
