"""A rule between two fields is shown at the first of them that it names and that is given; any other rule where it was broken."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from models.messages.articles import PublishBody
from models.messages.calendars import Calendar
from models.messages.faults import faults, pointed
from models.messages.figures import FigureReport
from models.messages.notices import WorkNotice
from models.messages.storable import Path

WEEK = {"monday": [{"from": "09:00", "to": "17:00"}]}
CALENDAR = {"slug": "a", "time_zone": "UTC", "hours": WEEK}
REPORT = {"slug": "a", "name": "A", "figures": ["csat"], "recipients": ["a@b.example"]}


@pytest.mark.parametrize(
    ("model", "raw", "place"),
    [
        (PublishBody, {"at": "2031-03-28T08:00:00Z", "expires_on": "2031-03-27T08:00:00Z"}, ("expires_on",)),
        (Calendar, {**CALENDAR, "first_week": "2031-03-03"}, ("first_week",)),
        (Calendar, {**CALENDAR, "further_weeks": [WEEK]}, ("further_weeks",)),
        (FigureReport, {**REPORT, "period": "day", "weekday": "monday"}, ("weekday",)),
        (FigureReport, {**REPORT, "figures": ["csat", "csat"]}, ("figures",)),
        (WorkNotice, {"on": "reply", "to": "nobody"}, ("to",)),
    ],
)
def test_it_is_shown_where_it_can_be_mended(model: type[BaseModel], raw: dict[str, object], place: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(raw)
    ((path, rule),) = faults(refused.value, raw)
    assert pointed(path, rule, raw) == place, rule
