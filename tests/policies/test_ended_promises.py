"""Promises that have ended stay ended, but for what a setting, a reopening or an undelivered letter begins again."""

from __future__ import annotations

from typing import Any

import pytest

from models.messages.kpi import ChangeKind
from models.messages.slas import KpiStatus
from policies.kpi import reinstate
from tests.policies.promises import (
    NORMAL_ITEM,
    RESOLUTION,
    RESOLUTION_ITEM,
    RESPONSE,
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


@pytest.mark.parametrize("end", ["resolved", "cancelled", "late"])
def test_ended_promises_stay_ended_unless_recalculation_is_on(end: str) -> None:
    def closed(recalculate: bool) -> Promises:
        case = Promises(RESOLUTION, "Mon 10:00", recalculate_on_terminal=recalculate, reinstate_on_reactivation=False)
        case.at("Mon 10:00")
        case.at("Wed 10:00" if end == "late" else "Mon 12:00", status="cancelled" if end == "cancelled" else "resolved")
        return case

    for case in (closed(False), closed(True)):
        kinds = case.at("Thu 10:00", status="active", reactivated_on=at("Thu 10:00"))
        if not case.terms.recalculate_on_terminal:
            assert kinds == []
            assert case.at("Fri 10:00", priority="high") == []
            assert len(case.instances) == 1
        else:
            kept = case.instances[0]
            assert kinds == [C]
            assert kept.status is {
                "resolved": KpiStatus.SUCCEEDED, "cancelled": KpiStatus.CANCELLED, "late": KpiStatus.NONCOMPLIANT,
            }[end]  # fmt: skip
            assert (case.last.applicable_from, case.last.failure_at) == (at("Thu 10:00"), at("Fri 10:00"))
            assert case.at("Thu 11:00", status="resolved") == [S]


AGAIN = ChangeKind.REINSTATED


def cancelled(*items: dict[str, Any], on: str = "Mon 10:05", **terms: Any) -> Promises:
    case = Promises(sla("gold", *items), "Mon 10:00", **terms)
    case.at("Mon 10:00")
    case.at(on, status="cancelled", status_reason="cancelled")
    return case


def reactivated(case: Promises, on: str, **facts: Any) -> list[ChangeKind]:
    given: dict[str, Any] = {"status": "active", "status_reason": "in-progress", "reactivated_on": at(on)}
    return case.at(on, **(given | facts))


def test_a_cancellation_that_did_not_last_wipes_no_promise_out() -> None:
    case = cancelled(NORMAL_ITEM, RESOLUTION_ITEM)
    before = [(instance.id, instance.failure_at) for instance in case.instances]
    assert reactivated(case, "Mon 10:30") == [AGAIN, AGAIN]
    assert [(instance.id, instance.failure_at) for instance in case.instances] == before
    assert all(instance.is_running and instance.cancelled_on is None for instance in case.instances)
    assert case.tick("Mon 11:00") == [F]
    assert case.at("Mon 12:00", status="resolved") == [S]


def test_its_deadline_may_have_passed_meanwhile() -> None:
    case = cancelled(NORMAL_ITEM)
    assert reactivated(case, "Tue 10:00") == [AGAIN, F]
    assert case.last.failed_on == at("Mon 11:00")


def test_a_success_that_came_meanwhile_counts() -> None:
    case = cancelled(NORMAL_ITEM)
    assert reactivated(case, "Mon 10:30", first_response_sent=True) == [AGAIN, S]


def test_a_hold_before_the_cancellation_still_counts_and_one_after_it_pauses() -> None:
    case = Promises(sla("gold", NORMAL_ITEM), "Mon 10:00")
    case.at("Mon 10:00")
    case.hold("Mon 10:10")
    case.at("Mon 10:20", status="cancelled", status_reason="cancelled")
    assert reactivated(case, "Mon 10:30", status_reason="on-hold") == [AGAIN, P]
    assert case.resume("Mon 10:40") == [R]
    assert case.last.failure_at == at("Mon 11:20")


def test_another_item_that_applies_now_begins_instead() -> None:
    case = cancelled(URGENT_ITEM, NORMAL_ITEM)
    assert reactivated(case, "Mon 10:06", priority="high") == [C]
    assert (case.last.item_name, case.last.failure_at) == ("Urgent", at("Mon 10:15"))


def test_twice_cancelled_is_twice_reinstated() -> None:
    case = cancelled(NORMAL_ITEM)
    for minute in (10, 20):
        assert reactivated(case, f"Mon 10:{minute}") == [AGAIN]
        assert case.at(f"Mon 10:{minute + 5}", status="cancelled") == [X]
    assert len(case.instances) == 1


def test_what_a_resolution_ended_stays_ended() -> None:
    case = Promises(sla("gold", NORMAL_ITEM), "Mon 10:00")
    case.at("Mon 10:00")
    assert case.at("Mon 10:05", status="resolved") == [X]
    assert reactivated(case, "Mon 10:06") == []


@pytest.mark.parametrize(
    ("terms", "kinds"),
    [({"reinstate_on_reactivation": False}, []), ({"recalculate_on_terminal": True}, [C])],
)
def test_reinstating_is_a_setting_and_recalculation_goes_before_it(
    terms: dict[str, Any], kinds: list[ChangeKind]
) -> None:
    assert reactivated(cancelled(NORMAL_ITEM, **terms), "Mon 10:30") == kinds


def test_a_kept_promise_that_still_holds_is_not_made_again_on_reopening() -> None:
    case = Promises(RESPONSE, "Mon 10:00", recalculate_on_terminal=True)
    case.at("Mon 10:00")
    case.at("Mon 10:10", first_response_sent=True)
    case.at("Mon 11:00", status="resolved")
    assert case.at("Tue 10:00", status="active", reactivated_on=at("Tue 10:00")) == []


def test_recalculation_gives_a_failed_promise_to_another_item() -> None:
    def failed_then_normal(recalculate: bool) -> tuple[Promises, list[ChangeKind]]:
        case = Promises(RESPONSE, "Mon 10:00", recalculate_on_terminal=recalculate)
        case.at("Mon 10:00", priority="high")
        assert case.tick("Mon 10:15") == [F]
        return case, case.at("Mon 10:30", priority="normal")

    assert failed_then_normal(False)[1] == []
    case, kinds = failed_then_normal(True)
    assert kinds == [C]
    assert case.last.failure_at == at("Mon 11:00")
    assert case.at("Mon 10:45") == []


def test_in_a_reopened_case_every_new_instance_counts_from_the_reopening() -> None:
    case = Promises(RESPONSE, "Mon 10:00", recalculate_on_terminal=True)
    case.at("Mon 10:00")
    case.at("Mon 10:01", status="resolved")
    assert case.at("Mon 12:00", status="active", reactivated_on=at("Mon 12:00")) == [C]
    assert case.at("Mon 12:01", priority="high") == [X, C]
    assert case.last.failure_at == at("Mon 12:15")


@pytest.mark.parametrize(
    ("pressed", "bounced", "kinds", "status"),
    [
        ("Mon 10:05", "Mon 10:07", ["reinstated"], KpiStatus.IN_PROGRESS),
        ("Mon 10:05", "Mon 10:12", ["reinstated", "warned"], KpiStatus.NEARING),
        ("Mon 10:12", "Mon 10:14", ["reinstated"], KpiStatus.NEARING),
        ("Mon 10:05", "Mon 12:00", ["reinstated", "failed"], KpiStatus.NONCOMPLIANT),
    ],
)
def test_an_undelivered_first_response_runs_again_with_its_first_deadline(
    pressed: str, bounced: str, kinds: list[str], status: KpiStatus
) -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    case.tick(pressed)
    assert case.at(pressed, first_response_sent=True) == [S]
    assert case.write(reinstate(case.terms, case.last, at(bounced))) == kinds
    assert (case.last.status, case.last.succeeded_on) == (status, None)
    assert case.last.failure_at == at("Mon 10:15")
    assert case.at(bounced, first_response_sent=False) == []
    assert len(set(case.done)) == len(case.done)


def test_only_a_kept_promise_can_be_reinstated() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00")
    with pytest.raises(ValueError, match="only a succeeded one"):
        reinstate(case.terms, case.last, at("Mon 10:01"))
