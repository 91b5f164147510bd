"""Digests: the news that waits for an agent, in one letter, when it is due (domain 11.1).

Housekeeping looks for them. The letter and the end of its lines are one transaction, so that each line is told once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select

from cases.readers import reading
from cases.sweeps import GrowingPauses
from letters.composing import Letters
from letters.notice_words import OF_DIGESTS
from letters.noticing import Notice
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.records.notices import NoticeLine
from models.records.reference import Agent
from storage.definitions import Definitions
from storage.engines import Database

A_SWEEP = 100
MOST_LINES = 200
"""Of one letter; how many more there were is said."""

log = structlog.get_logger(__name__)


class DigestSweep:
    """Args: `clock` tells seconds, for pauses; `now` the present, by which digests are due."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        letters: Letters,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database, self.definitions, self.letters, self.now = database, definitions, letters, now
        self.pauses = GrowingPauses(clock)

    async def sweep(self) -> int:
        """How many letters were due. One that cannot be written is tried again after growing pauses, and keeps no other one."""
        now = self.now()
        async with self.database.read() as session:
            due = list(
                await session.scalars(
                    select(NoticeLine.agent_id)
                    .where(NoticeLine.due_on <= now)
                    .group_by(NoticeLine.agent_id)
                    .order_by(func.min(NoticeLine.due_on))
                    .limit(A_SWEEP)
                )
            )
        ready = self.pauses.due(due, A_SWEEP)
        for agent in due:
            if agent in ready:
                try:
                    await self._write(agent, now)
                except (NoMailbox, CannotRender) as error:
                    log.warning("digest cannot be written", agent=str(agent), error=type(error).__name__)
        return len(ready)

    async def _write(self, agent_id: UUID, now: datetime) -> None:
        async with self.database.write() as session:
            taken = await session.scalars(
                delete(NoticeLine)
                .where(NoticeLine.agent_id == agent_id, NoticeLine.due_on <= now)
                .returning(NoticeLine)
                .execution_options(synchronize_session=False)
            )
            lines = sorted(taken, key=lambda line: (line.at, line.id))
            agent = await session.get(Agent, agent_id)
            if not lines or agent is None or not agent.active:
                return
            template = (await self.definitions.organisation(session)).digest_template
            text = "\n".join(line.line for line in lines[:MOST_LINES])
            if len(lines) > MOST_LINES:
                text = f"{text}\n... {len(lines) - MOST_LINES}"
            facts = {"digest": {"count": str(len(lines)), "lines": text}}
            notice = Notice(f"digest/{agent_id}/{lines[0].id}", template, OF_DIGESTS, facts)
            [reader] = await reading(session, [agent])
            await self.letters.notice_of_no_case(session, notice, reader, None, now)
