"""Starting the run of an operation, by name. Safe to repeat."""

from __future__ import annotations

from uuid import UUID

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from engine.standing import STANDING
from models.messages.names import CASES_QUEUE, OPERATION_WORKFLOW, operation_workflow_id
from models.messages.operations import OperationRun

log = structlog.get_logger(__name__)


class OperationStarter:
    def __init__(self, client: Client, *, task_queue: str = CASES_QUEUE) -> None:
        self.client, self.task_queue = client, task_queue

    async def start(self, id: UUID, action: str, total: int) -> bool:
        """One that runs already goes on as it is. False if the engine does not answer: then housekeeping starts it."""
        try:
            await self.client.start_workflow(
                OPERATION_WORKFLOW,
                OperationRun(operation_id=id),
                id=operation_workflow_id(id),
                task_queue=self.task_queue,
                static_summary=f"{action} of {total} cases",
                **STANDING,
            )
        except RPCError as error:
            log.warning("an operation is left to housekeeping", id=str(id), error=error.status.name)
            return False
        return True
