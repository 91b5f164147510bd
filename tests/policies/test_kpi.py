"""KPI instances against literal instants: how a promise begins, warns, is kept or broken, and what the case shows of it.

The week, the office and the case are those of `promises`.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.messages.calendars import Calendar
from models.messages.cases import SlaState
from models.messages.kpi import ChangeKind
from models.messages.slas import ClockKind, KpiStatus, Pin
from policies.kpi import next_clocks, recompute, sla_state
from tests.policies.promises import (
    GOLD,
    NORMAL_ITEM,
    OFFICE_HOURS,
    RESOLUTION,
    RESOLUTION_ITEM,
    RESPONSE,
    URGENT_ITEM,
    C,
    F,
    P,
    Promises,
    S,
    W,
    at,
    sla,
)

HOLIDAY = Calendar.model_validate(
    {"slug": "office", "time_zone": "UTC", "hours": OFFICE_HOURS, "holidays": ["2026-03-03"]}
)


def test_the_first_item_that_applies_makes_one_instance_a_kpi() -> None:
    case = Promises(sla("gold", URGENT_ITEM, NORMAL_ITEM, RESOLUTION_ITEM), "Mon 10:00")
    assert case.at("Mon 10:00", priority="high") == [C, C]
    response, resolution = case.instances
    assert (response.kpi, response.item, response.item_name) == ("first-response", 0, "Urgent")
    assert (response.warning_at, response.failure_at) == (at("Mon 10:10"), at("Mon 10:15"))
    assert (response.sla, response.calendar) == (GOLD, None)
    assert (resolution.warning_at, resolution.failure_at) == (at("Mon 16:00"), at("Tue 10:00"))
    assert resolution.calendar == Pin(slug="office", version=1)
    assert [(clock.kpi, clock.kind, clock.due) for clock in next_clocks(case.instances)] == [
        ("first-response", ClockKind.WARNING, at("Mon 10:10")),
        ("first-response", ClockKind.FAILURE, at("Mon 10:15")),
        ("resolution", ClockKind.WARNING, at("Mon 16:00")),
        ("resolution", ClockKind.FAILURE, at("Tue 10:00")),
    ]


def test_ids_are_the_same_whenever_the_same_evaluation_is_repeated() -> None:
    first, second = Promises(RESPONSE, "Mon 10:00"), Promises(RESPONSE, "Mon 10:00")
    first.at("Mon 10:00")
    second.at("Mon 10:03")
    assert first.last.id == second.last.id


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        pytest.param({"status": "opening"}, [C], id="a case that opens is promised to"),
        pytest.param({"status": "resolved"}, [], id="a closed one is not"),
        pytest.param({"status": "cancelled"}, [], id="nor a cancelled one"),
        pytest.param({"first_response_sent": True}, [], id="nothing is left to promise"),
        pytest.param({"created_on": None}, [], id="no instant to count from"),
        pytest.param({"status_reason": "on-hold"}, [C, P], id="born on hold"),
    ],
)
def test_whether_an_instance_begins(facts: dict[str, Any], kinds: list[ChangeKind]) -> None:
    assert Promises(RESPONSE, "Mon 10:00").at("Mon 10:00", **facts) == kinds


def test_without_an_sla_in_force_nothing_begins() -> None:
    assert Promises(RESPONSE, "Mon 10:00", in_force=None, slas={}).at("Mon 10:00") == []


def test_a_promise_may_count_from_another_instant_once_it_is_there() -> None:
    case = Promises(sla("gold", NORMAL_ITEM | {"applicable_from": "escalated_on"}), "Mon 10:00")
    assert case.at("Mon 10:00") == []
    assert case.at("Mon 12:00", escalated_on=at("Mon 12:00")) == [C]
    assert case.last.failure_at == at("Mon 13:00")
    assert case.at("Mon 12:30", escalated_on=at("Mon 12:30")) == []


def test_facts_without_the_instant_are_a_fault_of_the_caller() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    del case.facts["case.created_on"]
    with pytest.raises(LookupError, match=r"case\.created_on"):
        case.at("Mon 10:00")


def test_an_instance_may_be_born_expired() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    assert case.at("Mon 11:30", priority="high") == [C, F]
    assert (case.last.status, case.last.failed_on) == (KpiStatus.NONCOMPLIANT, at("Mon 10:15"))
    assert case.done == [f"{case.last.id}/failure/1", f"{case.last.id}/failure/2"]


def test_in_progress_nearing_noncompliant_each_action_once() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    assert case.tick("Mon 10:09:59") == []
    assert case.tick("Mon 10:10") == [W]
    assert (case.last.status, case.last.warned_on) == (KpiStatus.NEARING, at("Mon 10:10"))
    assert [clock.kind for clock in next_clocks(case.instances)] == [ClockKind.FAILURE]
    assert case.tick("Mon 10:14:59") == []
    assert case.tick("Mon 10:15") == [F]
    assert (case.last.status, case.last.failed_on) == (KpiStatus.NONCOMPLIANT, at("Mon 10:15"))
    assert case.tick("Tue 10:00") == case.at("Tue 10:00") == []
    assert case.done == [f"{case.last.id}/{event}" for event in ("warning/0", "failure/1", "failure/2")]
    assert next_clocks(case.instances) == ()


def test_a_late_timer_fails_at_the_deadline_and_leaves_out_the_warning() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    assert case.tick("Mon 18:00") == [F]
    assert case.last.failed_on == at("Mon 10:15")


def test_without_a_warning_duration_it_is_never_nearing() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00")
    assert case.last.warning_at is None
    assert case.tick("Mon 10:59:59") == []
    assert case.tick("Mon 11:00") == [F]


@pytest.mark.parametrize(
    ("now", "since", "kinds", "status"),
    [
        ("Mon 10:05", None, [S], KpiStatus.SUCCEEDED),
        ("Mon 10:12", None, [S], KpiStatus.SUCCEEDED),
        ("Mon 10:15", None, [S], KpiStatus.SUCCEEDED),
        ("Mon 10:15:00.000001", None, [F], KpiStatus.NONCOMPLIANT),
        ("Mon 12:00", None, [F], KpiStatus.NONCOMPLIANT),
        pytest.param("Mon 10:15:05", "Mon 10:14:55", [S], KpiStatus.SUCCEEDED, id="pressed send in time"),
        pytest.param("Mon 10:15:15", "Mon 10:15:05", [F], KpiStatus.NONCOMPLIANT, id="pressed send too late"),
    ],
)
def test_success_counts_up_to_the_failure_instant(
    now: str, since: str | None, kinds: list[ChangeKind], status: KpiStatus
) -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    assert case.at(now, since, first_response_sent=True) == kinds
    assert case.last.status is status
    assert case.last.succeeded_on == (at(since or now) if status is KpiStatus.SUCCEEDED else None)
    assert all("/warning/" not in key for key in case.done)


def test_a_changed_calendar_reaches_instances_by_recompute_alone() -> None:
    case = Promises(RESOLUTION, "Mon 10:00")
    case.at("Mon 10:00")
    case.hold("Mon 11:00")
    office = Pin(slug="office", version=2)
    case.terms = case.terms.model_copy(
        update={"calendars": {**case.terms.calendars, office: HOLIDAY}, "calendar_versions": {"office": 2}}
    )
    case.resume("Mon 12:00")
    assert case.last.failure_at == at("Tue 11:00")
    preview = recompute(case.terms, case.instances, at("Mon 12:30"))
    assert [change.instance.failure_at for change in preview] == [at("Wed 11:00")]
    assert case.write(preview) == [ChangeKind.RECOMPUTED]
    assert case.last.calendar == office
    assert recompute(case.terms, case.instances, at("Mon 12:30")) == ()


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ([], SlaState.NONE),
        (["cancelled"], SlaState.NONE),
        (["succeeded", "paused"], SlaState.PAUSED),
        (["succeeded", "in-progress", "paused"], SlaState.IN_PROGRESS),
        (["nearing-noncompliance", "in-progress"], SlaState.NEARING),
        (["noncompliant", "succeeded"], SlaState.NONCOMPLIANT),
    ],
)
def test_the_state_of_a_case_is_its_worst_promise(statuses: list[str], state: SlaState) -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00")
    assert sla_state([case.last.model_copy(update={"status": KpiStatus(status)}) for status in statuses]) is state
