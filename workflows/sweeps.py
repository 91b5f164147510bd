"""The sweeps that schedules start: deliveries that nobody confirmed, and proof that no deadline is overdue."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.sweeps import Sweeps
    from models.messages.mailflow import SweepResult
    from models.messages.names import DELIVERY_SWEEP_WORKFLOW, OVERDUE_SWEEP_WORKFLOW

SWEEP_TIMEOUT = timedelta(seconds=15)
SWEEP_TRIES = RetryPolicy(maximum_attempts=2)
"""The schedule comes again in ten seconds."""


@workflow.defn(name=DELIVERY_SWEEP_WORKFLOW)
class DeliverySweepWorkflow:
    @workflow.run
    async def run(self) -> SweepResult:
        return await workflow.execute_activity_method(
            Sweeps.sweep_deliveries,
            start_to_close_timeout=SWEEP_TIMEOUT,
            retry_policy=SWEEP_TRIES,
            summary="Deliveries that no case has confirmed",
        )


@workflow.defn(name=OVERDUE_SWEEP_WORKFLOW)
class OverdueSweepWorkflow:
    @workflow.run
    async def run(self) -> int:
        return await workflow.execute_activity_method(
            Sweeps.find_overdue,
            start_to_close_timeout=SWEEP_TIMEOUT,
            retry_policy=SWEEP_TRIES,
            summary="Deadlines that passed unnoticed",
        )
