"""Runs that wait for instants of a kind of things, moved through time: those of contracts, and those of articles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Replayer

from bootstrap import sandbox
from tests.support.desks import A_MOMENT, Desk
from tests.support.waiting import BOUND, until


class TimedRuns:
    """Those of `workflow`, one for each row of `table`, whose run has the id that `id_of` gives."""

    table: Any
    workflow: type
    id_of: Callable[[UUID], str]

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def handle(self, id: UUID) -> WorkflowHandle[Any, Any]:
        return self.desk.house.client.get_workflow_handle(type(self).id_of(id))

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
        left = instant - await self.desk.temporal.get_current_time(handle) + A_MOMENT
        reached: bool = await self.desk.temporal.fast_forward(handle, left)
        return reached

    async def replay(self) -> int:
        """Every run of every one replays; the answer is how many did. Those that are open are ended."""
        replayer = Replayer(
            workflows=[self.workflow], data_converter=pydantic_data_converter, workflow_runner=sandbox()
        )
        async with self.desk.house.database.read() as session:
            ids = list(await session.scalars(select(self.table.id)))
        replayed = 0
        for id in ids:
            async for run in self.desk.house.client.list_workflows(f"WorkflowId = '{type(self).id_of(id)}'"):
                handle = self.desk.house.client.get_workflow_handle(run.id, run_id=run.run_id)
                await replayer.replay_workflow(await handle.fetch_history())
                replayed += 1
                if run.status is WorkflowExecutionStatus.RUNNING:
                    await handle.terminate("the test is over")
        return replayed
