"""Telling the run of a contract that somebody has changed it. Safe to repeat."""

from __future__ import annotations

from uuid import UUID

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from engine.standing import STANDING
from models.messages.entitlements import EntitlementRun
from models.messages.names import CASES_QUEUE, ENTITLEMENT_CHANGED, ENTITLEMENT_WORKFLOW, entitlement_workflow_id

log = structlog.get_logger(__name__)


class ContractTeller:
    def __init__(self, client: Client, *, task_queue: str = CASES_QUEUE) -> None:
        self.client, self.task_queue = client, task_queue

    async def tell(self, id: UUID, slug: str) -> bool:
        """Signal the contract's run, starting one if there is none. False if the engine does not answer: then
        housekeeping tells it, because its row still says that nobody has looked at it."""
        try:
            await self.client.start_workflow(
                ENTITLEMENT_WORKFLOW,
                EntitlementRun(entitlement_id=id, slug=slug),
                id=entitlement_workflow_id(id),
                task_queue=self.task_queue,
                static_summary=f"Entitlement {slug}",
                start_signal=ENTITLEMENT_CHANGED,
                **STANDING,
            )
        except (RPCError, RuntimeError) as error:
            log.warning("a changed contract is left to housekeeping", entitlement=slug, error=type(error).__name__)
            return False
        return True
