"""OutboxWorkflow: one run per mailbox, forever. It owns what leaves the house through that mailbox."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.outbox import OutboxActivities
    from models.messages.mailflow import MailboxJob
    from models.messages.names import CONFIGURE_UPDATE, MAIL_OUT_QUEUE, OUTBOX_WORKFLOW
    from workflows.keeping import Keeper


@workflow.defn(name=OUTBOX_WORKFLOW)
class OutboxWorkflow:
    @workflow.init
    def __init__(self, job: MailboxJob) -> None:
        self.keeper = Keeper(OutboxActivities.drain_outbox, job, MAIL_OUT_QUEUE)

    @workflow.run
    async def run(self, job: MailboxJob) -> None:
        workflow.set_current_details(f"Mailbox **{job.slug}**: sends mail")
        go_on = await self.keeper.keep()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if go_on:
            workflow.continue_as_new(job)

    @workflow.update(name=CONFIGURE_UPDATE, description="The settings changed: connect again")
    async def configure(self) -> None:
        await self.keeper.restart()
