"""What housekeeping looks for: deliveries that nobody confirmed, contracts that nobody keeps, deadlines that passed unnoticed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, text

from engine.contracts import ContractTeller
from engine.dispatch import CaseDispatcher, ToTell
from engine.operations import OperationStarter
from models.messages.mailflow import DeliveryKind
from models.records.operations import LEFT, BulkOperation
from storage.engines import Database
from storage.repositories.contracts import unkept_contracts
from storage.repositories.mails import UndoneDelivery, overdue_kpis, undone_deliveries

DELIVERY_PATIENCE = timedelta(seconds=5)
"""Wall time in which a case is expected to have confirmed by itself."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
"""Seconds from one repetition of a delivery to the next: each time twice as long, so that the history of a case that
cannot confirm grows by a signal in five minutes, and not by one a round."""
LOOKED_AT = 3000
"""Of the oldest undone deliveries: so many may be stuck before they hide a younger one."""
DELIVERIES_A_SWEEP = 300
CONTRACTS_A_SWEEP = 300
OPERATIONS_A_SWEEP = 100
CONCURRENCY = 24
OVERDUE_PATIENCE = timedelta(seconds=60)
OVERDUE_EVERY = 30.0
"""Seconds between two looks: a deadline counts as missed only after a minute."""
NAMED = 20
"""Missed deadlines that the log names at once."""

log = structlog.get_logger(__name__)


class GrowingPauses:
    """When what was told without effect is told again: after pauses that grow from `FIRST_WAIT` to `LONGEST_WAIT`.

    Kept in memory only: another worker begins to count anew. `clock` tells seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._waits: dict[UUID, tuple[float, float]] = {}
        """By id: until when by the clock it is left alone, and how many seconds that is."""

    def due(self, waiting: Sequence[UUID], most: int) -> set[UUID]:
        """The first `most` of these whose pause is over; each gets the next, longer one. All others are forgotten."""
        now = self.clock()
        never = (now, FIRST_WAIT / 2)
        self._waits = {id: self._waits.get(id, never) for id in waiting}
        due = [id for id in waiting if self._waits[id][0] <= now][:most]
        for id in due:
            longer = min(2 * self._waits[id][1], LONGEST_WAIT)
            self._waits[id] = (now + longer, longer)
        return set(due)


class DeliverySweep:
    """Tells cases again what none has confirmed, oldest first: a delivery is safe to repeat."""

    def __init__(
        self, database: Database, dispatcher: CaseDispatcher, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.database, self.dispatcher, self.pauses = database, dispatcher, GrowingPauses(clock)

    async def sweep(self) -> int:
        async with self.database.read() as session:
            undone = await undone_deliveries(session, datetime.now(UTC) - DELIVERY_PATIENCE, LOOKED_AT)
        pauses_over = self.pauses.due([each.id for each in undone], DELIVERIES_A_SWEEP)
        due = [each for each in undone if each.id in pauses_over]
        if due:
            log.info("deliveries repeated", count=len(due), undone=len(undone), oldest=due[0].number)
        limit = asyncio.Semaphore(CONCURRENCY)

        async def repeat(delivery: UndoneDelivery) -> None:
            async with limit:
                await self.dispatcher.tell(
                    ToTell(
                        delivery.case_id,
                        delivery.number,
                        delivery.origin,
                        delivery.id,
                        DeliveryKind(delivery.kind),
                    )
                )

        await asyncio.gather(*(repeat(delivery) for delivery in due))
        return len(due)


class ContractSweep:
    """Tells contracts that their run knows nothing of, or has missed its instant by a minute: after an organisation file,
    an upgrade, a change of the organisation's time zone, or while the engine was away."""

    def __init__(
        self, database: Database, teller: ContractTeller, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.database, self.teller, self.pauses = database, teller, GrowingPauses(clock)

    async def sweep(self) -> int:
        async with self.database.read() as session:
            unkept = await unkept_contracts(session, datetime.now(UTC) - OVERDUE_PATIENCE, LOOKED_AT)
        pauses_over = self.pauses.due([id for id, _ in unkept], CONTRACTS_A_SWEEP)
        due = [(id, slug) for id, slug in unkept if id in pauses_over]
        for id, slug in due:
            if not await self.teller.tell(id, slug):
                break
        return len(due)


class OperationSweep:
    """Starts operations that should be under way: an operation whose run goes on already is not disturbed by that."""

    def __init__(
        self, database: Database, starter: OperationStarter, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.database, self.starter, self.pauses = database, starter, GrowingPauses(clock)

    async def sweep(self) -> int:
        """Always 0: most of those that it meets are under way, and only take their time."""
        async with self.database.read() as session:
            left = list(
                await session.execute(
                    select(BulkOperation.id, BulkOperation.action, BulkOperation.total)
                    .where(text(LEFT), BulkOperation.recorded_at < datetime.now(UTC) - DELIVERY_PATIENCE)
                    .order_by(BulkOperation.recorded_at)
                    .limit(OPERATIONS_A_SWEEP)
                )
            )
        pauses_over = self.pauses.due([row.id for row in left], OPERATIONS_A_SWEEP)
        for row in left:
            if row.id in pauses_over and not await self.starter.start(row.id, row.action, row.total):
                break
        return 0


class OverdueSweep:
    """Counts open KPI instances whose deadline passed over a minute ago: proof that timers work; repairs nothing."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.database, self.clock = database, clock
        self.overdue: set[tuple[str, str]] = set()
        """Case number and KPI, as of the last look."""
        self._looked: float | None = None

    async def sweep(self) -> int:
        """Always 0, because it has nothing done. The log names each once for as long as it lasts."""
        now = self.clock()
        if self._looked is not None and now - self._looked < OVERDUE_EVERY:
            return 0
        self._looked = now
        async with self.database.read() as session:
            found = await overdue_kpis(session, datetime.now(UTC) - OVERDUE_PATIENCE)
        new = [each for each in found if each not in self.overdue]
        for number, kpi in new[:NAMED]:
            log.error("deadline passed unnoticed", case=number, kpi=kpi)
        if len(new) > NAMED:
            log.error("more deadlines passed unnoticed", count=len(new) - NAMED)
        self.overdue = set(found)
        return 0
