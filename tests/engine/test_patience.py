"""A machine that gives a workflow's thread no time for seconds takes no case with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bootstrap import connect, make_workers
from engine.patience import STUCK_AFTER, patient
from settings import Settings
from tests.support.desks import DeskFactory
from tests.support.slow_workflow import LeftWithoutTime

LONGER_THAN_THE_SDK_WAITS = 3.0


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_a_workflow_whose_thread_gets_no_time_for_seconds_is_not_taken_for_stuck(
    temporal: WorkflowEnvironment,
) -> None:
    queue = f"slow-{uuid4()}"
    worker = Worker(
        temporal.client,
        task_queue=queue,
        workflows=[LeftWithoutTime],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with patient(worker), asyncio.timeout(60):
        handle = await temporal.client.start_workflow(
            LeftWithoutTime.run, LONGER_THAN_THE_SDK_WAITS, id=queue, task_queue=queue
        )
        assert await handle.result() == "done"
        kinds = {event.event_type for event in (await handle.fetch_history()).events}
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in kinds


async def test_every_worker_of_the_house_is_patient(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        # A client of its own: two workers of one queue may not be registered with the same.
        client = await connect(Settings(temporal_address=desk.house.client.service_client.config.target_host))
        workers = make_workers(replace(desk.house, client=client))
    of_workflows = [worker._workflow_worker for worker in workers if worker._workflow_worker is not None]
    assert of_workflows
    assert {each._deadlock_timeout_seconds for each in of_workflows} == {STUCK_AFTER}
