"""A rule between two fields is shown at the first of them that it names and that is given; any other rule where it was broken."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from models.messages.articles import ArticleEntry, PublishBody
from models.messages.calendars import Calendar
from models.messages.contract_templates import EntitlementTemplate
from models.messages.faults import faults, pointed
from models.messages.figures import FigureReport
from models.messages.notices import WorkNotice
from models.messages.slas import SlaDefinition
from models.messages.storable import Path
from models.messages.surveys import SurveyDefinition

WEEK = {"monday": [{"from": "09:00", "to": "17:00"}]}
CALENDAR = {"slug": "a", "time_zone": "UTC", "hours": WEEK}
REPORT = {"slug": "a", "name": "A", "figures": ["csat"], "recipients": ["a@b.example"]}
SURVEY = {"slug": "a", "name": "A", "kind": "csat"}
ARTICLE = {"slug": "a", "title": "A", "content": "A"}
TRANSLATED = ("translations", 0, "language")
TERMS = {"slug": "a", "name": "A", "total_terms": 9}
RESOLVED = {"all": [{"field": "case.status", "value": "resolved"}]}
ITEM = {"name": "A", "kpi": "a", "success": RESOLVED, "fail_after": "1 hour"}
SLA = {"slug": "a", "name": "A"}
LATER = {"after": "1 business hour", "actions": [{"do": "escalate"}]}


@pytest.mark.parametrize(
    ("model", "raw", "place"),
    [
        (PublishBody, {"at": "2031-03-28T08:00:00Z", "expires_on": "2031-03-27T08:00:00Z"}, ("expires_on",)),
        (Calendar, {**CALENDAR, "first_week": "2031-03-03"}, ("first_week",)),
        (Calendar, {**CALENDAR, "further_weeks": [WEEK]}, ("further_weeks",)),
        (FigureReport, {**REPORT, "period": "day", "weekday": "monday"}, ("weekday",)),
        (FigureReport, {**REPORT, "figures": ["csat", "csat"]}, ("figures", 1)),
        (SurveyDefinition, {**SURVEY, "rules": [{"at_most": 9, "reopen": True}]}, ("rules", 0, "at_most")),
        (ArticleEntry, {**ARTICLE, "translations": [{"language": "en", "title": "A", "content": "A"}]}, TRANSLATED),
        (EntitlementTemplate, {**TERMS, "allocation": "hours", "decrease_on": "creation"}, ("decrease_on",)),
        (
            EntitlementTemplate,
            {**TERMS, "warnings": [{"remaining_terms": 1, "origin": "web"}]},
            ("warnings", 0, "origin"),
        ),
        (EntitlementTemplate, {**TERMS, "warnings": [{"days_left": 1}, {"remaining_terms": 9}]}, ("warnings", 1)),
        (SlaDefinition, {**SLA, "items": [ITEM, ITEM]}, ("items", 1, "name")),
        (SlaDefinition, {**SLA, "items": [ITEM, {**ITEM, "name": "B"}]}, ("items", 1)),
        (SlaDefinition, {**SLA, "items": [{**ITEM, "fail_after": "1 business day"}]}, ("items", 0, "fail_after")),
        (SlaDefinition, {**SLA, "items": [{**ITEM, "escalation": [LATER]}]}, ("items", 0, "escalation", 0, "after")),
        (WorkNotice, {"on": "reply", "to": "nobody"}, ("to",)),
    ],
)
def test_it_is_shown_where_it_can_be_mended(model: type[BaseModel], raw: dict[str, object], place: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(raw)
    ((path, rule),) = faults(refused.value, raw)
    assert pointed(path, rule, raw) == place, rule
