"""Business time by brute force for night shifts, hours of holidays and changed days, minute by minute of the wall clock.

Shares no code with the policy that it checks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.policies.minute_oracle import ByMinute, pinned_zone

Shift = tuple[str, str, bool]
"""From, to, whether it is worked on holidays too."""


@dataclass(frozen=True)
class ShiftOracle(ByMinute):
    """`week`: seven lists, Monday first. `to` not later than `from` is on the next day."""

    zone: str
    week: tuple[tuple[Shift, ...], ...]
    holidays: dict[date, tuple[Shift, ...]] = field(default_factory=dict)
    changed: dict[date, tuple[Shift, ...]] = field(default_factory=dict)

    def shifts_of(self, day: date) -> list[Shift]:
        if day in self.changed:
            return list(self.changed[day])
        usual = self.week[day.weekday()]
        if day in self.holidays:
            return [*self.holidays[day], *(shift for shift in usual if shift[2])]
        return list(usual)

    def works(self, minute: datetime) -> bool:
        local = minute.astimezone(pinned_zone(self.zone))
        shown, today = local.strftime("%H:%M"), local.date()
        by_day = any(begin <= shown < end for begin, end, _ in self.shifts_of(today) if begin < end)
        evening = any(begin <= shown for begin, end, _ in self.shifts_of(today) if end < begin)
        yesterday = self.shifts_of(today - timedelta(days=1))
        morning = any(shown < end for begin, end, _ in yesterday if end < begin)
        return by_day or evening or morning
