"""Holidays out of an iCalendar file (RFC 5545), as public offices and other programs hand them out.

Every all-day event is a holiday, each of its days one. An event with a time of day is none: who asks for what is left out is
told of it, and goes without. All else that cannot be a holiday is refused with its line: nothing is left out silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple

from models.messages.base import quoted

BEGINS = "BEGIN:VCALENDAR"
MOST_DAYS, MOST_CHARACTERS, MOST_FAULTS = 2000, 2_000_000, 10
LAST = datetime(2100, 12, 31)  # noqa: DTZ001 - a day, as all that such a file says
"""Events that come again for ever are read up to here."""
EVENT = "VEVENT"
UNTIL = re.compile(r"(UNTIL=\d{8})T\d{6}Z?")
"""Some programs write the end of a rule with a time of day, which says nothing of days."""
READ = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "SUMMARY", "STATUS"})
UNREAD = frozenset({"RDATE", "EXDATE", "RECURRENCE-ID"})


class HolidayFileError(ValueError):
    """What is wrong with the file, by its lines."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = faults
        more = f"; and {len(faults) - MOST_FAULTS} more lines" if len(faults) > MOST_FAULTS else ""
        super().__init__("; ".join(f"line {line}: {rule}" for line, rule in faults[:MOST_FAULTS]) + more)


class TimedEvent(HolidayFileError):
    """An event that has a time of day."""


class _Line(NamedTuple):
    number: int
    name: str
    parameters: Any
    value: str


def is_holiday_file(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").upper().startswith(BEGINS)


def holidays_in(text: str, left_out: list[str] | None = None) -> list[dict[str, Any]]:
    """`{date, name}` of each day, in order and each once, as `models.messages.calendars.Holiday` takes it.

    `left_out` takes the events that have a time of day, each with its line and its name; without it they are wrong as well.
    Raises HolidayFileError.
    """
    if not is_holiday_file(text):
        raise HolidayFileError([(1, f"an iCalendar file begins with {BEGINS}")])
    if len(text) > MOST_CHARACTERS:
        raise HolidayFileError([(1, f"a holiday file has at most {MOST_CHARACTERS:,} characters")])
    faults: list[tuple[int, str]] = []
    found: dict[date, str] = {}
    for event in _events(text, faults):
        try:
            days = _days_of(event)
        except TimedEvent as error:
            if left_out is None:
                faults += error.faults
            else:
                left_out.append(f"line {error.faults[0][0]}: {quoted(_summary(event))} has a time of day")
            continue
        except HolidayFileError as error:
            faults += error.faults
            continue
        for day in days:
            found.setdefault(day, _summary(event))
    if not faults and not found:
        faults.append((1, "the file names no holiday"))
    if len(found) > MOST_DAYS:
        faults.append((1, f"a calendar has at most {MOST_DAYS:,} holidays, and the file names {len(found):,}"))
    if faults:
        raise HolidayFileError(sorted(faults))
    return [{"date": day, "name": found[day]} for day in sorted(found)]


def _events(text: str, faults: list[tuple[int, str]]) -> Iterator[dict[str, _Line]]:
    """The events with what is read of them, by name."""
    inside: list[str] = []
    event: dict[str, _Line] = {}
    last = 1
    for line in _lines(text, faults):
        last = line.number
        match line.name, line.value.strip().upper():
            case "BEGIN", component:
                inside.append(component)
                if component == EVENT:
                    event = {"BEGIN": line}
            case "END", component:
                if not inside or inside.pop() != component:
                    faults.append((line.number, f"END:{component[:40]} ends what was not begun"))
                    return
                if component == EVENT:
                    yield event
            case name, _ if inside and inside[-1] == EVENT:
                if name in UNREAD:
                    faults.append((line.number, f"{name} is not read; list the days as events of their own"))
                elif name in READ and name in event:
                    faults.append((line.number, f"{name} is given twice in one event"))
                elif name in READ:
                    event[name] = line
            case _:
                pass  # It says nothing of a holiday.
    if inside:
        faults.append((last, f"the file ends within {inside[-1][:40]}"))


def _lines(text: str, faults: list[tuple[int, str]]) -> Iterator[_Line]:
    """The content lines with the numbers of their first lines: a line that begins with a space goes on the one before."""
    # Imported here, because hardly any process that reads messages reads such a file.
    from icalendar.parser import Contentline

    whole: list[tuple[int, str]] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if line[:1] in (" ", "\t") and whole:
            whole[-1] = (whole[-1][0], whole[-1][1] + line[1:])
        elif line.strip():
            whole.append((number, line))
    for number, line in whole:
        try:
            name, parameters, value = Contentline(line).parts()
        except ValueError:
            faults.append((number, f"{quoted(line)} is no line of an iCalendar file"))
            continue
        yield _Line(number, name.upper(), parameters, value)


def _days_of(event: dict[str, _Line]) -> list[date]:
    begin = event.get("DTSTART")
    if begin is None:
        raise HolidayFileError([(event["BEGIN"].number, "the event has no DTSTART")])
    first = _day(begin)
    if "DURATION" in event and "DTEND" in event:
        raise HolidayFileError([(event["DURATION"].number, "DURATION and DTEND exclude each other")])
    length = (_day(event["DTEND"]) - first).days if "DTEND" in event else _duration(event.get("DURATION"))
    if not 1 <= length <= 366:
        line = event.get("DTEND") or event.get("DURATION") or begin
        raise HolidayFileError([(line.number, "the event lasts at least one day, and at most a year")])
    if _is_cancelled(event):
        return []
    begins = _repeated(event["RRULE"], first) if "RRULE" in event else [first]
    return [day + timedelta(days=n) for day in begins for n in range(length)]


def _day(line: _Line) -> date:
    from icalendar.prop import vDDDTypes

    try:
        value = vDDDTypes.from_ical(line.value.strip())
    except ValueError:
        raise HolidayFileError([(line.number, f"{quoted(line.value)} is no date; write YYYYMMDD")]) from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TimedEvent([(line.number, "a holiday is a whole day, and this has a time of day; write YYYYMMDD")])
    if not 1970 <= value.year <= LAST.year:
        raise HolidayFileError([(line.number, f"{value} lies not between 1970 and {LAST.year}")])
    return value


def _duration(line: _Line | None) -> int:
    from icalendar.prop import vDuration

    if line is None:
        return 1
    try:
        found = vDuration.from_ical(line.value.strip())
    except (ValueError, OverflowError):
        raise HolidayFileError([(line.number, f"{quoted(line.value)} is no duration")]) from None
    if found % timedelta(days=1):
        raise HolidayFileError([(line.number, "a holiday lasts whole days")])
    return int(found.days)


def _repeated(line: _Line, first: date) -> list[date]:
    from dateutil.rrule import DAILY, rrulestr

    try:
        rule = rrulestr(UNTIL.sub(r"\1", line.value.strip()), dtstart=datetime.combine(first, time()))
        if rule._freq > DAILY or rule._interval < 1:
            raise ValueError
        days = [each.date() for each in islice(rule.xafter(datetime.combine(first, time()), inc=True), MOST_DAYS + 1)]
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise HolidayFileError([(line.number, f"{quoted(line.value)} is no rule by which days come again")]) from None
    return [day for day in days if day <= LAST.date()]


def _is_cancelled(event: dict[str, _Line]) -> bool:
    return "STATUS" in event and event["STATUS"].value.strip().upper() == "CANCELLED"


def _summary(event: dict[str, _Line]) -> str:
    from icalendar.prop import vText

    if "SUMMARY" not in event:
        return ""
    words = str(vText.from_ical(event["SUMMARY"].value))
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())[:200]
