"""The activity of `OutboxWorkflow`: it sends what one mailbox has to send, for hours."""

from __future__ import annotations

from temporalio import activity

from engine.watching import Watch
from letters.outbox import OutboxSender
from models.messages.mailflow import MailboxJob


class OutboxActivities:
    def __init__(self, sender: OutboxSender) -> None:
        self.sender = sender

    @activity.defn
    async def drain_outbox(self, job: MailboxJob) -> bool:
        """True: to be gone on with in a new run. False: there is nothing to send any more."""
        async with Watch(self.sender.longest) as watch:
            return await self.sender.drain(job, watch)
