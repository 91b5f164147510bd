"""The tests' runner finds what a replay could not repeat; production runs without it (docs/decisions)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from bootstrap import connect, make_workers, sandbox
from settings import Settings
from tests.support.clock_workflow import AsksTheClock
from tests.support.desks import DeskFactory
from tests.support.waiting import until


async def _started(temporal: WorkflowEnvironment, queue: str) -> WorkflowHandle[AsksTheClock, str]:
    return await temporal.client.start_workflow(AsksTheClock.run, id=f"clock-{uuid4()}", task_queue=queue)


def _worker(temporal: WorkflowEnvironment, queue: str, runner: WorkflowRunner) -> Worker:
    return Worker(temporal.client, task_queue=queue, workflows=[AsksTheClock], workflow_runner=runner)


async def test_a_banned_call_fails_in_the_tests_runner(temporal: WorkflowEnvironment) -> None:
    queue = f"sandbox-{uuid4()}"
    handle = await _started(temporal, queue)
    async with _worker(temporal, queue, sandbox()):

        async def failed() -> bool:
            events = (await handle.fetch_history()).events
            return any("datetime.now" in str(event.workflow_task_failed_event_attributes) for event in events)

        await until(failed)
        await handle.terminate("the test is over")


async def test_the_plain_runner_does_not_notice(temporal: WorkflowEnvironment) -> None:
    queue = f"plain-{uuid4()}"
    handle = await _started(temporal, queue)
    async with _worker(temporal, queue, UnsandboxedWorkflowRunner()), asyncio.timeout(60):
        assert await handle.result()


async def test_production_runs_without_the_sandbox(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        # A client of its own: two workers of one queue may not be registered with the same.
        client = await connect(Settings(temporal_address=desk.house.client.service_client.config.target_host))
        workers = make_workers(replace(desk.house, client=client))
    assert {type(worker.config()["workflow_runner"]) for worker in workers} == {UnsandboxedWorkflowRunner}
