"""A contract whose dates cannot be kept: an incident after three tries, and nothing is tried again before somebody says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases import contract_times
from cases.contract_times import ContractTimes
from cases.sweeps import ContractSweep
from desk.reference.entitlements import ENTITLEMENTS
from engine.contracts import ContractTeller
from models.messages.entitlements import EntitlementStatus, KeepInput
from policies.entitlements import status_at
from policies.zones import day_begins
from tests.support.asking import asked, problem
from tests.support.contracts import Contracts
from tests.support.desks import Desk, DeskFactory
from tests.support.waiting import BOUND, until
from tests.workflows.test_entitlement import day

ZONE = "Europe/Berlin"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Of the statements only the uniqueness of an incident is new, which tests/storage compares with the tables."""
    return sqlite_url


async def test_a_fault_is_an_incident_and_is_tried_again_by_hand(
    open_desk: DeskFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk() as desk, asked(desk) as http:
        contracts = Contracts(desk, datetime.now(UTC))
        tries: list[object] = []

        def broken(*given: object) -> EntitlementStatus:
            tries.append(given[0])
            raise RuntimeError("a value of somebody's")

        async def open_incidents() -> list[dict[str, Any]]:
            shown = (await http("mona", "GET", "/incidents?state=open")).json()["items"]
            return [each for each in shown if each["entitlement"] == "broken"]

        async def is_told() -> bool:
            return bool(await open_incidents())

        # A slow machine is no reason to answer before the run has looked.
        monkeypatch.setattr("desk.incidents.ANSWER_WITHIN", BOUND)
        monkeypatch.setattr(contract_times, "status_at", broken)
        id = await contracts.make("broken", day(10), day(20))
        await until(is_told)
        (incident,) = await open_incidents()
        assert (incident["case"], incident["step"], incident["error"]) == (None, "keep its dates", "RuntimeError")
        begins = datetime.fromisoformat(day(10)).date()
        assert len([start for start in tries if start == begins]) >= 3
        await contracts.is_over(id)
        assert await is_not_swept(desk, id), "housekeeping leaves it to people"

        failed = await http("mona", "POST", f"/incidents/{incident['id']}/retry")
        assert problem(failed) == (500, "fault")
        (again,) = await open_incidents()
        assert (again["id"], again["count"], again["retries"]) == (incident["id"], 2, 1)

        monkeypatch.setattr(contract_times, "status_at", status_at)
        done = await http("mona", "POST", f"/incidents/{incident['id']}/retry", Idempotency_Key="r")
        assert (done.status_code, done.json()["state"]) == (200, "done"), done.text
        assert (await contracts.stands("broken", "waiting")).due_on is not None
        twice = await http("mona", "POST", f"/incidents/{incident['id']}/retry", Idempotency_Key="r")
        assert (twice.status_code, twice.json()) == (200, done.json())
        assert problem(await http("mona", "POST", f"/incidents/{incident['id']}/retry"))[1] == "incident-ended"
        await is_let_be(desk, contracts, http)
        await contracts.replay()


async def is_not_swept(desk: Desk, id: object) -> bool:
    sweep = ContractSweep(desk.house.database, ContractTeller(desk.house.client))
    told: list[object] = []

    async def tell(id: object, slug: str) -> bool:
        told.append(id)
        return True

    sweep.teller.tell = tell  # type: ignore[method-assign]  # nobody is to be told
    await sweep.sweep()
    return id not in told


async def is_let_be(desk: Desk, contracts: Contracts, http: Any) -> None:
    """Dismissed, a contract stands as it is until somebody changes it."""
    id = await contracts.make("let-be", day(10), day(20))
    await contracts.stands("let-be", "waiting")
    times = ContractTimes(desk.house.database, desk.house.definitions, desk.house.letters)
    await times._set_aside(KeepInput(entitlement_id=id, now=datetime.now(UTC)), RuntimeError())
    shown = (await http("mona", "GET", "/incidents?state=open")).json()["items"]
    (incident,) = [each["id"] for each in shown if each["entitlement"] == "let-be"]
    dismissed = await http("mona", "POST", f"/incidents/{incident}/dismiss")
    assert (dismissed.status_code, dismissed.json()["state"]) == (200, "dismissed")
    assert await is_not_swept(desk, id)
    await times.keep(KeepInput(entitlement_id=id, now=datetime.now(UTC)))
    assert (await http("mona", "GET", f"/incidents/{incident}")).json()["state"] == "done"


async def test_at_midnight_a_contract_does_not_flicker_between_two_clocks(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        contracts = Contracts(desk, datetime.now(UTC))
        times = ContractTimes(desk.house.database, desk.house.definitions, desk.house.letters)
        begins = day_begins(datetime.fromisoformat(day(10)).date(), ZONE)
        id = await contracts.make("night", day(10), day(20), active=False)
        # By the desk's clock the day has begun; the engine's is a little behind.
        contracts.now = begins + timedelta(seconds=1)
        await contracts.change(lambda edit: ENTITLEMENTS.activate(edit, "night"))
        for seconds in (-30, -1, -0.001, 0, 0.001):
            now = begins + timedelta(seconds=seconds)
            standing = await times.keep(KeepInput(entitlement_id=id, now=now))
            assert standing is not None
            assert standing.status is EntitlementStatus.ACTIVE, seconds
            assert standing.due is not None
            assert standing.due > now
        assert await contracts.audited("night") == [("mona", "create"), ("mona", "activate")]
        # What really lies ahead is waited for: another zone, or other dates.
        early = await times.keep(KeepInput(entitlement_id=id, now=begins - timedelta(hours=2)))
        assert early is not None
        assert early.status is EntitlementStatus.WAITING
