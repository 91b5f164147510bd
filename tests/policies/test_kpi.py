"""KPI instances against literal instants: how a promise begins, waits, warns, is kept, broken and called off.

Monday is 2026-03-02. The office works from 09:00 to 17:00 UTC, Monday to Friday.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.messages.calendars import Calendar
from models.messages.cases import SlaState
from models.messages.kpi import Change, ChangeKind, SlaTerms
from models.messages.slas import Cancellation, ClockKind, KpiDefinition, KpiInstance, KpiStatus, Pin, SlaDefinition
from policies.business_time import business_between
from policies.kpi import after, evaluate_kpis, lapse, next_clocks, recompute, reinstate, sla_state

CASE = UUID("0192f1c4-0000-7000-8000-000000000001")
URGENT = {"all": [{"field": "case.priority", "value": "high"}]}
ANSWERED = {"all": [{"field": "case.first_response_sent", "value": True}]}
RESOLVED = {"all": [{"field": "case.status", "value": "resolved"}]}

OFFICE_HOURS = {
    day: [{"from": "09:00", "to": "17:00"}] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
}
OFFICE = Calendar.model_validate({"slug": "office", "time_zone": "UTC", "hours": OFFICE_HOURS})
HOLIDAY = Calendar.model_validate(
    {"slug": "office", "time_zone": "UTC", "hours": OFFICE_HOURS, "holidays": ["2026-03-03"]}
)
URGENT_ITEM: dict[str, Any] = {
    "name": "Urgent",
    "kpi": "first-response",
    "applicable_when": URGENT,
    "success": ANSWERED,
    "warn_after": "10 minutes",
    "fail_after": "15 minutes",
    "actions": [
        {"on": "warning", "do": "notify", "to": "owner"},
        {"on": "failure", "do": "escalate"},
        {"on": "failure", "do": "notify", "to": "chief@example.com"},
        {"on": "success", "do": "notify", "to": "owner"},
    ],
}
NORMAL_ITEM: dict[str, Any] = {
    "name": "Normal", "kpi": "first-response", "success": ANSWERED, "fail_after": "60 minutes",
}  # fmt: skip
RESOLUTION_ITEM: dict[str, Any] = {
    "name": "Resolution", "kpi": "resolution", "success": RESOLVED, "business_hours": "office",
    "warn_after": "6 hours", "fail_after": "8 business hours",
}  # fmt: skip
GOLD, GOLD_2, SILVER = Pin(slug="gold", version=1), Pin(slug="gold", version=2), Pin(slug="silver", version=1)


def sla(slug: str, *items: dict[str, Any]) -> SlaDefinition:
    return SlaDefinition.model_validate({"slug": slug, "name": slug, "items": items})


RESPONSE = sla("gold", URGENT_ITEM, NORMAL_ITEM)
RESOLUTION = sla("gold", RESOLUTION_ITEM)


def at(text: str) -> datetime:
    """`Mon 10:00`, of the week of 2 March 2026; seconds may follow."""
    day, _, time = text.partition(" ")
    date = 2 + ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(day)
    return datetime.fromisoformat(f"2026-03-{date:02}T{time}+00:00")


class Promises:
    """A case's facts and instances. Evaluates, checks that doing so again changes nothing, and remembers actions."""

    def __init__(self, definition: SlaDefinition, created: str, **terms: Any) -> None:
        self.terms = SlaTerms(
            in_force=GOLD,
            slas={GOLD: definition},
            calendars={Pin(slug="office", version=1): OFFICE},
            calendar_versions={"office": 1},
            pause_reasons=frozenset({"on-hold"}),
        ).model_copy(update=terms)
        self.facts: dict[str, Any] = {
            "case.status": "active",
            "case.status_reason": "in-progress",
            "case.priority": "normal",
            "case.first_response_sent": False,
            "case.created_on": at(created),
            "case.escalated_on": None,
        }
        self.instances: tuple[KpiInstance, ...] = ()
        self.done: list[str] = []

    def at(self, now: str, since: str | None = None, **facts: Any) -> list[ChangeKind]:
        self.facts |= {f"case.{name}": value for name, value in facts.items()}
        changes = evaluate_kpis(
            self.terms, self.instances, self.facts, at(now), case=CASE, since=at(since) if since else None
        )
        kinds = self.write(changes)
        assert evaluate_kpis(self.terms, self.instances, self.facts, at(now), case=CASE) == ()
        assert lapse(self.terms, self.instances, at(now)) == ()
        return kinds

    def write(self, changes: tuple[Change, ...]) -> list[ChangeKind]:
        self.instances = after(self.instances, changes)
        keys = [action.key for change in changes for action in change.actions]
        assert len(set(keys)) == len(keys)
        self.done += keys
        return [change.kind for change in changes]

    def tick(self, now: str) -> list[ChangeKind]:
        kinds = self.write(lapse(self.terms, self.instances, at(now)))
        assert lapse(self.terms, self.instances, at(now)) == ()
        return kinds

    @property
    def last(self) -> KpiInstance:
        return self.instances[-1]

    def hold(self, now: str) -> list[ChangeKind]:
        return self.at(now, status_reason="on-hold")

    def resume(self, now: str) -> list[ChangeKind]:
        return self.at(now, status_reason="in-progress")


