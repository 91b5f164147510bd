from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

QUARTER = timedelta(minutes=15)


@workflow.defn
class Sleeper:
    @workflow.run
    async def run(self) -> datetime:
        began = workflow.now()
        await workflow.sleep(QUARTER)
        assert workflow.now() - began >= QUARTER
        return began


async def test_time_stands_still_until_it_is_moved(temporal: WorkflowEnvironment) -> None:
    queue = f"sleepers-{uuid4()}"
    # Unsandboxed, because the sandbox would import this module, and with it pytest, once more.
    runner = UnsandboxedWorkflowRunner()
    async with Worker(temporal.client, task_queue=queue, workflows=[Sleeper], workflow_runner=runner):
        handle = await temporal.client.start_workflow(Sleeper.run, id=f"sleeper-{uuid4()}", task_queue=queue)
        assert await temporal.fast_forward(handle, timedelta(minutes=14))
        assert (await handle.describe()).close_time is None
        await temporal.fast_forward(handle, timedelta(minutes=1, seconds=1))
        assert (await handle.result()).tzinfo is not None
