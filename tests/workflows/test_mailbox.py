"""MailboxWorkflow and OutboxWorkflow keep one activity alive; what the activities do is tested beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from models.messages.mailflow import MailboxJob
from models.messages.names import (
    CONFIGURE_UPDATE,
    MAIL_IN_QUEUE,
    MAIL_OUT_QUEUE,
    MAILBOX_WORKFLOW,
    OUTBOX_WORKFLOW,
    mailbox_workflow_id,
    outbox_workflow_id,
)
from tests.support.waiting import until
from workflows.mailbox import MailboxWorkflow
from workflows.outbox import OutboxWorkflow


@dataclass
class FakeMailbox:
    """Runs as both activities do: heartbeats until cancelled, or answers what it was told to."""

    starts: int = 0
    running: int = 0
    overlapped: bool = False
    answers: list[bool | Exception] = field(default_factory=list)

    async def _run(self) -> bool:
        self.starts += 1
        self.running += 1
        self.overlapped = self.overlapped or self.running > 1
        try:
            if self.answers:
                answer = self.answers.pop(0)
                if isinstance(answer, Exception):
                    raise answer
                return answer
            while True:
                activity.heartbeat()
                await asyncio.sleep(0.02)
        finally:
            self.running -= 1

    @activity.defn
    async def watch_mailbox(self, job: MailboxJob) -> bool:
        return await self._run()

    @activity.defn
    async def drain_outbox(self, job: MailboxJob) -> bool:
        return await self._run()


Kind = tuple[type, str, str, Callable[[str], str], str]
KINDS: list[Kind] = [
    (MailboxWorkflow, MAILBOX_WORKFLOW, MAIL_IN_QUEUE, mailbox_workflow_id, "watch_mailbox"),
    (OutboxWorkflow, OUTBOX_WORKFLOW, MAIL_OUT_QUEUE, outbox_workflow_id, "drain_outbox"),
]


@asynccontextmanager
async def running(
    client: Client, kind: Kind, mailbox: FakeMailbox, cached: int = 100
) -> AsyncIterator[WorkflowHandle[Any, Any]]:
    workflow, name, activity_queue, id_of, method = kind
    queue, job = f"cases-{uuid4()}", MailboxJob(mailbox_id=uuid4(), slug=f"box-{uuid4().hex[:8]}", heartbeat_seconds=1)
    async with (
        Worker(client, task_queue=queue, workflows=[workflow], max_cached_workflows=cached),
        Worker(client, task_queue=activity_queue, activities=[getattr(mailbox, method)]),
    ):
        handle = await client.start_workflow(name, job, id=id_of(job.slug), task_queue=queue)
        try:
            yield handle
            await Replayer(workflows=[workflow], data_converter=client.data_converter).replay_workflow(
                await handle.fetch_history()
            )
        finally:
            if (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
                await handle.cancel()
                await until(lambda: mailbox.running == 0)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[1])
@pytest.mark.parametrize("cached", [100, 0])
async def test_configure_ends_the_old_activity_before_the_next_begins(
    temporal: WorkflowEnvironment, kind: Kind, cached: int
) -> None:
    mailbox = FakeMailbox()
    async with running(temporal.client, kind, mailbox, cached) as handle:
        await until(lambda: mailbox.running == 1)
        await handle.execute_update(CONFIGURE_UPDATE)
        await until(lambda: mailbox.starts == 2 and mailbox.running == 1)
        await asyncio.gather(*(handle.execute_update(CONFIGURE_UPDATE) for _ in range(3)))
        await until(lambda: mailbox.running == 1)
        assert not mailbox.overlapped


async def test_an_activity_that_ends_by_itself_goes_on_in_a_new_run(temporal: WorkflowEnvironment) -> None:
    mailbox = FakeMailbox(answers=[True])
    async with running(temporal.client, KINDS[0], mailbox) as handle:
        first = handle.first_execution_run_id
        await until(lambda: mailbox.starts == 2)
        assert (await handle.describe()).run_id != first


async def test_a_failed_activity_is_tried_again(temporal: WorkflowEnvironment) -> None:
    mailbox = FakeMailbox(answers=[ApplicationError("the worker shuts down", type="Handover")])
    async with running(temporal.client, KINDS[0], mailbox) as handle:
        await until(lambda: mailbox.starts == 2 and mailbox.running == 1)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_an_inactive_mailbox_needs_no_workflow(temporal: WorkflowEnvironment) -> None:
    async with running(temporal.client, KINDS[0], FakeMailbox(answers=[False])) as handle:
        await handle.result()


async def test_a_cancelled_workflow_takes_its_activity_along(temporal: WorkflowEnvironment) -> None:
    mailbox = FakeMailbox()
    async with running(temporal.client, KINDS[0], mailbox) as handle:
        await until(lambda: mailbox.running == 1)
        await handle.cancel()
        await until(lambda: mailbox.running == 0)
