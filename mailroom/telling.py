"""Telling cases of their deliveries beside the intake, a bounded number at once; what fails is left to the sweep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.dispatch import CaseDispatcher, ToTell
from engine.failpoints import failpoint

DISPATCHES = 24
DISPATCHES_WAITING = 200


class Teller:
    def __init__(self, dispatcher: CaseDispatcher) -> None:
        self.dispatcher = dispatcher
        self.limit = asyncio.Semaphore(DISPATCHES)
        self.tasks: set[asyncio.Task[None]] = set()

    async def tell(self, news: ToTell) -> None:
        if len(self.tasks) >= DISPATCHES_WAITING:
            await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._dispatch(news))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _dispatch(self, news: ToTell) -> None:
        async with self.limit:
            if await self.dispatcher.tell(news):
                failpoint("intake.dispatched")


@asynccontextmanager
async def telling(dispatcher: CaseDispatcher) -> AsyncIterator[Teller]:
    """A teller that has told all when the context is left."""
    teller = Teller(dispatcher)
    try:
        yield teller
    finally:
        if teller.tasks:
            await asyncio.gather(*teller.tasks)
