"""Which hours are worked on a day (domain 4.5): the week's, a holiday's, or those of a day that is changed once.

Public holidays of a country come from the `holidays` package, whose version the lock pins, as it pins the time zones: what
it says of a day is the same in every process.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

from models.messages.calendars import Calendar
from models.messages.work_hours import Intervals

NO_HOLIDAYS: frozenset[date] = frozenset()


def hours_by_day(calendar: Calendar) -> Callable[[date], Intervals]:
    """The intervals that begin on a day, in no order; on a holiday two may overlap. A changed day comes before all else."""
    weeks = [week.days for week in calendar.weeks]
    first = (calendar.first_week or date.min).toordinal()
    monday = first - (first - 1) % 7
    changed = {day.date: day.hours for day in calendar.changed_days}
    listed = {holiday.date: holiday.hours for holiday in calendar.holidays} if calendar.observe_holidays else {}
    country = calendar.country if calendar.observe_holidays else None

    def hours_of(day: date) -> Intervals:
        if day in changed:
            return changed[day]
        usual = weeks[(day.toordinal() - monday) // 7 % len(weeks)][day.weekday()]
        if day not in listed and day not in public_holidays(country, day.year):
            return usual
        return listed.get(day, ()) + tuple(interval for interval in usual if interval.on_holidays)

    return hours_of


@cache
def public_holidays(country: str | None, year: int) -> frozenset[date]:
    """Of a country or region of `models.messages.calendars.Country`; none of a year that nothing is known of."""
    if country is None:
        return NO_HOLIDAYS
    # Imported here, because hardly any process that counts time has a calendar with a country.
    from holidays import country_holidays

    nation, _, region = country.partition("-")
    return frozenset(country_holidays(nation, subdiv=region or None, years=year))
