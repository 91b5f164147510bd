"""Contracts of a desk under test: made, changed as the API would change them, and their runs moved through time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Replayer

from bootstrap import sandbox
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.records import Edit, Item
from engine.contracts import ContractTeller
from models.messages.entitlements import EntitlementDefinition
from models.messages.names import entitlement_workflow_id
from models.records.reference import Audit, Entitlement
from tests.support.desks import A_MOMENT, Desk
from tests.support.waiting import BOUND, until
from workflows.entitlement import EntitlementWorkflow

Change = Callable[[Edit], Awaitable[Item[Any]]]


class Contracts:
    """What tests do with the contracts of a desk. `now` is what the desk's clock shows to whoever changes one."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self.desk, self.now = desk, now

    async def make(self, slug: str, start: str, end: str, *, active: bool = True, **fields: Any) -> UUID:
        given = {"slug": slug, "name": slug, "account": "aurora", "total_terms": 5, "start": start, "end": end}
        body = EntitlementDefinition.model_validate(given | fields)
        item = await self.change(lambda edit: ENTITLEMENTS.create(edit, body))
        if active:
            await self.activate(slug)
        return item.id

    async def activate(self, slug: str) -> Item[Any]:
        return await self.change(lambda edit: ENTITLEMENTS.activate(edit, slug), tell=True)

    async def deactivate(self, slug: str) -> Item[Any]:
        return await self.change(lambda edit: ENTITLEMENTS.deactivate(edit, slug), tell=True)

    async def change(self, change: Change, *, tell: bool = False) -> Item[Any]:
        """`tell`: as the API does after the commit."""
        async with self.desk.house.database.write() as session:
            item = await change(Edit(session, "mona", self.now))
        if tell:
            await ContractTeller(self.desk.house.client).tell(item.id, item.body.slug)
        return item

    async def row(self, slug: str) -> Entitlement:
        async with self.desk.house.database.read() as session:
            return (await session.scalars(select(Entitlement).where(Entitlement.slug == slug))).one()

    async def audited(self, slug: str) -> list[tuple[str, str]]:
        async with self.desk.house.database.read() as session:
            rows = select(Audit).where(Audit.kind == "entitlement", Audit.object_id == slug).order_by(Audit.id)
            return [(row.actor, row.action) for row in await session.scalars(rows)]

    def handle(self, id: UUID) -> WorkflowHandle[Any, Any]:
        return self.desk.house.client.get_workflow_handle(entitlement_workflow_id(id))

    async def stands(self, slug: str, status: str, *, timed: bool = True) -> Entitlement:
        """Once its run has looked at it."""

        async def so() -> bool:
            row = await self.row(slug)
            return row.status == status and (row.due_on is not None) == timed

        await until(so)
        row = await self.row(slug)
        await self.settled(row.id)
        return row

    async def settled(self, id: UUID) -> None:
        async with asyncio.timeout(BOUND):
            while await self._works(id):
                await asyncio.sleep(0.02)

    async def _works(self, id: UUID) -> bool:
        try:
            found = (await self.handle(id).describe()).raw_description
        except RPCError:
            return False
        return found.HasField("pending_workflow_task") or bool(found.pending_activities)

    async def is_over(self, id: UUID) -> None:
        async def over() -> bool:
            return (await self.handle(id).describe()).status is WorkflowExecutionStatus.COMPLETED

        await until(over)

    async def forward_to(self, id: UUID, instant: datetime) -> bool:
        """Move that run's own clock a moment past `instant`; False if it ended on the way, for good."""
        handle = self.handle(id)
        left: timedelta = instant - await self.desk.temporal.get_current_time(handle) + A_MOMENT
        reached: bool = await self.desk.temporal.fast_forward(handle, left)
        return reached

    async def replay(self) -> int:
        """Every run of every contract replays; the answer is how many did. Those that are open are ended."""
        replayer = Replayer(
            workflows=[EntitlementWorkflow], data_converter=pydantic_data_converter, workflow_runner=sandbox()
        )
        async with self.desk.house.database.read() as session:
            ids = list(await session.scalars(select(Entitlement.id)))
        replayed = 0
        for id in ids:
            async for run in self.desk.house.client.list_workflows(f"WorkflowId = '{entitlement_workflow_id(id)}'"):
                handle = self.desk.house.client.get_workflow_handle(run.id, run_id=run.run_id)
                await replayer.replay_workflow(await handle.fetch_history())
                replayed += 1
                if run.status is WorkflowExecutionStatus.RUNNING:
                    await handle.terminate("the test is over")
        return replayed
