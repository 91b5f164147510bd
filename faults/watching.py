"""Looking at the house from outside while its worker lives and dies: how far it is, and whether it has come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client

from models.messages.cases import CaseStatus
from models.messages.mailflow import HoldReason, OutboxState
from models.messages.names import case_workflow_id
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import InboundMail, Outbox
from models.records.reference import Mailbox
from storage.engines import Database

AT_ONCE = 16
"""Questions to the Temporal server at the same time."""
WORRYING_ATTEMPT = 4
"""A workflow task dies with its worker once or twice; tried this often it fails by itself."""


@dataclass(frozen=True)
class Progress:
    """Counts of rows."""

    uidvalidity: int
    """The UIDVALIDITY under which the mailbox is read."""
    taken: int
    """Rows of the mail log under that UIDVALIDITY."""
    entered: int
    unflagged: int
    undelivered: int
    """Held, because the mail server did not give them; asked for again by themselves."""
    opening: int
    cases: int
    undone: int
    unsent: int
    sent: int

    def is_idle(self, mails: int) -> bool:
        """Everything is where it belongs, except letters that may still have to be sent."""
        return self.taken == mails and not (self.opening or self.undone)

    def is_done(self, mails: int) -> bool:
        return self.is_idle(mails) and not (self.unflagged or self.undelivered or self.unsent)

    def __str__(self) -> str:
        return (
            f"{self.taken} mails taken in ({self.entered} with those read again), {self.cases} cases, {self.sent} sent"
        )


async def progress(database: Database) -> Progress:
    """The progress of a house with one mailbox."""

    def count(column: ColumnElement[object] | type, *where: ColumnElement[bool]) -> Select[int]:
        return select(func.count()).select_from(column).where(*where)

    async with database.read() as session:

        async def of(statement: Select[int]) -> int:
            return await session.scalar(statement) or 0

        uidvalidity = await session.scalar(select(Mailbox.uidvalidity)) or 0
        return Progress(
            uidvalidity=uidvalidity,
            taken=await of(count(InboundMail, InboundMail.uidvalidity == uidvalidity)),
            entered=await of(count(InboundMail)),
            unflagged=await of(count(InboundMail, ~InboundMail.flagged)),
            undelivered=await of(count(InboundMail, InboundMail.reason == HoldReason.NOT_DELIVERED)),
            opening=await of(count(Case, Case.status == CaseStatus.OPENING)),
            cases=await of(count(Case)),
            undone=await of(count(Delivery, ~Delivery.done)),
            unsent=await of(count(Outbox, Outbox.state.in_((OutboxState.QUEUED, OutboxState.SENDING)))),
            sent=await of(count(Outbox, Outbox.state == OutboxState.SENT)),
        )


async def describe_cases(client: Client, numbers: Iterable[str]) -> dict[str, DescribeWorkflowExecutionResponse]:
    """What the server knows of each case's last run."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def describe(number: str) -> DescribeWorkflowExecutionResponse:
        async with limit:
            return (await client.get_workflow_handle(case_workflow_id(number)).describe()).raw_description

    wanted = list(numbers)
    return dict(zip(wanted, await asyncio.gather(*map(describe, wanted)), strict=True))


def works(description: DescribeWorkflowExecutionResponse) -> bool:
    """Whether the run has something to do, as opposed to waiting for a deadline or for somebody."""
    return description.HasField("pending_workflow_task") or bool(description.pending_activities)


def trouble(description: DescribeWorkflowExecutionResponse) -> str | None:
    """Why the run looks stuck; None if it does not."""
    attempt = description.pending_workflow_task.attempt
    if attempt >= WORRYING_ATTEMPT:
        return f"its workflow task is in attempt {attempt}"
    for activity in description.pending_activities:
        if activity.HasField("last_failure"):
            return f"{activity.activity_type.name} fails: {activity.last_failure.message}"
    return None
