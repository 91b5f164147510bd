"""The activity of `WebhookWorkflow`: it tells other programs, for hours."""

from __future__ import annotations

from temporalio import activity

from engine.watching import Watch
from letters.webhooks import WebhookSender


class WebhookActivities:
    def __init__(self, sender: WebhookSender) -> None:
        self.sender = sender

    @activity.defn
    async def send_webhooks(self) -> None:
        """Until it is to be gone on with in a new run."""
        async with Watch(self.sender.longest) as watch:
            await self.sender.drain(watch)
