"""What must always be running, made sure of at every start: the sweeps' schedules, and two workflows a mailbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from models.messages.mailflow import MailboxJob
from models.messages.names import (
    CASES_QUEUE,
    DELIVERY_SWEEP_SCHEDULE,
    DELIVERY_SWEEP_WORKFLOW,
    MAILBOX_WORKFLOW,
    OUTBOX_WORKFLOW,
    OVERDUE_SWEEP_SCHEDULE,
    OVERDUE_SWEEP_WORKFLOW,
    mailbox_workflow_id,
    outbox_workflow_id,
)

SWEEP_EVERY = timedelta(seconds=10)
CATCH_UP = timedelta(seconds=30)
"""A sweep that was missed for longer is not made up for: the next one finds the same rows."""


async def ensure_schedules(client: Client, *, every: timedelta = SWEEP_EVERY, task_queue: str = CASES_QUEUE) -> None:
    """Create both schedules; those that are there already stay as they are."""
    for schedule_id, workflow in (
        (DELIVERY_SWEEP_SCHEDULE, DELIVERY_SWEEP_WORKFLOW),
        (OVERDUE_SWEEP_SCHEDULE, OVERDUE_SWEEP_WORKFLOW),
    ):
        schedule = Schedule(
            action=ScheduleActionStartWorkflow(workflow, id=schedule_id, task_queue=task_queue),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
        )
        try:
            await client.create_schedule(schedule_id, schedule)
        except ScheduleAlreadyRunningError:
            continue


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
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Mailbox {job.slug}",
            )
