"""What the schedules' workflows do: repeat undone deliveries, and look for deadlines that passed unnoticed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from temporalio import activity

from engine.dispatch import CaseDispatcher
from models.messages.mailflow import DeliveryKind, SweepResult
from storage.engines import Database
from storage.repositories.mails import UndoneDelivery, overdue_kpis, undone_deliveries

DELIVERY_PATIENCE = timedelta(seconds=5)
"""Wall time in which a case is expected to have confirmed by itself."""
DELIVERIES_A_SWEEP = 300
OVERDUE_PATIENCE = timedelta(seconds=60)
CONCURRENCY = 24

log = structlog.get_logger(__name__)


class Sweeps:
    def __init__(self, database: Database, dispatcher: CaseDispatcher) -> None:
        self.database, self.dispatcher = database, dispatcher

    @activity.defn
    async def sweep_deliveries(self) -> SweepResult:
        """Dispatch again what no case has confirmed, oldest first: a delivery is safe to repeat."""
        async with self.database.read() as session:
            found = await undone_deliveries(session, datetime.now(UTC) - DELIVERY_PATIENCE, DELIVERIES_A_SWEEP)
        if found:
            log.info("deliveries repeated", count=len(found), oldest=found[0].number)
        limit = asyncio.Semaphore(CONCURRENCY)

        async def repeat(delivery: UndoneDelivery) -> None:
            async with limit:
                await self._dispatch(delivery)

        await asyncio.gather(*(repeat(delivery) for delivery in found))
        return SweepResult(found=len(found), repeated=len(found))

    async def _dispatch(self, delivery: UndoneDelivery) -> None:
        if delivery.kind == DeliveryKind.OPEN:
            await self.dispatcher.open(delivery.case_id, delivery.number, delivery.origin)
        else:
            kind = DeliveryKind(delivery.kind)
            await self.dispatcher.deliver(delivery.case_id, delivery.number, delivery.origin, delivery.id, kind)

    @activity.defn
    async def find_overdue(self) -> int:
        """Count open KPI instances whose deadline passed over a minute ago: proof that timers work; repairs nothing."""
        async with self.database.read() as session:
            found = await overdue_kpis(session, datetime.now(UTC) - OVERDUE_PATIENCE)
        for number, kpi in found[:20]:
            log.error("deadline passed unnoticed", case=number, kpi=kpi)
        return len(found)
