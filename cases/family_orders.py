"""Telling several cases what a command on one of them asks, and waiting until all have decided."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from engine.dispatch import CaseDispatcher, ToTell
from engine.failpoints import failpoint
from models.messages.families import FamilyProgress, FamilyRun
from models.messages.mailflow import DeliveryKind
from storage.engines import Database
from storage.repositories.families import Asked, asked_by

AT_ONCE = 16
WAITS = timedelta(seconds=10)
"""For one round; then the run that orders it asks again."""
LOOK_EVERY = 0.05
TELL_EVERY = 2.0
"""Seconds: what a case has not confirmed until then it is told again, which is safe to repeat."""


class FamilyOrders:
    def __init__(self, database: Database, dispatcher: CaseDispatcher) -> None:
        self.database, self.dispatcher = database, dispatcher

    async def order(self, given: FamilyRun) -> FamilyProgress:
        """Until all have decided, at most for a while. Safe to repeat: a case hears of a delivery once."""
        loop = asyncio.get_running_loop()
        ends, told = loop.time() + WAITS.total_seconds(), dict[object, float]()
        while True:
            async with self.database.read() as session:
                asked = await asked_by(session, given.command_id)
            left = [each for each in asked if not each.done]
            if not left or loop.time() > ends:
                return FamilyProgress(total=len(asked), done=len(asked) - len(left))
            due = [each for each in left if told.get(each.id, 0.0) + TELL_EVERY < loop.time()]
            await self._tell(due)
            told |= {each.id: loop.time() for each in due}
            await asyncio.sleep(LOOK_EVERY)

    async def _tell(self, asked: list[Asked]) -> None:
        limit = asyncio.Semaphore(AT_ONCE)

        async def tell(each: Asked) -> None:
            async with limit:
                news = ToTell(each.case_id, each.number, each.origin, each.id, DeliveryKind(each.kind))
                await self.dispatcher.tell(news)
                failpoint("family.told")

        await asyncio.gather(*(tell(each) for each in asked))
