"""MailboxWorkflow: one run per mailbox, forever. It owns the cursor, the log of arrived mail, and the quarantine."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.mailbox import MailboxActivities
    from models.messages.mailflow import MailboxJob
    from models.messages.names import CONFIGURE_UPDATE, MAIL_IN_QUEUE, MAILBOX_WORKFLOW
    from workflows.keeping import Keeper


@workflow.defn(name=MAILBOX_WORKFLOW)
class MailboxWorkflow:
    @workflow.init
    def __init__(self, job: MailboxJob) -> None:
        self.keeper = Keeper(MailboxActivities.watch_mailbox, job, MAIL_IN_QUEUE)

    @workflow.run
    async def run(self, job: MailboxJob) -> None:
        workflow.set_current_details(f"Mailbox **{job.slug}**: takes in mail")
        go_on = await self.keeper.keep()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if go_on:
            workflow.continue_as_new(job)

    @workflow.update(name=CONFIGURE_UPDATE, description="The settings changed: connect again")
    async def configure(self) -> None:
        await self.keeper.restart()
