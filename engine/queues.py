"""Telling the run of a queue that assigns by itself that there may be something to do. Safe to repeat, and to lose."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from engine.standing import STANDING
from models.messages.assigning import QueueRun
from models.messages.names import CASES_QUEUE, QUEUE_NEWS, QUEUE_WORKFLOW, queue_workflow_id

PAUSE = 0.2
"""Seconds after which a queue is told again, if there was more news: the first of them is told at once."""

log = structlog.get_logger(__name__)


class QueueTeller:
    """One for the process. What is told while a queue is being told already is told once more, however often that was: a
    thousand cases at once are a few signals. Housekeeping finds what was lost."""

    def __init__(self, client: Client, *, task_queue: str = CASES_QUEUE) -> None:
        self.client, self.task_queue = client, task_queue
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    async def tell(self, slug: str) -> bool:
        """Signal the queue's run, starting one if there is none. False if the engine does not answer."""
        try:
            await self.client.start_workflow(
                QUEUE_WORKFLOW,
                QueueRun(slug=slug),
                id=queue_workflow_id(slug),
                task_queue=self.task_queue,
                static_summary=f"Queue {slug}",
                start_signal=QUEUE_NEWS,
                **STANDING,
            )
        except (RPCError, RuntimeError) as error:
            log.warning("a queue with news is left to housekeeping", queue=slug, error=type(error).__name__)
            return False
        return True

    def tell_soon(self, slugs: Iterable[str]) -> None:
        """As `tell`, without waiting for the engine: whoever has just written a case has its next step to do."""
        for slug in slugs:
            if slug in self._telling:
                self._again.add(slug)
            else:
                self._telling[slug] = asyncio.create_task(self._tell(slug))

    async def told(self) -> None:
        """Until everything that was to be told soon has been."""
        while self._telling:
            await asyncio.gather(*self._telling.values())

    async def _tell(self, slug: str) -> None:
        try:
            while True:
                self._again.discard(slug)
                await self.tell(slug)
                await asyncio.sleep(PAUSE)
                if slug not in self._again:
                    return
        finally:
            del self._telling[slug]
