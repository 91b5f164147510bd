"""The runs of all that is open, started again from the rows: for a house whose workflow engine has lost its data."""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlalchemy import func, select, update

from engine.dispatch import CaseDispatcher
from models.messages.cases import OPEN_STATUSES
from models.records.cases import Case
from models.records.reference import Entitlement
from storage.engines import Database
from storage.repositories.contracts import TIMED

AT_ONCE = 500
"""Cases that are read together."""
CONCURRENCY = 24


async def open_cases(database: Database) -> int:
    async with database.read() as session:
        counted = select(func.count()).select_from(Case).where(Case.status.in_(OPEN_STATUSES))
        return await session.scalar(counted) or 0


async def wake_all(database: Database, dispatcher: CaseDispatcher) -> int:
    """Start a run for every open case that has none, and have housekeeping do so for contracts. Safe to repeat.

    A run loads its case, with all promises and their deadlines, and judges at once what fell due meanwhile. Closed cases have
    no run; whatever comes for one wakes it. Returns how many cases were told.
    """
    limit, told = asyncio.Semaphore(CONCURRENCY), 0
    async with database.write() as session:
        # A contract without an instant is one that no run keeps (`unkept_contracts`).
        await session.execute(update(Entitlement).where(TIMED).values(due_on=None))

    async def wake(id: UUID, number: str, origin: str) -> None:
        async with limit:
            await dispatcher.wake(id, number, origin)

    after: UUID | None = None
    while True:
        wanted = select(Case.id, Case.number, Case.origin).where(Case.status.in_(OPEN_STATUSES))
        if after is not None:
            wanted = wanted.where(Case.id > after)
        async with database.read() as session:
            rows = (await session.execute(wanted.order_by(Case.id).limit(AT_ONCE))).all()
        if not rows:
            return told
        await asyncio.gather(*(wake(id, number, origin) for id, number, origin in rows))
        told, after = told + len(rows), rows[-1][0]
