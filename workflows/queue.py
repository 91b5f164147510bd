"""QueueWorkflow: one run for each queue that does something by itself. It owns no row: it proposes, and the cases decide."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.queue import QueueActivities
    from models.messages.assigning import Looked, LookInput, QueueRun
    from models.messages.names import QUEUE_NEWS, QUEUE_WORKFLOW
    from workflows.run_length import is_long

TIMEOUT = timedelta(minutes=2)
"""Of a look: each of its commands is waited for at most ten seconds, sixteen at a time."""
TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Without an end: only a database or an engine that is away fails a look."""
TRIES_OF_AN_ITEM = 3
"""In a row. Then the others go on without it, and it is looked at again after the pause, or with the next news."""
PAUSE = timedelta(minutes=1)


@workflow.defn(name=QUEUE_WORKFLOW)
class QueueWorkflow:
    """Looks when there is news, and when the clock alone changes something: an agent's hours begin, a case has waited too
    long. While there is nothing to do it adds no event."""

    @workflow.init
    def __init__(self, given: QueueRun) -> None:
        self.news = 0

    @workflow.run
    async def run(self, given: QueueRun) -> None:
        """Until the queue does nothing by itself any more. Whoever changes that has it started again."""
        while True:
            heard = self.news
            looked = await self._look(given)
            if heard == self.news:
                if not looked.in_force:
                    return
                await self._wait(given, looked, heard)

    @workflow.signal(name=QUEUE_NEWS, description="A new item, a free hand, or somebody who is there now")
    def hear(self) -> None:
        self.news += 1

    async def _look(self, given: QueueRun) -> Looked:
        """Look after look, until one finds nothing to do. An item whose case refused three times is left out.

        A long history is left to a new run, which looks first of all: so no news is lost.
        """
        refused: Counter[UUID] = Counter()
        while True:
            without = tuple(item for item, tries in refused.items() if tries >= TRIES_OF_AN_ITEM)
            looked = await workflow.execute_activity_method(
                QueueActivities.look_at_queue,
                LookInput(id=workflow.uuid4(), slug=given.slug, now=workflow.now(), without=without),
                start_to_close_timeout=TIMEOUT,
                retry_policy=TRIES,
                summary=given.slug,
            )
            workflow.set_current_details(_details(given, looked))
            refused.update(looked.failed)
            if is_long():
                workflow.continue_as_new(given)  # the new run goes on with what is left
            if not looked.given and not looked.moved and not looked.failed:
                return self._with_pause(looked) if refused else looked

    def _with_pause(self, looked: Looked) -> Looked:
        again = workflow.now() + PAUSE
        return looked.model_copy(update={"next_look": min(looked.next_look or again, again)})

    async def _wait(self, given: QueueRun, looked: Looked, heard: int) -> None:
        wait = None
        if looked.next_look is not None:
            wait = max((looked.next_look - workflow.now()).total_seconds(), 0.001)
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.news != heard, timeout=wait, timeout_summary=f"{given.slug} is looked at again"
            )


def _details(given: QueueRun, looked: Looked) -> str:
    if not looked.in_force:
        return f"Queue **{given.slug}**: assigns nothing by itself"
    again = f"; looks again at {looked.next_look:%Y-%m-%d %H:%M} UTC" if looked.next_look else ""
    return f"Queue **{given.slug}**: {looked.waiting} wait{again}"
