"""Days that stand in an address: whoever types one is told what it must be, and none is so far off that a zone or a span of
time leads out of the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from desk.errors import Invalid
from models.messages.said import joined, of_field, said


@dataclass(frozen=True, slots=True)
class WrongDays:
    """What was typed into the two days of a period, and what is wrong, by field: the form shows both again."""

    typed: Mapping[str, str]
    faults: Mapping[str, str]


class PeriodInvalid(Invalid):
    def __init__(self, wrong: WrongDays) -> None:
        named = [of_field(f"period.{name}", rule) for name, rule in wrong.faults.items()]
        super().__init__("", joined(named, "; "))
        self.wrong = wrong


def period_of(query: Mapping[str, str]) -> tuple[date | None, date | None]:
    """The days `from` and `to`, in this order. `PeriodInvalid` names all that is wrong with them."""
    days: dict[str, date | None] = {}
    faults: dict[str, str] = {}
    for name in ("from", "to"):
        try:
            days[name] = day_of(query, name)
        except Invalid as error:
            faults[name] = error.rule
    first, last = days.get("from"), days.get("to")
    if first is not None and last is not None and last < first:
        faults["to"] = before_the_first(first, last)
    if faults:
        raise PeriodInvalid(wrong_days(query, faults))
    return first, last


def before_the_first(first: date, last: date) -> str:
    return said("{last} is before 'from', {first}", last=last, first=first)


def wrong_days(query: Mapping[str, str], faults: Mapping[str, str]) -> WrongDays:
    return WrongDays({name: query.get(name, "")[:30] for name in ("from", "to")}, faults)


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
