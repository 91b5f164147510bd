"""Holidays out of an iCalendar file (RFC 5545), and what such a file is refused for, by its lines."""

from __future__ import annotations

from typing import Any

import pytest

from models.messages.calendars import Calendar
from models.messages.holiday_files import HolidayFileError, holidays_in


def event(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))


def file(*events: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Office//Days//EN", *events, "END:VCALENDAR", ""))


def days(text: str) -> dict[str, str]:
    return {str(each["date"]): each["name"] for each in holidays_in(text)}


NEW_YEAR = event("UID:1", "DTSTART;VALUE=DATE:20310101", "DTEND;VALUE=DATE:20310102", "SUMMARY:New Year")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("DTSTART;VALUE=DATE:20310101", "SUMMARY:New Year"), {"2031-01-01": "New Year"}),
        (("DTSTART:20310101",), {"2031-01-01": ""}),
        (("DTSTART;VALUE=DATE:20311224", "DTEND;VALUE=DATE:20311227", "SUMMARY:Xmas"),
         {"2031-12-24": "Xmas", "2031-12-25": "Xmas", "2031-12-26": "Xmas"}),
        (("DTSTART;VALUE=DATE:20311224", "DURATION:P2D"), {"2031-12-24": "", "2031-12-25": ""}),
        (("DTSTART;VALUE=DATE:20310501", "SUMMARY:Tag\\, der\r\n  Arbeit"), {"2031-05-01": "Tag, der Arbeit"}),
        (("DTSTART;VALUE=DATE:20310501", "RRULE:FREQ=YEARLY;COUNT=2"), {"2031-05-01": "", "2032-05-01": ""}),
        (("DTSTART;VALUE=DATE:20310501", "RRULE:FREQ=YEARLY;UNTIL=20320501T000000Z"), {"2031-05-01": "", "2032-05-01": ""}),
    ],
)  # fmt: skip
def test_an_all_day_event_is_a_holiday_on_each_of_its_days(lines: tuple[str, ...], found: dict[str, str]) -> None:
    assert days(file(event(*lines))) == found


def test_a_day_of_several_events_is_one_and_a_cancelled_one_is_none() -> None:
    again = event("DTSTART;VALUE=DATE:20310101", "SUMMARY:Once more")
    off = event("DTSTART;VALUE=DATE:20310102", "STATUS:CANCELLED")
    zone = "BEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    assert days("\ufeff" + file(zone, NEW_YEAR, again, off).replace("\r\n", "\n")) == {"2031-01-01": "New Year"}


def test_what_comes_again_for_ever_is_read_up_to_the_end_of_the_century() -> None:
    found = days(file(event("DTSTART;VALUE=DATE:20310501", "RRULE:FREQ=YEARLY")))
    assert (min(found), max(found), len(found)) == ("2031-05-01", "2100-05-01", 70)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "line 1: an iCalendar file begins with BEGIN:VCALENDAR"),
        ("date,name\n2031-01-01,New Year", "line 1: an iCalendar file begins with BEGIN:VCALENDAR"),
        (file(), "line 1: the file names no holiday"),
        (file("rubbish"), "line 4: 'rubbish' is no line of an iCalendar file"),
        (file(event("SUMMARY:x")), "line 4: the event has no DTSTART"),
        (file(event("DTSTART:20310101T090000Z")), "line 5: a holiday is a whole day, and this has a time of day"),
        (file(event("DTSTART:2031-01-01")), "line 5: '2031-01-01' is no date; write YYYYMMDD"),
        (file(event("DTSTART:20310231")), "line 5: '20310231' is no date"),
        (file(event("DTSTART:00010101")), "line 5: 0001-01-01 lies not between 1970 and 2100"),
        (file(event("DTSTART:20310101", "DTEND:20310101")), "line 6: the event lasts at least one day"),
        (file(event("DTSTART:20310101", "DTEND:20400101")), "line 6: the event lasts at least one day, and at most"),
        (file(event("DTSTART:20310101", "DURATION:PT5H")), "line 6: a holiday lasts whole days"),
        (file(event("DTSTART:20310101", "DURATION:P1D", "DTEND:20310102")), "line 6: DURATION and DTEND exclude"),
        (file(event("DTSTART:20310101", "RRULE:FREQ=SECONDLY")), "line 6: 'FREQ=SECONDLY' is no rule"),
        (file(event("DTSTART:20310101", "RRULE:FREQ=YEARLY;INTERVAL=0")), "line 6: 'FREQ=YEARLY;INTERVAL=0' is no rule"),
        (file(event("DTSTART:20310101", "RRULE:often")), "line 6: 'often' is no rule"),
        (file(event("DTSTART:20310101", "RRULE:FREQ=DAILY")), "line 1: a calendar has at most 2,000 holidays"),
        (file(event("DTSTART:20310101", "EXDATE:20320101")), "line 6: EXDATE is not read"),
        (file(event("DTSTART:20310101", "DTSTART:20310102")), "line 6: DTSTART is given twice"),
        (file(NEW_YEAR).replace("END:VCALENDAR", ""), "the file ends within VCALENDAR"),
        (file("END:VEVENT"), "line 4: END:VEVENT ends what was not begun"),
        (file(NEW_YEAR, event("SUMMARY:x"), event("DTSTART:soon")), "line 10: the event has no DTSTART; line 14: 'soon'"),
    ],
)  # fmt: skip
def test_what_is_no_holiday_file_is_refused_by_its_lines(text: str, rule: str) -> None:
    with pytest.raises(HolidayFileError) as refused:
        holidays_in(text)
    assert rule in str(refused.value)


def test_a_calendar_takes_the_text_of_a_file_for_its_list() -> None:
    given: dict[str, Any] = {"slug": "office", "time_zone": "UTC", "hours": "24x7"}
    calendar = Calendar.model_validate(given | {"holidays": file(NEW_YEAR)})
    assert [(str(day.date), day.name) for day in calendar.holidays] == [("2031-01-01", "New Year")]
    assert Calendar.model_validate(calendar.model_dump(mode="json")) == calendar
    with pytest.raises(ValueError, match="line 5: 'soon' is no date"):
        Calendar.model_validate(given | {"holidays": file(event("DTSTART:soon"))})
