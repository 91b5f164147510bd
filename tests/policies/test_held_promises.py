"""What a hold does to a promise: it moves the deadlines by its business time, and says which rule pauses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.messages.slas import KpiDefinition, KpiStatus
from policies.kpi import next_clocks
from tests.policies.promises import NORMAL_ITEM, RESOLUTION, RESPONSE, F, P, Promises, R, S, at, sla


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
