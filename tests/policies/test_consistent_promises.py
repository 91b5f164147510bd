"""Whatever happens to a case, in whatever order: its promises stay consistent."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.messages.slas import Cancellation, KpiStatus
from policies.business_time import business_between
from policies.kpi import evaluate_kpis, lapse, next_clocks
from tests.policies.promises import CASE, NORMAL_ITEM, RESOLUTION_ITEM, URGENT_ITEM, Promises, at, sla


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
