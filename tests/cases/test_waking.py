"""A workflow engine that has lost its data: the runs of what is open are started again from the rows, and go on as they stood."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus

from cases.waking import wake_all
from models.messages.api_cases import CancelBody
from models.messages.cases import CommandKind
from models.messages.entitlements import EntitlementStatus
from models.messages.names import case_workflow_id
from models.records.reference import Entitlement
from tests.support.desks import OPENED_ON, Desk, DeskFactory


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Plain statements."""
    return sqlite_url


async def state_of(desk: Desk, number: str) -> WorkflowExecutionStatus | None:
    return (await desk.handle(number).describe()).status


async def test_open_cases_go_on_from_their_rows(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        running, picked, closed = [await desk.open() for _ in range(3)]
        await desk.send("grace", picked, CommandKind.PICK)
        await desk.send("grace", closed, CommandKind.CANCEL, CancelBody())
        promised = [kpi["failure_at"] for each in (await desk.kpis(running)).values() for kpi in each]
        assert promised, "the case has no promise that could be lost"
        runs = {number: (await desk.handle(number).describe()).run_id for number in (running, picked)}
        for number in runs:
            await desk.handle(number).terminate("the engine lost its data")

        assert await wake_all(desk.house.database, desk.house.dispatcher) == 2
        for number, run in runs.items():
            await desk.settled(number)
            described = await desk.handle(number).describe()
            assert described.status is WorkflowExecutionStatus.RUNNING
            assert described.run_id != run
        assert await state_of(desk, closed) is not WorkflowExecutionStatus.RUNNING
        assert [kpi["failure_at"] for each in (await desk.kpis(running)).values() for kpi in each] == promised
        assert (await desk.case(picked)).owner_id == (await desk.agent("grace")).agent_id

        # What runs already goes on as it is, and promises are kept.
        again = {number: (await desk.handle(number).describe()).run_id for number in runs}
        await wake_all(desk.house.database, desk.house.dispatcher)
        assert {number: (await desk.handle(number).describe()).run_id for number in runs} == again
        await desk.forward_to(running, OPENED_ON + timedelta(days=30))
        for each in (await desk.kpis(running)).values():
            assert {kpi["status"] for kpi in each} == {"noncompliant"}
        await desk.send("grace", picked, CommandKind.RELEASE)
        async with desk.house.database.read() as session:
            timed = Entitlement.status.in_((EntitlementStatus.WAITING, EntitlementStatus.ACTIVE))
            due = list(await session.scalars(select(Entitlement.due_on).where(timed)))
        assert due
        assert not any(due), "housekeeping takes up contracts that no run keeps"
        assert case_workflow_id(running) == desk.handle(running).id
