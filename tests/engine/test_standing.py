"""What always stands is started once; and what 0.1.0 had in place of housekeeping is taken away."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleSpec,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from engine.standing import (
    RETIRED_SCHEDULES,
    RETIRED_WORKFLOWS,
    ensure_housekeeping,
    ensure_mailbox_workflows,
    retire_sweeps,
)
from models.messages.mailflow import MailboxJob
from models.messages.names import HOUSEKEEPING_ID, mailbox_workflow_id, outbox_workflow_id
from tests.support.waiting import until


async def test_each_mailbox_has_its_two_workflows_once(temporal: WorkflowEnvironment) -> None:
    job = MailboxJob(mailbox_id=uuid4(), slug=f"box-{uuid4().hex[:8]}")
    client = temporal.client
    handles = [client.get_workflow_handle(name(job.slug)) for name in (mailbox_workflow_id, outbox_workflow_id)]
    try:
        runs = []
        for _ in range(2):
            await ensure_mailbox_workflows(client, [job], task_queue=f"nobody-{uuid4()}")
            runs.append([(await handle.describe()).run_id for handle in handles])
        assert runs[0] == runs[1]
        states = [(await handle.describe()).status for handle in handles]
        assert states == [WorkflowExecutionStatus.RUNNING] * 2
    finally:
        for handle in handles:
            await handle.terminate()


async def test_housekeeping_is_started_once_and_again_when_it_has_ended(temporal: WorkflowEnvironment) -> None:
    client, queue = temporal.client, f"nobody-{uuid4()}"
    handle = client.get_workflow_handle(HOUSEKEEPING_ID)
    try:
        runs = []
        for _ in range(2):
            await ensure_housekeeping(client, task_queue=queue)
            runs.append((await handle.describe()).run_id)
        await handle.terminate()
        await ensure_housekeeping(client, task_queue=queue)
        runs.append((await handle.describe()).run_id)
        assert runs[0] == runs[1] != runs[2]
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    finally:
        await handle.terminate()


async def there(client: Client, schedule: str) -> bool:
    try:
        await client.get_schedule_handle(schedule).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def test_the_sweeps_of_an_old_installation_are_taken_away(temporal: WorkflowEnvironment) -> None:
    """The schedules as 0.1.0 made them, each with a run that no worker can end."""
    client, queue = temporal.client, f"nobody-{uuid4()}"
    for schedule, workflow in zip(RETIRED_SCHEDULES, RETIRED_WORKFLOWS, strict=True):
        every = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(hours=1))])
        action = ScheduleActionStartWorkflow(workflow, id=schedule, task_queue=queue)
        await client.create_schedule(schedule, Schedule(action=action, spec=every), trigger_immediately=True)
    other = await client.start_workflow("SomethingElse", id=f"other-{uuid4()}", task_queue=queue)
    of_sweeps = f"TaskQueue = '{queue}' AND WorkflowType != 'SomethingElse'"

    async def states() -> list[WorkflowExecutionStatus | None]:
        return [run.status async for run in client.list_workflows(of_sweeps)]

    async def both_run() -> bool:
        return await states() == [WorkflowExecutionStatus.RUNNING] * 2

    async def both_ended() -> bool:
        return await states() == [WorkflowExecutionStatus.TERMINATED] * 2

    try:
        await until(both_run)
        for _ in range(2):
            await retire_sweeps(client)
        await until(both_ended)
        assert [await there(client, schedule) for schedule in RETIRED_SCHEDULES] == [False, False]
        assert (await other.describe()).status is WorkflowExecutionStatus.RUNNING
    finally:
        await other.terminate()


@pytest.mark.parametrize("schedule", RETIRED_SCHEDULES)
async def test_half_of_it_is_taken_away_as_well(temporal: WorkflowEnvironment, schedule: str) -> None:
    """As after a death in the middle."""
    client = temporal.client
    action = ScheduleActionStartWorkflow(RETIRED_WORKFLOWS[0], id=schedule, task_queue=f"nobody-{uuid4()}")
    await client.create_schedule(schedule, Schedule(action=action, spec=ScheduleSpec()))
    await retire_sweeps(client)
    assert not await there(client, schedule)
