"""WebhookWorkflow: one run for the whole house, forever. It owns the rows of what other programs are told."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from activities.webhooks import WebhookActivities
    from models.messages.names import MAIL_OUT_QUEUE, WEBHOOK_WORKFLOW
    from workflows.keeping import LONGEST, RESTARTS

HEARTBEAT = timedelta(seconds=10)
"""A worker that was killed is missed after this long."""


@workflow.defn(name=WEBHOOK_WORKFLOW)
class WebhookWorkflow:
    """One activity, and nothing else: while there is nothing to tell, no event is added, and no run for six hours."""

    @workflow.run
    async def run(self) -> None:
        workflow.set_current_details("Tells other programs what processes ask it to")
        await workflow.execute_activity_method(
            WebhookActivities.send_webhooks,
            task_queue=MAIL_OUT_QUEUE,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=HEARTBEAT,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            retry_policy=RESTARTS,
            summary="Webhooks",
        )
        workflow.continue_as_new()
