"""Who polls the task queues, and how long their work waits, as the engine tells it: for operators."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from models.messages.names import CASES_QUEUE, MAIL_IN_QUEUE, MAIL_OUT_QUEUE

ANSWER_WITHIN = timedelta(seconds=2)
KINDS = {
    "workflows": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activities": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}
POLLED = (
    (CASES_QUEUE, "workflows"),
    (CASES_QUEUE, "activities"),
    (MAIL_IN_QUEUE, "activities"),
    (MAIL_OUT_QUEUE, "activities"),
)
"""What workers poll; a queue that nobody polls does not move."""


@dataclass(frozen=True, slots=True)
class Polled:
    """A task queue. `workers` polled it lately, the last at `last`; `waiting` tasks, the oldest for `age`. All None: the
    engine did not answer."""

    queue: str
    kind: str
    workers: int | None = None
    last: datetime | None = None
    waiting: int | None = None
    age: timedelta | None = None


async def polled(client: Client) -> list[Polled]:
    """Of each task queue that the house has, in the order of `POLLED`."""
    return await asyncio.gather(*(_polled(client, queue, kind) for queue, kind in POLLED))


async def _polled(client: Client, queue: str, kind: str) -> Polled:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=KINDS[kind], report_stats=True
    )
    try:
        answer = await client.workflow_service.describe_task_queue(request, timeout=ANSWER_WITHIN)
    except (RPCError, RuntimeError):  # RuntimeError is what the SDK raises when nobody listens
        return Polled(queue, kind)
    seen = [poller.last_access_time.ToDatetime(UTC) for poller in answer.pollers]
    return Polled(
        queue,
        kind,
        workers=len({poller.identity for poller in answer.pollers}),
        last=max(seen, default=None),
        waiting=answer.stats.approximate_backlog_count,
        age=answer.stats.approximate_backlog_age.ToTimedelta(),
    )
