"""PATCH on a case, through desk and workflow: fields, and what follows from them (domain 1.1, 3.3, 3.5, 4.3, 4.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.messages.api_cases import CancelBody, ChangeBody, HoldBody, ReactivateBody, ResolveBody
from models.messages.cases import CommandKind
from storage.definitions import DefinitionKind
from tests.support.desks import Desk
from tests.support.organisations import add, balance, customer, settings
from tests.support.refusals import problem, refusal

CONTRACTS = "tests/organisations/contracts.yaml"


async def change(desk: Desk, number: str, **fields: Any) -> None:
    await desk.send("grace", number, CommandKind.CHANGE, ChangeBody(**fields))


async def test_only_what_is_given_changes_and_the_timeline_tells_old_and_new(desk: Desk) -> None:
    number = await desk.open(severity="minor")
    await change(desk, number, title="It pairs with nothing", severity=None, custom={"device": "N-1", "age": 3})
    await change(desk, number, custom={"age": None}, subject="audio", escalated=True)
    case = await desk.case(number)
    assert (case.title, case.severity, case.custom, case.subject) == (
        "It pairs with nothing",
        None,
        {"device": "N-1"},
        "audio",
    )
    assert case.escalated
    assert case.escalated_on is not None
    first, second = await desk.timeline(number, "changed")
    assert first.data["changes"]["severity"] == ["minor", None]
    assert set(second.data["changes"]) == {"custom", "subject", "escalated"}
    for field, value in (("priority", "urgent"), ("case_type", "riddle"), ("origin", "owl"), ("product", "lamp")):
        error = await refusal(change(desk, number, **{field: value}))
        assert (error.status, getattr(error, "field", None)) == (422, field)
    assert (await desk.case(number)).version == case.version


async def test_a_new_customer_clears_the_entitlement_and_their_own_applies(desk: Desk) -> None:
    await add(desk, CONTRACTS)
    number = await desk.open()
    assert (await desk.case(number)).sla == "gold"
    await change(desk, number, customer="borealis")
    case = await desk.case(number)
    assert case.entitlement_id == (await desk.entitlement("prepaid")).id
    assert await balance(desk, "prepaid") == (2, {"phone": 1, "email": 1, "web": 0})
    # Prepaid has no SLA of its own, and the organisation no default.
    assert case.sla is None
    assert {kpi["status"] for found in (await desk.kpis(number)).values() for kpi in found} == {"cancelled"}

    assert await problem(change(desk, number, contact="casey")) == (422, "invalid"), "of another customer"
    await change(desk, number, customer="aurora")
    assert (await desk.case(number)).entitlement_id == (await desk.entitlement("care")).id
    assert await balance(desk, "prepaid") == (3, {"phone": 2, "email": 1, "web": 0})
    assert (await desk.kpis(number))["first-response"][-1]["status"] == "in-progress"


async def test_a_new_origin_moves_the_term_to_its_channel(desk: Desk) -> None:
    await add(desk, CONTRACTS)
    bo = await customer(desk, "borealis")
    number = await desk.open(**bo)
    await change(desk, number, origin="email")
    assert await balance(desk, "prepaid") == (2, {"phone": 2, "email": 0, "web": 0})
    other = await desk.open(**bo)
    error = await refusal(change(desk, other, origin="email"))
    assert (error.status, error.type) == (409, "entitlement-exhausted")
    # Listed with no term at all: forbidden (domain 3.1); not listed: free.
    assert await problem(change(desk, other, origin="web")) == (422, "entitlement-not-applicable")
    assert (await desk.case(other)).origin == "phone"
    assert await balance(desk, "prepaid") == (1, {"phone": 1, "email": 0, "web": 0})
    await change(desk, other, origin="facebook")
    assert await balance(desk, "prepaid") == (1, {"phone": 2, "email": 0, "web": 0})


async def test_the_named_entitlement_must_cover_the_case(desk: Desk) -> None:
    await add(desk, CONTRACTS)
    number = await desk.open(**await customer(desk, "cumulus"), product="speaker")
    assert await problem(change(desk, number, entitlement="care")) == (422, "entitlement-not-applicable")
    assert (await desk.case(number)).entitlement_id == (await desk.entitlement("by-the-hour")).id
    await change(desk, number, entitlement="speakers-only")
    assert (await desk.case(number)).entitlement_id == (await desk.entitlement("speakers-only")).id
    # Checklist 21: a product that the contract does not list.
    assert await problem(change(desk, number, product="headphones")) == (422, "entitlement-not-applicable")
    await change(desk, number, entitlement=None)
    await change(desk, number, product="headphones")
    assert (await desk.case(number)).entitlement_id is None


async def test_a_manual_sla_wins_until_it_is_cleared(desk: Desk) -> None:
    await add(desk, CONTRACTS)
    number = await desk.open()
    await change(desk, number, sla="around-the-clock")
    case = await desk.case(number)
    assert (case.sla, case.sla_source) == ("around-the-clock", "manual")
    gold, other = (await desk.kpis(number))["resolution"]
    assert (gold["status"], gold["cancelled_for"]) == ("cancelled", "sla-replaced")
    assert (other["status"], other["failure_at"]) == ("in-progress", "2031-03-28T09:00:00Z")
    await change(desk, number, customer="borealis")
    await change(desk, number, customer="aurora")
    assert (await desk.case(number)).sla == "around-the-clock"
    assert (await desk.kpis(number))["resolution"][-1] == other
    await change(desk, number, sla=None)
    case = await desk.case(number)
    assert (case.sla, case.sla_source) == ("gold", "entitlement")
    assert await problem(change(desk, number, sla="platinum")) == (422, "invalid")


async def test_the_status_reasons_form_a_graph(desk: Desk) -> None:
    number = await desk.open()
    reasons = {reason.slug: reason.model_dump(mode="json", exclude_none=True) for reason in await _reasons(desk)}
    reasons["researching"]["next"] = ["in-progress", "on-hold"]
    await settings(desk, status_reasons=list(reasons.values()))
    assert await problem(change(desk, number, status_reason="problem-solved")) == (422, "invalid"), "resolve does that"
    await change(desk, number, status_reason="researching")
    error = await refusal(change(desk, number, status_reason="waiting-for-details"))
    assert (error.status, error.type) == (409, "status-reason-forbidden")
    assert error.allowed == ("in-progress", "on-hold")  # type: ignore[attr-defined]
    # The graph binds resolving too (domain 1.1).
    resolve = desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="Solved."))
    assert await problem(resolve) == (409, "status-reason-forbidden")
    assert await problem(desk.send("grace", number, CommandKind.RESUME)) == (409, "status-reason-forbidden")
    await desk.send("grace", number, CommandKind.HOLD, HoldBody())
    case = await desk.case(number)
    assert (case.status_reason, case.last_on_hold is not None) == ("on-hold", True)
    assert (await desk.kpis(number))["resolution"][0]["status"] == "paused"
    await change(desk, number, status_reason="waiting-for-details")
    assert (await desk.kpis(number))["resolution"][0]["status"] == "paused", "from one pause into another"
    await desk.send("grace", number, CommandKind.RESUME)
    assert (await desk.case(number)).status_reason == "in-progress"
    assert (await desk.kpis(number))["resolution"][0]["status"] == "in-progress"


async def test_an_action_of_a_promise_sets_no_priority_that_was_retired_since(desk: Desk) -> None:
    number = await desk.open()
    # The case keeps to the version that it was opened with; a word that one in force says cannot be retired.
    async with desk.house.database.read() as session:
        gold = (await desk.house.definitions.active(session, DefinitionKind.SLA))[DefinitionKind.SLA]["gold"]
    body = gold.body.model_dump(mode="json", exclude_none=True)
    body["items"][1]["actions"] = []
    await add(desk, {"slas": [body]})
    await settings(desk, priorities=["normal", "low"])
    due = datetime.fromisoformat((await desk.kpis(number))["resolution"][0]["failure_at"])
    await desk.forward_to(number, due)
    assert (await desk.kpis(number))["resolution"][0]["status"] == "noncompliant"
    assert (await desk.case(number)).priority == "normal"
    (entry,) = await desk.timeline(number, "not-changed")
    assert entry.text is not None
    assert "high" in entry.text


async def test_a_case_that_was_cancelled_by_mistake_has_its_promises_again(desk: Desk) -> None:
    number = await desk.open()
    before = {kpi: found[0]["failure_at"] for kpi, found in (await desk.kpis(number)).items()}
    await desk.send("grace", number, CommandKind.CANCEL, CancelBody())
    assert {found[0]["status"] for found in (await desk.kpis(number)).values()} == {"cancelled"}
    await desk.send("grace", number, CommandKind.REACTIVATE, ReactivateBody())
    for kpi, found in (await desk.kpis(number)).items():
        assert [(each["status"], each["failure_at"]) for each in found] == [("in-progress", before[kpi])]
    case = await desk.case(number)
    assert (case.next_due is not None, case.sla_state) == (True, "in-progress")
    await desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="Done."))
    assert (await desk.kpis(number))["resolution"][0]["status"] == "succeeded"


async def _reasons(desk: Desk) -> Any:
    async with desk.house.database.read() as session:
        return (await desk.house.definitions.organisation(session)).status_reasons
