"""The activity of `OperationWorkflow`: safe to repeat, because each case knows the command that it got before."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from temporalio import activity

from cases.operations import Operations
from models.messages.operations import OperationProgress, OperationRun

BEAT_EVERY = 3.0
"""Seconds; a killed worker is replaced after a few of them are missing."""


class OperationActivities:
    def __init__(self, operations: Operations) -> None:
        self.operations = operations

    @activity.defn
    async def work_operation(self, given: OperationRun) -> OperationProgress:
        """Go on with the operation for some seconds, and answer how far it is."""
        beating = asyncio.create_task(_beat())
        try:
            return await self.operations.work(given.operation_id, activity.heartbeat)
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_EVERY)
