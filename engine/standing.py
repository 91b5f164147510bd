"""The workflows that always stand, made sure of at every start: housekeeping, webhooks, and two for each mailbox."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from models.messages.mailflow import MailboxJob
from models.messages.names import (
    CASES_QUEUE,
    HOUSEKEEPING_ID,
    HOUSEKEEPING_WORKFLOW,
    MAILBOX_WORKFLOW,
    OUTBOX_WORKFLOW,
    WEBHOOK_WORKFLOW,
    WEBHOOKS_ID,
    mailbox_workflow_id,
    outbox_workflow_id,
)

STANDING: dict[str, Any] = {
    "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
}
"""Whoever starts it first has started it; one that ended is started again."""

RETIRED_SCHEDULES = ("delivery-sweep", "overdue-sweep")
RETIRED_WORKFLOWS = ("DeliverySweepWorkflow", "OverdueSweepWorkflow")
"""What 0.1.0 had in place of housekeeping."""


async def ensure_housekeeping(client: Client, *, task_queue: str = CASES_QUEUE) -> None:
    """Start `HousekeepingWorkflow`; one that runs already goes on as it is."""
    await client.start_workflow(
        HOUSEKEEPING_WORKFLOW, id=HOUSEKEEPING_ID, task_queue=task_queue, static_summary="Housekeeping", **STANDING
    )


async def ensure_webhooks(client: Client, *, task_queue: str = CASES_QUEUE) -> None:
    """Start `WebhookWorkflow`; one that runs already goes on as it is."""
    await client.start_workflow(
        WEBHOOK_WORKFLOW, id=WEBHOOKS_ID, task_queue=task_queue, static_summary="Webhooks", **STANDING
    )


async def ensure_mailbox_workflows(
    client: Client, jobs: Iterable[MailboxJob], *, task_queue: str = CASES_QUEUE
) -> None:
    """Start `MailboxWorkflow` and `OutboxWorkflow` of each mailbox; those that run already go on as they are."""
    for job in jobs:
        for workflow, workflow_id in (
            (MAILBOX_WORKFLOW, mailbox_workflow_id(job.slug)),
            (OUTBOX_WORKFLOW, outbox_workflow_id(job.slug)),
        ):
            await client.start_workflow(
                workflow,
                job,
                id=workflow_id,
                task_queue=task_queue,
                static_summary=f"Mailbox {job.slug}",
                **STANDING,
            )


async def retire_sweeps(client: Client) -> None:
    """Take away the schedules of 0.1.0, and the runs that they left open: no worker knows their types any more."""
    for schedule in RETIRED_SCHEDULES:
        try:
            await client.get_schedule_handle(schedule).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
    types = ", ".join(f"'{name}'" for name in RETIRED_WORKFLOWS)
    async for run in client.list_workflows(f"WorkflowType IN ({types}) AND ExecutionStatus = 'Running'"):
        try:
            await client.get_workflow_handle(run.id, run_id=run.run_id).terminate("Housekeeping has taken its place")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it ended meanwhile
                raise
