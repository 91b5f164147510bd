"""Housekeeping's part in the figures: whatever has changed is counted within seconds, and its days are summed up."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.cases import UNCOUNTED, Case
from models.records.figures import FigureBasis
from storage.definitions import Definitions
from storage.engines import Database
from storage.figures import counting, days
from storage.sqlite import aside

EVERY = 10.0
"""Seconds between two looks: a case is written several times while it is opened and worked on, and counted once for all."""
ROUNDS = 20
"""Transactions of one sweep."""

log = structlog.get_logger(__name__)


class FigureSweep:
    """Counts cases that have changed. Safe to repeat, and by two workers at once: one counts, the other waits."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        *,
        every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database, self.definitions, self.every, self.clock = database, definitions, every, clock
        self._looked: float | None = None
        self._failed: dict[UUID, int] = {}
        """Cases whose rows cannot be counted, with the version that could not: a fault of ours, which stops no other case."""

    async def sweep(self) -> int:
        now = self.clock()
        if self._looked is not None and now - self._looked < self.every:
            return 0
        done = 0
        for _ in range(ROUNDS):
            found = await self.step()
            done += found
            if not found:
                self._looked = now
                break
        return done

    async def step(self) -> int:
        """One transaction of counting, or of summing up where nothing is left to be counted; 0: nothing is left at all."""
        async with self.database.read() as session:
            left = await self._left(session)
            stale = await self._stale(session)
            due = [] if left or stale else await days.due_days(session)
        with aside():
            if stale or left:
                # At least one: what another worker has counted meanwhile has left days that are to be summed up.
                return max(await self._count(), 1)
            if due:
                async with self.database.write() as session:
                    by = await counting.basis(session, self.definitions)
                    await counting.lock(session)
                    await days.sum_up(session, by.organisation, due)
        return len(due)

    async def _left(self, session: AsyncSession) -> bool:
        """Whether a case waits to be counted. One that could not be is tried again when it has been written since."""
        rows = (
            await session.execute(
                select(Case.id, Case.version).where(text(UNCOUNTED)).order_by(Case.id).limit(1 + len(self._failed))
            )
        ).all()
        left = {row.id for row in rows if self._failed.get(row.id) != row.version}
        self._failed = {id: version for id, version in self._failed.items() if id not in left}
        return bool(left)

    async def _stale(self, session: AsyncSession) -> bool:
        known = await session.scalar(select(FigureBasis.settings))
        return known != (await counting.basis(session, self.definitions)).digest

    async def _count(self) -> int:
        try:
            async with self.database.write() as session:
                return await counting.count_some(session, self.definitions, without=self._failed)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            failure: Exception = error
        except Exception as error:  # noqa: BLE001 - the cases are counted one by one, and the one that fails is named
            failure = error
        return await self._one_by_one(failure)

    async def _one_by_one(self, failure: Exception) -> int:
        """A case of the batch cannot be counted: the others are."""
        log.error("figures: a batch failed", error=type(failure).__name__)
        async with self.database.read() as session:
            rows = (
                await session.execute(
                    select(Case.id, Case.version).where(text(UNCOUNTED)).order_by(Case.id).limit(counting.AT_ONCE)
                )
            ).all()
        for row in rows:
            if self._failed.get(row.id) == row.version:
                continue
            try:
                async with self.database.write() as session:
                    await counting.count_some(session, self.definitions, only=row.id)
            except Exception as error:  # noqa: BLE001 - figures of one case are wrong; those of all others are not
                log.error("figures: a case cannot be counted", id=str(row.id), error=type(error).__name__)
                self._failed[row.id] = row.version
        return len(rows)
