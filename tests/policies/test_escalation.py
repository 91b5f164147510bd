"""Steps after a failure, promises that begin anew, shares to warn at, and instants of one's own (domain 4.1).

The week, the office (9 to 17) and the case are those of `promises`.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.messages.kpi import ChangeKind
from models.messages.shares import Share
from models.messages.slas import ClockKind, KpiInstance, KpiStatus, SlaItem
from policies.kpi import acknowledge, next_clocks
from policies.sla_items import custom_instant
from tests.policies.promises import ANSWERED, RESOLVED, C, F, Promises, S, W, X, at, sla

E, PAUSED, GOES_ON, ENDED = (
    ChangeKind.ESCALATED,
    ChangeKind.ESCALATION_PAUSED,
    ChangeKind.ESCALATION_RESUMED,
    ChangeKind.ESCALATION_ENDED,
)
STEPS: list[dict[str, Any]] = [
    {"after": "30 minutes", "actions": [{"do": "notify", "to": "queue"}]},
    {"after": "2 business hours", "actions": [{"do": "notify", "to": "manager"}, {"do": "escalate"}]},
]
ESCALATED = sla(
    "gold",
    {
        "name": "Solved",
        "kpi": "resolution",
        "success": RESOLVED,
        "business_hours": "office",
        "fail_after": "1 hour",
        "escalation": STEPS,
    },
)
NEXT = sla(
    "gold",
    {
        "name": "Next update",
        "kpi": "next-update",
        "applicable_from": "answered_on",
        "repeats": True,
        "success": RESOLVED,
        "business_hours": "office",
        "warn_after": "75%",
        "fail_after": "4 hours",
    },
)


def failed() -> Promises:
    """Missed on Monday at 16:00: the first step is due at 16:30, the second on Tuesday at 10:30."""
    case = Promises(ESCALATED, "Mon 15:00")
    assert case.at("Mon 15:00") == [C]
    assert case.tick("Mon 16:00") == [F]
    return case


def due(case: Promises) -> list[tuple[ClockKind, Any]]:
    return [(clock.kind, clock.due) for clock in next_clocks(case.instances)]


def test_each_step_is_due_so_long_after_the_one_before_in_business_time() -> None:
    case = failed()
    assert due(case) == [(ClockKind.ESCALATION, at("Mon 16:30"))]
    assert case.tick("Mon 16:29:59") == []
    assert case.tick("Mon 16:30") == [E]
    assert due(case) == [(ClockKind.ESCALATION, at("Tue 10:30"))]
    assert case.tick("Tue 10:30") == [E]
    assert due(case) == []
    assert case.last.status is KpiStatus.NONCOMPLIANT
    steps = ("escalation-1/0", "escalation-2/0", "escalation-2/1")
    assert case.done == [f"{case.last.id}/{step}" for step in steps]
    assert case.tick("Wed 10:00") == case.at("Wed 10:00") == []


def test_steps_that_were_slept_through_are_taken_at_once_each_at_its_own_instant() -> None:
    case = Promises(ESCALATED, "Mon 15:00")
    case.at("Mon 15:00")
    assert case.tick("Wed 10:00") == [F, E, E]
    assert case.last.escalation is not None
    assert (case.last.escalation.done, case.last.escalation.next_at) == (2, None)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"status": "resolved"}, "it was kept after all"),
        ({"status": "cancelled"}, "the case was cancelled"),
    ],
)
def test_a_closed_case_escalates_no_further(facts: dict[str, Any], why: str) -> None:
    case = failed()
    assert case.at("Mon 16:10", **facts) == [ENDED]
    assert case.last.escalation is not None
    assert (case.last.status, case.last.escalation.ended_for) == (KpiStatus.NONCOMPLIANT, why)
    assert case.tick("Wed 10:00") == []
    assert case.done == []


def test_another_sla_ends_it_and_another_priority_does_not() -> None:
    case = failed()
    assert case.at("Mon 16:10", priority="high") == []
    case.terms = case.terms.model_copy(update={"in_force": None})
    assert case.at("Mon 16:20") == [ENDED]


def test_acknowledged_it_ends_and_the_promise_stays_missed() -> None:
    case = failed()
    assert case.write(acknowledge(case.instances, at("Mon 16:10"))) == [ENDED]
    assert case.write(acknowledge(case.instances, at("Mon 16:11"))) == []
    assert case.last.status is KpiStatus.NONCOMPLIANT
    assert case.tick("Wed 10:00") == []


def test_a_hold_stops_it_and_moves_its_next_step_by_the_working_time_within() -> None:
    case = failed()
    assert case.hold("Mon 16:20") == [PAUSED]
    assert due(case) == []
    assert case.tick("Tue 09:30") == []
    assert case.resume("Tue 10:00") == [GOES_ON]
    # 40 minutes on Monday and an hour on Tuesday.
    assert due(case) == [(ClockKind.ESCALATION, at("Tue 10:10"))]
    assert case.tick("Tue 10:10") == [E]


def test_an_instance_of_an_earlier_release_has_none() -> None:
    case = failed()
    body = case.last.model_dump(mode="json")
    del body["escalation"], body["matched"]
    assert not KpiInstance.model_validate(body).is_escalating


# ---- promises that begin anew ----------------------------------------------------------------------------------------


def answered(created: str = "Mon 10:00") -> Promises:
    case = Promises(NEXT, created)
    case.facts["case.answered_on"] = None
    return case


def test_each_answer_keeps_the_promise_and_begins_the_next() -> None:
    case = answered()
    assert case.at("Mon 10:00") == []
    assert case.at("Mon 11:00", answered_on=at("Mon 11:00")) == [C]
    assert (case.last.warning_at, case.last.failure_at) == (at("Mon 14:00"), at("Mon 15:00"))
    assert case.at("Mon 13:00", answered_on=at("Mon 13:00")) == [S, C]
    first, second = case.instances
    assert (first.status, first.succeeded_on) == (KpiStatus.SUCCEEDED, at("Mon 13:00"))
    assert (second.applicable_from, second.failure_at) == (at("Mon 13:00"), at("Mon 17:00"))


def test_a_missed_one_stays_missed_and_the_late_answer_begins_the_next() -> None:
    case = answered()
    case.at("Mon 10:00", answered_on=at("Mon 10:00"))
    assert case.tick("Mon 13:00") == [W]
    assert case.tick("Mon 14:00") == [F]
    assert case.at("Mon 16:00", answered_on=at("Mon 16:00")) == [C]
    assert [each.status for each in case.instances] == [KpiStatus.NONCOMPLIANT, KpiStatus.IN_PROGRESS]
    assert case.last.failure_at == at("Tue 12:00")
    assert case.at("Mon 16:30", status="resolved") == [S]


def test_an_answer_that_did_not_last_brings_the_earlier_deadline_back() -> None:
    case = answered()
    case.at("Mon 10:00", answered_on=at("Mon 10:00"))
    case.at("Mon 12:00", answered_on=at("Mon 12:00"))
    assert case.at("Mon 12:01", answered_on=at("Mon 10:00")) == [X, C]
    assert (case.last.applicable_from, case.last.failure_at) == (at("Mon 10:00"), at("Mon 14:00"))


@pytest.mark.parametrize("begins", ["created_on", "modified_on"])
def test_what_never_moves_or_always_does_cannot_repeat(begins: str) -> None:
    item = {"name": "x", "kpi": "x", "success": ANSWERED, "fail_after": "1 hour", "repeats": True}
    with pytest.raises(ValueError, match="'repeats' says nothing with"):
        SlaItem.model_validate({**item, "applicable_from": begins})


# ---- shares, and instants of one's own -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calendar", "fail", "share", "warned"),
    [
        (None, "10 hours", "80%", "Tue 00:00"),
        ("office", "4 hours", "50%", "Tue 10:00"),
        # From Monday 16:00 to Tuesday 16:00 are eight working hours.
        ("office", "1 business day", "12.5%", "Mon 17:00"),
        ("office", "1 business day", "80%", "Tue 14:24"),
    ],
)
def test_a_share_to_warn_at_is_one_of_the_working_time(
    calendar: str | None, fail: str, share: str, warned: str
) -> None:
    item = {"name": "x", "kpi": "x", "success": ANSWERED, "fail_after": fail, "warn_after": share}
    case = Promises(sla("gold", item | ({"business_hours": calendar} if calendar else {})), "Mon 16:00")
    case.at("Mon 16:00")
    assert case.last.warning_at == at(warned)


@pytest.mark.parametrize(
    ("calendar", "warn", "fail", "stands"),
    [
        (None, "24 hours", "1 day", False),
        (None, "30 hours", "1 day", False),
        (None, "2 days", "40 hours", False),
        (None, "23 hours", "1 day", True),
        (None, "1 day", "25 hours", True),
        ("24x7", "30 hours", "1 day", False),
        ("office", "30 hours", "20 hours", False),
        # By a calendar it depends on the week; the failure comes first there.
        ("office", "30 hours", "1 day", True),
    ],
)
def test_a_warning_comes_before_the_failure(calendar: str | None, warn: str, fail: str, *, stands: bool) -> None:
    body = {"name": "x", "kpi": "x", "success": ANSWERED, "fail_after": fail, "warn_after": warn}
    if stands:
        sla("gold", body | {"business_hours": calendar})
    else:
        with pytest.raises(ValueError, match="'warn_after' must be shorter than 'fail_after'"):
            sla("gold", body | {"business_hours": calendar})


@pytest.mark.parametrize("wrong", ["0%", "100%", "120%", "-1%", "%", "80 percent", "1e1%", "33.333%"])
def test_a_share_is_more_than_nothing_and_less_than_all(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"is no share|is not a span"):
        SlaItem.model_validate(
            {"name": "x", "kpi": "x", "success": ANSWERED, "fail_after": "1 hour", "warn_after": wrong}
        )
    assert str(Share.model_validate("80 %")) == "80%"
    assert Share.model_validate("80%").percent == 80


@pytest.mark.parametrize(
    ("value", "applies"),
    [
        ("2026-03-02T12:00:00+01:00", True),
        ("2026-03-02T11:00:00Z", True),
        ("2026-03-02", False),
        ("2026-03-02T11:00:00", False),
        ("0001-01-01T00:00:00+14:00", False),
        ("soon", False),
        (5, False),
        (None, False),
    ],
)
def test_a_promise_may_count_from_a_custom_field_that_holds_an_instant(value: Any, applies: bool) -> None:
    item = {
        "name": "x", "kpi": "x", "applicable_from": "custom.delivered", "success": ANSWERED, "fail_after": "1 hour",
    }  # fmt: skip
    case = Promises(sla("gold", item), "Mon 10:00")
    assert case.at("Mon 11:00", **{"custom.delivered": value}) == ([C] if applies else [])
    assert (custom_instant(value) is not None) is applies
    if applies:
        assert case.last.failure_at == at("Mon 12:00")


def test_while_slas_are_switched_off_nothing_begins_and_what_runs_runs_on() -> None:
    case = failed()
    off = case.terms.model_copy(update={"switched_off": True})
    fresh = Promises(ESCALATED, "Mon 10:00", switched_off=True)
    assert fresh.at("Mon 10:00") == []
    case.terms = off
    assert case.tick("Mon 16:30") == [E]
