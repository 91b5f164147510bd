"""SLA definitions as documents: what is read, what is written back, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from models.messages.slas import SlaDefinition

GOLD = """
slug: gold
name: Gold
calendar: office
items:
  - name: First response, urgent
    kpi: first-response
    applicable_when: {all: [{field: case.priority, value: high}]}
    success: {all: [{field: case.first_response_sent, value: true}]}
    warn_after: 10 minutes
    fail_after: 15 minutes
    business_hours: 24x7
    actions:
      - {on: warning, do: notify, to: owner, template: sla-warning}
      - {on: failure, do: escalate}
      - {on: failure, do: notify, to: Chief@Example.com}
      - {on: failure, do: set-priority, value: high}
  - name: First response
    kpi: first-response
    success: {all: [{field: case.first_response_sent, value: true}]}
    fail_after: 4 business hours
  - name: Resolution
    kpi: resolution
    success: {all: [{field: case.status, value: resolved}]}
    warn_after: 1 business day
    fail_after: 10 business hours
    allow_pause: false
"""


def gold(item: int = 0, **change: Any) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(GOLD)
    document["items"][item] |= change
    return document


def test_an_sla_reads_back_as_it_was_written() -> None:
    sla = SlaDefinition.model_validate(gold())
    assert SlaDefinition.model_validate(sla.model_dump(mode="json")) == sla
    assert SlaDefinition.model_validate_json(sla.model_dump_json()) == sla
    assert sla.kpis == ("first-response", "resolution")
    assert [sla.calendar_of(item) for item in sla.items] == [None, "office", "office"]
    assert sla.items[0].actions[2].to == "chief@example.com"
    assert sla.model_dump(mode="json")["items"][1]["fail_after"] == "4 business hours"


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        (gold(warn_after="15 minutes"), "'warn_after' must be shorter"),
        (gold(warn_after=None), "an action on 'warning' needs 'warn_after'"),
        (gold(fail_after="2 business hours"), "'2 business hours' needs a calendar: name one as"),
        (gold(1, business_hours="24x7"), "'4 business hours' needs a calendar: name one as"),
        (
            gold(2, pause_when={"all": [{"field": "case.stage", "value": "research"}]}),
            "'pause_when' needs 'allow_pause'",
        ),
        (gold(1, name="First response, urgent"), "two items are named"),
        (gold(0, applicable_when=None), "can never apply: 'First response, urgent' before it always does"),
        (gold(actions=[{"on": "failure", "do": "notify"}]), "'do: notify' needs 'to'"),
        (gold(actions=[{"on": "failure", "do": "escalate", "to": "owner"}]), "'to' is given with"),
        (gold(actions=[{"on": "failure", "do": "set-priority"}]), "'do: set-priority' needs 'value'"),
        (gold(actions=[{"on": "failure", "do": "escalate", "template": "x"}]), "'template' is given with"),
        (gold(actions=[{"on": "failure", "do": "notify", "to": "nobody"}]), "to"),
        (gold(applicable_from="resolved"), "applicable_from"),
        (gold() | {"items": []}, "at least 1 item"),
    ],
)
def test_a_bad_sla_is_refused_with_the_rule(document: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SlaDefinition.model_validate(document)
    assert rule in str(refused.value)
