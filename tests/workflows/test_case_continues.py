"""A long history continues as new: clocks, keys and deliveries survive it (temporal 1.4).

On a server of its own, which suggests it after a few dozen events instead of 4,096.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from models.messages.api_cases import NoteBody, ReplyBody
from models.messages.cases import CaseCommand, CommandKind, CommandResult
from models.messages.names import case_workflow_id, verb_name
from tests.support.correspondence import receive, tell
from tests.support.desks import Desk
from tests.support.temporal import time_skipping_server

SUGGESTED_AFTER = 40


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with time_skipping_server({"limit.historyCount.suggestContinueAsNew": str(SUGGESTED_AFTER)}) as environment:
        yield environment


async def runs(desk: Desk, number: str) -> list[WorkflowExecutionStatus | None]:
    found = desk.house.client.list_workflows(f"WorkflowId = '{case_workflow_id(number)}'")
    return [run.status async for run in found]


async def noted(desk: Desk, number: str, count: int, text: str) -> None:
    for turn in range(count):
        await desk.send("grace", number, CommandKind.NOTE, NoteBody(text=text), key=f"{text}/{turn}")


async def test_a_case_outlives_its_runs(desk: Desk) -> None:
    number = await desk.open()
    delivery = await receive(desk, number)
    first = await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="The first."), key="first")
    await noted(desk, number, 12, "before")
    await desk.settled(number)
    assert WorkflowExecutionStatus.CONTINUED_AS_NEW in await runs(desk, number)

    # Clocks: the promise is kept by the run that came after.
    await desk.forward_to(number, datetime(2031, 3, 27, 9, 10, tzinfo=UTC))
    (kpi,) = (await desk.kpis(number))["first-response"]
    assert (kpi["status"], kpi["warned_on"]) == ("nearing-noncompliance", "2031-03-27T09:10:00Z")

    # Keys: neither through the desk nor sent straight to the new run is the old command done again.
    version = (await desk.case(number)).version
    again = await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="The first."), key="first")
    assert (again.version, again.resource, again.replayed) == (first.version, first.resource, True)
    command = CaseCommand(
        id=first.command_id,
        kind=CommandKind.NOTE,
        actor_id=(await desk.agent("grace")).agent_id,
        key="first",
        body_hash="-",
    )
    signed = desk.house.sender.proof.sign(command, (await desk.case(number)).id)
    straight = await desk.handle(number).execute_update(
        verb_name(command.kind), signed, id=str(command.id), result_type=CommandResult
    )
    assert straight.resource == first.resource
    # A delivery that is told once more after the runs changed.
    await tell(desk, await desk.case(number), delivery, 2)
    await noted(desk, number, 12, "after")
    await desk.settled(number)
    assert (await desk.case(number)).version == version + 12
    assert len(await desk.timeline(number, "mail")) == 1
    assert len(await desk.timeline(number, "note")) == 25
    assert (await runs(desk, number)).count(WorkflowExecutionStatus.CONTINUED_AS_NEW) >= 2

    await desk.send("grace", number, CommandKind.REPLY, ReplyBody(text="Hold the button."))
    assert (await desk.kpis(number))["first-response"][0]["status"] == "succeeded"
    assert (await runs(desk, number)).count(WorkflowExecutionStatus.RUNNING) == 1
