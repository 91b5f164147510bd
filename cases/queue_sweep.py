"""What housekeeping looks for in queues that assign by themselves: cases that somebody could get, and nobody gives out."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from cases.queue_looks import see
from cases.queue_news import rules_in_force
from cases.sweeps import GrowingPauses
from engine.queues import QueueTeller
from storage.definitions import Definitions
from storage.engines import Database

log = structlog.get_logger(__name__)


class QueueSweep:
    """Tells the queues whose run could do something now: it was not told, because a process died, or because an
    organisation file changed a rule, a member or a skill. A queue that has nothing to do is told nothing."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        teller: QueueTeller,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database, self.definitions, self.teller = database, definitions, teller
        self.pauses = GrowingPauses(clock)

    async def sweep(self) -> int:
        now = datetime.now(UTC)
        could = {}
        async with self.database.read() as session:
            rules = await rules_in_force(session, self.definitions)
            for slug in sorted(rules):
                seen = await see(session, self.definitions, slug, now)
                if seen is not None and (seen.moves or seen.proposals):
                    could[seen.queue.id] = slug
        due = self.pauses.due(list(could), len(could))
        for id in due:
            log.info("a queue is told that it has something to do", queue=could[id])
            if not await self.teller.tell(could[id]):
                break
        return len(due)
