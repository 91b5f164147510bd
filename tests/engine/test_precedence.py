"""What people ask for goes first, on a real server with a real backlog."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from engine.precedence import Precedence
from models.messages.names import CASES_QUEUE, case_workflow_id
from servers.ports import free_port
from servers.temporal import TemporalServer
from tests.support.waiting import until

BACKLOG = 40
ended: list[str] = []


@workflow.defn(sandboxed=False)
class Overdue:
    @workflow.run
    async def run(self) -> None:
        ended.append(workflow.info().workflow_id)


@workflow.defn(sandboxed=False)
class Rests:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def pick(self) -> int:
        """How many had ended before."""
        return len(ended)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with TemporalServer(None, free_port(), log_file=tmp_path / "temporal.log") as server:
        yield await Client.connect(server.address)


def worker(client: Client) -> Worker:
    return Worker(
        client,
        task_queue=CASES_QUEUE,
        workflows=[Overdue, Rests],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_workflow_tasks=2,
    )


async def test_nobody_needs_it_while_the_workers_keep_up(client: Client) -> None:
    async with worker(client):
        await client.execute_workflow(Overdue.run, id="one", task_queue=CASES_QUEUE)
        assert not await Precedence(client).needed()


async def test_who_has_it_overtakes_the_backlog(client: Client) -> None:
    ended.clear()
    precedence = Precedence(client)
    async with worker(client):
        number = "CAS-00001-AAAAAA"
        picked = await client.start_workflow(Rests.run, id=case_workflow_id(number), task_queue=CASES_QUEUE)
        assert await picked.execute_update(Rests.pick) == 0
    for each in range(BACKLOG):
        await client.start_workflow(Overdue.run, id=f"overdue-{each}", task_queue=CASES_QUEUE)
    await until(precedence.needed)
    await precedence.give(number)
    async with worker(client):
        before = await picked.execute_update(Rests.pick)
        await until(lambda: len(ended) == BACKLOG)
    assert before < BACKLOG / 2


async def test_without_a_run_there_is_nothing_to_give(client: Client) -> None:
    await Precedence(client).give("CAS-00002-BBBBBB")
