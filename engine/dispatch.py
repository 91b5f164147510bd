"""Reaching a case's workflow by name: opening it, or waking it with a delivery. Safe to repeat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from temporalio.client import Client, WorkflowHandle
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError

from models.messages.cases import RELEASE, CaseStart, CaseStatus
from models.messages.families import FamilyRun
from models.messages.mailflow import DeliveryKind
from models.messages.names import (
    CASE_WORKFLOW,
    CASES_QUEUE,
    FAMILY_WORKFLOW,
    arrival_name,
    case_workflow_id,
    family_workflow_id,
)

CASE_NUMBER = SearchAttributeKey.for_keyword("CaseNumber")
CASE_STATUS = SearchAttributeKey.for_keyword("CaseStatus")

log = structlog.get_logger(__name__)


def start_options(number: str, origin: str) -> dict[str, Any]:
    """What every start of a run carries. A closed case is woken under the same id (design, "Closed is closed")."""
    return {
        "id": case_workflow_id(number),
        "task_queue": CASES_QUEUE,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "static_summary": f"{number} by {origin}",
        "search_attributes": TypedSearchAttributes(
            [SearchAttributePair(CASE_NUMBER, number), SearchAttributePair(CASE_STATUS, CaseStatus.OPENING.value)]
        ),
    }


@dataclass(frozen=True)
class ToTell:
    """A case that must hear of what was committed."""

    case_id: UUID
    number: str
    origin: str
    delivery_id: UUID
    kind: DeliveryKind
    mail: bool = False
    """Its delivery is this mail, and is still to be written."""
    retire: tuple[ToTell, ...] = ()
    """Younger cases that go up in it: their deliveries are still to be written too."""

    @property
    def all(self) -> tuple[ToTell, ...]:
        return (self, *self.retire)


class CaseDispatcher:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def open(self, case_id: UUID, number: str, origin: str) -> WorkflowHandle[Any, Any]:
        """Start the case's run; a run that is there already goes on as it is."""
        return await self.client.start_workflow(
            CASE_WORKFLOW,
            CaseStart(release=RELEASE, case_id=case_id, number=number, fresh=True),
            **start_options(number, origin),
        )

    async def wake(self, case_id: UUID, number: str, origin: str) -> None:
        """Have a run of the case stand, which loads what its rows say; one that is there goes on as it is."""
        await self.client.start_workflow(
            CASE_WORKFLOW, CaseStart(release=RELEASE, case_id=case_id, number=number), **start_options(number, origin)
        )

    async def deliver(self, case_id: UUID, number: str, origin: str, delivery_id: UUID, kind: DeliveryKind) -> None:
        """Signal the case, starting a run if there is none: accepted while every worker is down."""
        await self.client.start_workflow(
            CASE_WORKFLOW,
            CaseStart(release=RELEASE, case_id=case_id, number=number),
            start_signal=arrival_name(kind),
            start_signal_args=[str(delivery_id)],
            **start_options(number, origin),
        )

    async def tell(self, news: ToTell) -> bool:
        """Open the case, or wake it with its delivery. False if the engine does not answer: committed as it is, the
        delivery is left to the sweep, and an error would say that nothing was done."""
        try:
            if news.kind is DeliveryKind.OPEN:
                await self.open(news.case_id, news.number, news.origin)
            else:
                await self.deliver(news.case_id, news.number, news.origin, news.delivery_id, news.kind)
        except RPCError as error:
            log.warning("delivery is left to the sweep", case=news.number, error=type(error).__name__)
            return False
        return True

    async def order_family(self, given: FamilyRun) -> bool:
        """Have a run tell several cases what a command on one of them asks, and wait until all have decided. False if the
        engine does not answer: then the sweep tells each of them."""
        try:
            await self.client.start_workflow(
                FAMILY_WORKFLOW,
                given,
                id=family_workflow_id(given.kind, given.command_id),
                task_queue=CASES_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"{given.kind} {given.number}",
                search_attributes=TypedSearchAttributes([SearchAttributePair(CASE_NUMBER, given.number)]),
            )
        except RPCError as error:
            log.warning("several cases are left to the sweep", case=given.number, error=error.status.name)
            return False
        return True
