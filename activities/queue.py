"""The activity of `QueueWorkflow`: one look at a queue, safe to repeat."""

from __future__ import annotations

from temporalio import activity

from cases.queue_looks import QueueLooks
from models.messages.assigning import Looked, LookInput


class QueueActivities:
    def __init__(self, looks: QueueLooks) -> None:
        self.looks = looks

    @activity.defn
    async def look_at_queue(self, given: LookInput) -> Looked:
        """Give out what can be given out, send on what overflows, and say when to look again."""
        return await self.looks.look(given)
