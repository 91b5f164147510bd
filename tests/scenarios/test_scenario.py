"""The scenario that must always work (design), against the budget of its history."""

from __future__ import annotations

from decimal import Decimal

from models.messages.cases import CaseStatus
from tests.support.correspondence import mails_of
from tests.support.desks import Desk
from tests.support.scenario import Scenario, kinds
from tests.support.searching import out_of_step

EVENTS_AT_MOST = 70


async def test_one_mail_becomes_one_resolved_case_and_fourteen_remain(desk: Desk) -> None:
    scenario = Scenario(desk)
    number = await scenario.play()
    case = await desk.case(number)
    assert (case.status, case.status_reason, case.origin) == (CaseStatus.RESOLVED, "problem-solved", "email")

    why = {entry.kind: entry.data for entry in await desk.timeline(number)}
    assert why["routed"]["rule"] == "Gold customers"
    assert why["sla"]["sla"] == "gold"
    assert why["opened"]["rule"] == "mail-to-support"
    assert why["entitlement"]["entitlement"] == "care"
    kpis = await desk.kpis(number)
    assert {kpi: [each["status"] for each in found] for kpi, found in kpis.items()} == {
        "first-response": ["succeeded"],
        "resolution": ["succeeded"],
    }
    assert kpis["first-response"][0]["failure_at"] == "2031-03-27T09:15:00Z"
    # Question and confirmation came in; acknowledgement and article left.
    assert (await mails_of(desk, number), await mails_of(desk, number, "out")) == (2, 2)

    (entry,) = await desk.ledger()
    assert (entry.case_id, entry.event, entry.terms) == (case.id, "resolved", Decimal(-1))
    assert (await desk.entitlement("care")).remaining_terms == 14

    history = await desk.settled(number)
    found = kinds(history)
    assert found["WORKFLOW_EXECUTION_COMPLETED"] == 1
    assert found["ACTIVITY_TASK_SCHEDULED"] == 0, "a step fell back to an ordinary activity"
    assert len(history.events) <= EVENTS_AT_MOST, f"{len(history.events)} events: {scenario.events}; {found}"
    assert await out_of_step(desk.house.database) == []  # a search finds all of it
