"""What people ask for goes first while the cases' queue has a backlog, after an outage for example.

The server gives out the tasks of a queue by priority, and within one priority in the order in which they came. All runs
have the same priority, so a command to a case would wait for its turn behind every timer that fired meanwhile. While the
oldest task waits longer than it should, a run that a command is for is given the first priority before the command is
sent. That costs a call and one history event, and nothing as long as the workers keep up.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import structlog
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import Priority as PriorityMessage
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, UpdateWorkflowExecutionOptionsRequest
from temporalio.client import Client
from temporalio.common import Priority
from temporalio.service import RPCError

from models.messages.names import CASES_QUEUE, case_workflow_id

FIRST = Priority(priority_key=1)
"""Of five; what nobody set is 3."""
TOO_LONG = timedelta(seconds=2)
"""That the oldest task of the queue waits so long means that the house was away: a busy one is behind by less."""
ASK_EVERY = 1.0
"""Seconds. The server looks itself every five."""
ANSWER_WITHIN = timedelta(seconds=1)

log = structlog.get_logger(__name__)


class Precedence:
    """One for the process. Without an answer of the server, or with one that knows no priorities, nobody goes first."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._behind, self._asked = False, float("-inf")
        self._lock = asyncio.Lock()

    async def needed(self) -> bool:
        """Whether the cases' queue is behind. Asked at most once a second, however many commands there are."""
        async with self._lock:
            if time.monotonic() - self._asked > ASK_EVERY:
                self._behind = await self._is_behind()
                self._asked = time.monotonic()
            return self._behind

    async def give(self, number: str) -> None:
        """The case's run goes first from now on. Without a run there is nothing to do."""
        options = WorkflowExecutionOptions(priority=PriorityMessage(priority_key=FIRST.priority_key or 0))
        request = UpdateWorkflowExecutionOptionsRequest(
            namespace=self.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=case_workflow_id(number)),
            workflow_execution_options=options,
            update_mask=FieldMask(paths=["priority"]),
        )
        try:
            await self.client.workflow_service.update_workflow_execution_options(request, timeout=ANSWER_WITHIN)
        except RPCError as error:
            log.info("a command waits for its turn", case=number, error=type(error).__name__)

    async def _is_behind(self) -> bool:
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace,
            task_queue=TaskQueue(name=CASES_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            report_stats=True,
        )
        try:
            answer = await self.client.workflow_service.describe_task_queue(request, timeout=ANSWER_WITHIN)
        except RPCError as error:
            log.info("the engine does not say how long its tasks wait", error=type(error).__name__)
            return False
        return answer.stats.approximate_backlog_age.ToTimedelta() > TOO_LONG
