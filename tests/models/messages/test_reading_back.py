"""What was stored is read back, also where a rule of writing has come since; what is no such document at all is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from models.messages.calendars import Calendar
from models.messages.reading_back import read_back
from models.messages.slas import SlaDefinition

WEEK = {"monday": [{"from": "09:00", "to": "17:00"}]}


def test_what_todays_rules_would_refuse_stands_as_it_was_stored() -> None:
    calendar = read_back(Calendar, {"slug": "office", "time_zone": "US/Pacific-New", "hours": WEEK})
    assert isinstance(calendar, Calendar)
    assert (calendar.slug, calendar.time_zone, calendar.hours.always) == ("office", "US/Pacific-New", False)
    assert calendar.model_dump(mode="json")["time_zone"] == "US/Pacific-New"


def test_what_every_rule_allows_is_the_same_message() -> None:
    body = {"slug": "office", "time_zone": "Europe/Vienna", "hours": WEEK}
    assert type(read_back(Calendar, body)) is Calendar
    assert read_back(Calendar, body) == Calendar.model_validate(body)


def test_what_lacks_a_field_is_no_such_document() -> None:
    with pytest.raises(ValidationError):
        read_back(SlaDefinition, {"slug": "gold", "name": "Gold"})