C, P, R, S, X, W, F = (
    ChangeKind.CREATED, ChangeKind.PAUSED, ChangeKind.RESUMED, ChangeKind.SUCCEEDED, ChangeKind.CANCELLED,
    ChangeKind.WARNED, ChangeKind.FAILED,
)  # fmt: skip


# ---- beginning -------------------------------------------------------------------------------------------------------


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


# ---- deadlines -------------------------------------------------------------------------------------------------------


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


# ---- holds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("began", "ended", "warning", "failure", "held"),
    [
        pytest.param("Mon 18:00", "Tue 08:00", "Mon 16:00", "Tue 10:00", 0, id="4.4: wholly outside hours"),
        pytest.param("Mon 11:00", "Mon 13:00", "Tue 10:00", "Tue 12:00", 2, id="4.4: within hours"),
        pytest.param("Mon 15:30", "Mon 20:00", "Tue 09:30", "Tue 11:30", 1.5, id="4.4: in hours, resumed out of them"),
        pytest.param("Mon 20:00", "Tue 09:30", "Mon 16:00", "Tue 10:30", 0.5, id="4.4: out of hours, resumed in them"),
        pytest.param("Mon 15:00", "Tue 07:00", "Tue 10:00", "Tue 12:00", 2, id="row 27: 2 business, 14 other hours"),
        pytest.param("Mon 16:30", "Tue 10:00", "Mon 16:00", "Tue 11:30", 1.5, id="after the warning: it stays"),
        pytest.param("Mon 16:00", "Mon 17:00", "Mon 16:00", "Tue 11:00", 1, id="at the warning: it stays"),
        pytest.param("Mon 12:00", "Fri 12:00", "Fri 16:00", "Mon+7 10:00", 32, id="over days"),
        pytest.param("Fri 10:00", "Sun 10:00", "Fri 16:00", "Mon+7 10:00", None, id="over a weekend"),
    ],
)
def test_a_hold_moves_the_deadlines_by_its_business_time(
    began: str, ended: str, warning: str, failure: str, held: float | None
) -> None:
    created = "Fri 09:00" if began.startswith("Fri") else "Mon 10:00"
    case = Promises(RESOLUTION, created)
    case.at(created)
    case.tick(began)
    assert case.hold(began)[-1:] == [P]
    assert next_clocks(case.instances) == ()
    assert case.tick(ended) == []
    assert case.resume(ended)[:1] == [R]
    if held is not None:
        assert case.last.warning_at == at(warning)
        assert case.last.failure_at == (
            at("Mon 10:00") + timedelta(days=7) if failure == "Mon+7 10:00" else at(failure)
        )
        assert case.last.held_seconds == held * 3600
    else:
        # Seven of the Friday's eight hours were held: one was used before, so the rest lies on the Monday after.
        assert case.last.held_seconds == 7 * 3600
        assert case.last.warning_at == at("Mon 14:00") + timedelta(days=7)
        assert case.last.failure_at == at("Mon 16:00") + timedelta(days=7)
    assert [(hold.began, hold.ended) for hold in case.last.holds] == [(at(began), at(ended))]
    assert case.last.paused_on is None


def test_holds_add_up_and_the_instance_stays_one_row() -> None:
    case = Promises(RESOLUTION, "Mon 10:00")
    case.at("Mon 10:00")
    for began, ended in (("Mon 11:00", "Mon 12:00"), ("Mon 13:00", "Mon 13:30"), ("Mon 16:00", "Mon 23:00")):
        assert case.hold(began) == [P]
        assert case.resume(ended) == [R]
    assert len(case.instances) == 1
    assert case.last.held_seconds == 2.5 * 3600
    assert (case.last.warning_at, case.last.failure_at) == (at("Tue 10:30"), at("Tue 12:30"))


def test_a_paused_instance_does_not_fail_and_goes_on_where_it_was() -> None:
    case = Promises(RESPONSE, "Mon 10:00")
    case.at("Mon 10:00", priority="high")
    case.hold("Mon 10:12")
    assert case.done == [f"{case.last.id}/warning/0"]
    assert case.tick("Thu 10:00") == []
    assert case.resume("Thu 10:00") == [R]
    assert (case.last.status, case.last.failure_at) == (KpiStatus.NEARING, at("Thu 10:03"))
    assert case.tick("Thu 10:03") == [F]
    assert case.done.count(f"{case.last.id}/warning/0") == 1


def test_a_deadline_that_has_come_is_not_escaped_by_a_hold() -> None:
    for now in ("Mon 10:15", "Mon 10:20"):
        case = Promises(RESPONSE, "Mon 10:00")
        case.at("Mon 10:00", priority="high")
        assert case.hold(now) == [F]


