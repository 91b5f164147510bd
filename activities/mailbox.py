"""The activity of `MailboxWorkflow`: it reads one mailbox for hours, and hands over when its worker stops."""

from __future__ import annotations

from temporalio import activity

from engine.watching import Watch
from mailroom.intake import MailIntake
from models.messages.mailflow import MailboxJob


class MailboxActivities:
    def __init__(self, intake: MailIntake) -> None:
        self.intake = intake

    @activity.defn
    async def watch_mailbox(self, job: MailboxJob) -> bool:
        """True: to be gone on with in a new run. False: there is nothing to read any more."""
        async with Watch(self.intake.longest) as watch:
            return await self.intake.watch(job, watch)
