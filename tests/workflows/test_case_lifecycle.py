"""Resolve, cancel, reactivate, through desk and workflow (domain 1.2, 1.3, 3.4, 4.2; checklist 1 to 5, 18, 20, 29)."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from models.messages.api_cases import ActivityBody, CancelBody, ChangeBody, NoteBody, ReactivateBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.records.cases import CaseResolution
from models.records.timeline import Activity
from tests.support.desks import Desk
from tests.support.organisations import add, balance, customer, settings
from tests.support.refusals import problem, refusal

CONTRACTS = "tests/organisations/contracts.yaml"
RESOLVE, CANCEL, REACTIVATE = CommandKind.RESOLVE, CommandKind.CANCEL, CommandKind.REACTIVATE


async def resolve(desk: Desk, number: str, minutes: int = 0, confirm: bool = False) -> None:
    body = ResolveBody(resolution="Solved.", billable_minutes=minutes, cancel_open_activities=confirm)
    await desk.send("grace", number, RESOLVE, body)


async def cancel(desk: Desk, number: str) -> None:
    await desk.send("grace", number, CANCEL, CancelBody())


async def reactivate(desk: Desk, number: str) -> None:
    await desk.send("grace", number, REACTIVATE, ReactivateBody())


async def test_resolving_asks_before_it_cancels_open_activities(desk: Desk) -> None:
    number = await desk.open()
    for title in ("Call back", "Measure"):
        await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title=title, duration_minutes=20))
    error = await refusal(resolve(desk, number))
    assert (error.status, error.type) == (409, "open-activities")
    assert "2 open activities" in error.detail
    await resolve(desk, number, minutes=15, confirm=True)
    async with desk.house.database.read() as session:
        assert set(await session.scalars(select(Activity.status))) == {"cancelled"}
        (kept,) = await session.scalars(select(CaseResolution))
    # Cancelled activities were no time spent on the case.
    assert (kept.resolution_type, kept.total_minutes, kept.billable_minutes) == ("problem-solved", 0, 15)
    assert (await desk.timeline(number, "resolved"))[0].data["cancelled_activities"] == 2
    case = await desk.case(number)
    assert (case.status, case.queue, case.next_due) == (CaseStatus.RESOLVED, None, None)
    assert [item.live for item in await desk.items(number)] == [False]


async def test_cancelling_needs_closed_activities(desk: Desk) -> None:
    number = await desk.open()
    task = (await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title="Measure"))).resource
    assert await problem(cancel(desk, number)) == (409, "open-activities")
    assert task is not None
    await desk.send("grace", number, CommandKind.COMPLETE_ACTIVITY, target_id=UUID(task))
    assert await problem(desk.send("grace", number, CANCEL, CancelBody(status_reason="merged"))) == (422, "invalid")
    await cancel(desk, number)
    case = await desk.case(number)
    assert (case.status, case.status_reason, case.queue) == (CaseStatus.CANCELLED, "cancelled", None)


async def test_a_closed_case_takes_wrapping_up_alone_and_an_open_one_no_reactivation(desk: Desk) -> None:
    number = await desk.open()
    assert await problem(reactivate(desk, number)) == (409, "case-not-closed")
    await resolve(desk, number)
    for kind, body in ((RESOLVE, ResolveBody(resolution="Again.")), (CANCEL, CancelBody()), (CommandKind.PICK, None)):
        error = await refusal(desk.send("grace", number, kind, body))
        assert (error.status, error.type) == (409, "case-not-active")
        assert "reactivate" in error.allowed  # type: ignore[attr-defined]
    assert await problem(desk.send("grace", number, CommandKind.CHANGE, ChangeBody(origin="phone"))) == (
        409,
        "case-not-active",
    )
    version = (await desk.case(number)).version
    await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="The customer rang to thank us."))
    case = await desk.case(number)
    assert (case.status, case.version) == (CaseStatus.RESOLVED, version + 1)


async def test_reactivated_and_resolved_again_it_has_two_resolutions(desk: Desk) -> None:
    number = await desk.open()
    await desk.send("grace", number, CommandKind.PICK)
    await resolve(desk, number, minutes=5)
    await reactivate(desk, number)
    case = await desk.case(number)
    assert (case.status, case.status_reason, case.queue, case.resolved_on) == ("active", "in-progress", "gold", None)
    assert case.reactivated_on is not None
    assert [item.worked_by is None for item in await desk.items(number) if item.live] == [True]
    await desk.send("grace", number, CommandKind.PICK)
    await desk.send(
        "grace", number, RESOLVE, ResolveBody(resolution="For good.", resolution_type="information-provided")
    )
    async with desk.house.database.read() as session:
        kept = list(await session.scalars(select(CaseResolution).order_by(CaseResolution.life)))
    assert [(each.resolution_type, each.resolution) for each in kept] == [
        ("problem-solved", "Solved."),
        ("information-provided", "For good."),
    ]


async def test_terms_move_per_the_matrix(desk: Desk) -> None:
    """Domain 3.4, all rows and both bases, hours as well; the ledger adds up after each."""
    await add(desk, CONTRACTS)
    on_resolution, on_creation = await desk.open(), await desk.open(**await customer(desk, "borealis"))
    by_hours = await desk.open(**await customer(desk, "cumulus"))

    async def balances() -> tuple[float, float, float]:
        names = ("care", "prepaid", "by-the-hour")
        return tuple([(await balance(desk, name))[0] for name in names])  # type: ignore[return-value]

    assert await balances() == (15, 2, 1), "create"
    for number in (on_resolution, on_creation, by_hours):
        await resolve(desk, number, minutes=90)
    assert await balances() == (14, 2, -0.5), "resolve; it is never refused for balance"
    assert (await desk.case(by_hours)).entitlement_note == "entitlement-overdrawn"
    for number in (on_resolution, on_creation, by_hours):
        await reactivate(desk, number)
    assert await balances() == (15, 2, 1), "reactivate resolved"
    assert (await desk.case(by_hours)).entitlement_note is None, "it has given back what it overdrew"
    for number in (on_resolution, on_creation, by_hours):
        await cancel(desk, number)
    assert await balances() == (15, 3, 1), "cancel"
    for number in (on_resolution, on_creation, by_hours):
        await reactivate(desk, number)
    assert await balances() == (15, 2, 1), "reactivate cancelled"
    await desk.send("grace", on_creation, CommandKind.CHANGE, ChangeBody(entitlement=None))
    assert await balances() == (15, 3, 1), "clear"
    await desk.send("grace", on_creation, CommandKind.CHANGE, ChangeBody(entitlement="prepaid"))
    assert await balances() == (15, 2, 1), "set on update"
    for number in (on_resolution, by_hours):
        await resolve(desk, number, minutes=30)
    assert await balances() == (14, 2, 0.5), "resolved a second time"


async def test_a_cancelled_case_is_not_reactivated_on_a_contract_that_has_run_out(desk: Desk) -> None:
    await add(desk, CONTRACTS)
    bo = await customer(desk, "borealis")
    first, second = await desk.open(**bo), await desk.open(**bo)
    await cancel(desk, first)
    third, fourth = await desk.open(**bo), await desk.open(**bo)
    assert await balance(desk, "prepaid") == (1, {"phone": 0, "email": 1, "web": 0})
    assert (await desk.case(third)).entitlement_id is not None
    case = await desk.case(fourth)
    assert (case.entitlement_id, case.entitlement_note) == (None, "entitlement-exhausted")
    assert await problem(reactivate(desk, first)) == (409, "entitlement-exhausted")
    assert (await desk.case(first)).status == CaseStatus.CANCELLED
    await cancel(desk, second)
    await reactivate(desk, first)
    assert await balance(desk, "prepaid") == (1, {"phone": 0, "email": 1, "web": 0})


@pytest.mark.parametrize("anew", [False, True], ids=["as-it-was", "recalculated"])
async def test_reactivation_and_promises(desk: Desk, anew: bool) -> None:
    """Domain 1.3 and 4.2: ended instances stay; only with the setting does a new one begin."""
    if anew:
        await settings(desk, recalculate_sla_on_terminal=True)
    number = await desk.open()
    await resolve(desk, number)
    ended = (await desk.kpis(number))["resolution"]
    assert [kpi["status"] for kpi in ended] == ["succeeded"]
    await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="Closed."))
    assert (await desk.kpis(number))["resolution"] == ended, "a note on a closed case begins nothing"
    await reactivate(desk, number)
    found = (await desk.kpis(number))["resolution"]
    assert found[0] == ended[0]
    assert [kpi["status"] for kpi in found[1:]] == (["in-progress"] if anew else [])