def test_success_on_hold_ends_the_hold_and_shows_it() -> None:
    case = Promises(RESOLUTION, "Mon 10:00")
    case.at("Mon 10:00")
    case.hold("Mon 12:00")
    assert case.at("Wed 12:00", status="resolved", status_reason="problem-solved") == [S]
    assert (case.last.succeeded_on, case.last.paused_on) == (at("Wed 12:00"), None)
    assert case.last.held_seconds == 16 * 3600


@pytest.mark.parametrize(
    ("item", "kpi", "held"),
    [
        pytest.param(None, None, True, id="the desk's list"),
        pytest.param(None, "research", False, id="the KPI outranks the desk"),
        pytest.param("research", None, False, id="the item outranks the desk"),
        pytest.param("other", "research", True, id="the item outranks the KPI"),
        pytest.param("never", None, False, id="pausing not allowed"),
    ],
)
def test_the_most_specific_pause_rule_wins(item: str | None, kpi: str | None, held: bool) -> None:
    def stage(name: str) -> dict[str, Any]:
        return {"all": [{"field": "case.stage", "value": name}]}

    change = {None: {}, "never": {"allow_pause": False}}.get(item, {"pause_when": stage(item or "")})
    kpis = (
        {"first-response": KpiDefinition.model_validate({"slug": "r", "name": "R", "pause_when": stage(kpi)})}
        if kpi
        else {}
    )
    case = Promises(sla("gold", NORMAL_ITEM | change), "Mon 10:00", kpis=kpis)
    case.at("Mon 10:00")
    assert case.at("Mon 10:10", status_reason="on-hold", stage="other") == ([P] if held else [])


def test_an_item_may_pause_on_other_fields_than_the_status() -> None:
    waiting = {"any": [{"field": "case.stage", "value": "research"}]}
    case = Promises(sla("gold", NORMAL_ITEM | {"pause_when": waiting}), "Mon 10:00")
    case.at("Mon 10:00")
    assert case.at("Mon 10:10", stage="research") == [P]
    assert case.at("Mon 10:20", status_reason="on-hold") == []
    assert case.at("Mon 10:30", stage="resolve") == [R]
    assert case.last.failure_at == at("Mon 11:20")


# ---- applicability, another SLA, closing -----------------------------------------------------------------------------


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


# ---- ended promises --------------------------------------------------------------------------------------------------


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


# ---- calendars -------------------------------------------------------------------------------------------------------


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


# ---- whatever happens ------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 600),
            st.sampled_from(
                [
                    {"priority": "high"}, {"priority": "normal"}, {"status_reason": "on-hold"},
                    {"status_reason": "in-progress"}, {"first_response_sent": True}, {"status": "resolved"},
                    {"status": "cancelled"}, {"status": "active"}, {},
                ]
            ),
        ),
        max_size=12,
    ),
    st.booleans(),
)  # fmt: skip
def test_whatever_happens_the_promises_stay_consistent(
    steps: list[tuple[int, dict[str, Any]]], recalculate: bool
) -> None:
    case = Promises(
        sla("gold", URGENT_ITEM, NORMAL_ITEM, RESOLUTION_ITEM), "Mon 10:00", recalculate_on_terminal=recalculate
    )
    now = at("Mon 10:00")
    for minutes, facts in ((0, {}), *steps):
        now += timedelta(minutes=minutes)
        if facts == {"status": "active"} and case.facts["case.status"] != "active":
            facts = facts | {"reactivated_on": now}
        ended = {i.id: i for i in case.instances if not i.is_open}
        if facts.get("status") == "active":
            # Only what a cancellation ended may begin again.
            ended = {id: i for id, i in ended.items() if i.cancelled_for is not Cancellation.CASE_CANCELLED}
        case.facts |= {f"case.{name}": value for name, value in facts.items()}
        case.write(evaluate_kpis(case.terms, case.instances, case.facts, now, case=CASE))
        assert evaluate_kpis(case.terms, case.instances, case.facts, now, case=CASE) == ()
        assert lapse(case.terms, case.instances, now) == ()
        assert all(i == ended[i.id] for i in case.instances if i.id in ended), "an ended instance changed"
        still_open = [i.kpi for i in case.instances if i.is_open]
        assert len(set(still_open)) == len(still_open)
        assert all(clock.due > now for clock in next_clocks(case.instances))
        if case.facts["case.status"] != "active":
            assert not still_open
        for i in case.instances:
            calendar = case.terms.calendar(i.calendar)
            active = business_between(calendar, i.applicable_from, i.failure_at) - timedelta(seconds=i.held_seconds)
            assert active == timedelta(hours=8) if i.kpi == "resolution" else active > timedelta(0)
            assert i.failed_on is None or i.failed_on == i.failure_at
            assert (i.paused_on is not None) == (i.status is KpiStatus.PAUSED)
            assert [i.succeeded_on, i.failed_on, i.cancelled_on].count(None) == (3 if i.is_open else 2)
    assert len(set(case.done)) == len(case.done)
    assert now.tzinfo is UTC
