"""Promises that other ones take the place of, and those that end with the case: other items, other SLAs, closing."""

from __future__ import annotations

import pytest

from models.messages.cases import SlaState
from models.messages.slas import Cancellation, KpiStatus
from policies.kpi import next_clocks, sla_state
from tests.policies.promises import (
    GOLD,
    GOLD_2,
    NORMAL_ITEM,
    RESOLUTION_ITEM,
    RESPONSE,
    SILVER,
    URGENT_ITEM,
    C,
    F,
    P,
    Promises,
    R,
    S,
    X,
    at,
    sla,
)


def test_a_priority_edit_cancels_and_computes_anew_from_the_beginning() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    assert case.at("Mon 10:12", priority="normal") == [X, C]
    former, now = case.instances
    assert (former.status, former.cancelled_for) == (KpiStatus.CANCELLED, Cancellation.NOT_APPLICABLE)
    assert former.cancelled_on == at("Mon 10:12")
    assert (now.item_name, now.failure_at, now.ordinal) == ("Normal", at("Mon 11:00"), 2)
    assert case.tick("Mon 10:30") == []
    assert not [key for key in case.done if "/failure/" in key]


def test_an_earlier_item_that_begins_to_apply_takes_over_even_if_too_late() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00")
    assert case.at("Mon 10:30", priority="high") == [X, C, F]
    assert case.last.failed_on == at("Mon 10:15")


def test_applicability_lost_without_another_item_leaves_nothing_running_and_may_return() -> None:
    case = Promises(sla("gold", URGENT_ITEM), "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    assert case.at("Mon 10:05", priority="low") == [X]
    assert next_clocks(case.instances) == ()
    assert case.at("Mon 10:08", priority="high") == [C]
    assert case.last.failure_at == at("Mon 10:15")
    assert case.instances[0].id != case.last.id


def test_success_comes_before_applicability() -> None:
    """Applicable while active, success when resolved: the same field must not cancel (domain 4.3)."""
    active = {"all": [{"field": "case.status", "value": "active"}]}
    case = Promises(sla("gold", RESOLUTION_ITEM | {"applicable_when": active}), "Mon 10:00")
    case.at("Mon 10:00")
    assert case.at("Mon 12:00", status="resolved") == [S]


def test_a_new_item_inherits_the_time_on_hold() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    case.hold("Mon 10:05")
    assert case.at("Mon 12:05", priority="normal") == [X, C, P]
    assert case.instances[0].paused_on is None
    assert case.resume("Mon 13:05") == [R]
    assert case.last.failure_at == at("Mon 14:00")
    assert case.last.held_seconds == 3 * 3600


def test_another_sla_cancels_the_former_ones_instances() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00")
    slow = sla("silver", NORMAL_ITEM | {"name": "Slow", "fail_after": "3 hours"})
    case.terms = case.terms.model_copy(update={"in_force": SILVER, "slas": {GOLD: RESPONSE, SILVER: slow}})
    assert case.at("Mon 10:30") == [X, C]
    assert case.instances[0].cancelled_for is Cancellation.SLA_REPLACED
    assert (case.last.sla, case.last.failure_at) == (SILVER, at("Mon 13:00"))
    case.terms = case.terms.model_copy(update={"in_force": None})
    assert case.at("Mon 10:40") == [X]


def test_a_new_version_leaves_running_instances_with_the_one_they_began_with() -> None:
    case = Promises(sla("gold", URGENT_ITEM), "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    second = sla("gold", URGENT_ITEM | {"fail_after": "30 minutes"}, NORMAL_ITEM)
    case.terms = case.terms.model_copy(update={"in_force": GOLD_2, "slas": {**case.terms.slas, GOLD_2: second}})
    assert case.at("Mon 10:05") == []
    assert case.last.failure_at == at("Mon 10:15")
    assert case.at("Mon 10:06", priority="normal") == [X, C]
    assert (case.last.sla, case.last.failure_at) == (GOLD_2, at("Mon 11:00"))


@pytest.mark.parametrize("reason", ["cancelled", "merged"])
@pytest.mark.parametrize("paused", [False, True])
def test_a_cancelled_or_merged_case_cancels_what_is_open(reason: str, paused: bool) -> None:
    case = Promises(sla("gold", NORMAL_ITEM, RESOLUTION_ITEM), "Mon 10:00")
    case.at("Mon 10:00")
    if paused:
        case.hold("Mon 10:10")
    assert case.at("Mon 10:20", status="cancelled", status_reason=reason) == [X, X]
    assert {i.cancelled_for for i in case.instances} == {Cancellation.CASE_CANCELLED}
    assert case.tick("Fri 10:00") == case.at("Fri 10:00") == []
    assert sla_state(case.instances) is SlaState.NONE


def test_resolving_keeps_the_resolution_and_cancels_what_was_never_answered() -> None:
    case = Promises(sla("gold", NORMAL_ITEM, RESOLUTION_ITEM), "Mon 10:00")
    case.at("Mon 10:00")
    assert case.at("Mon 10:20", status="resolved", status_reason="problem-solved") == [X, S]
    assert sla_state(case.instances) is SlaState.SUCCEEDED


def test_a_failure_before_the_cancel_remains_a_failure() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00")
    assert case.at("Mon 11:30", status="cancelled") == [F]
