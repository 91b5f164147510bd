"""OperationWorkflow: one run per action on many cases. It has the cases worked off in pieces, and shows how far it is.

It owns nothing: what was asked, and what became of each case, stands in rows. A run that was lost is started again, and goes
on where the rows say.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.operation import OperationActivities
    from models.messages.names import OPERATION_WORKFLOW
    from models.messages.operations import OperationProgress, OperationRun

TIMEOUT = timedelta(minutes=5)
HEARTBEAT = timedelta(seconds=15)
"""After so long without one, the piece of a killed worker is begun again."""
TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Without an end: the database or the engine may be away, and the UI shows that it waits."""
MOST_PIECES = 200
"""Of one run; then it continues as new."""


@workflow.defn(name=OPERATION_WORKFLOW)
class OperationWorkflow:
    @workflow.run
    async def run(self, given: OperationRun) -> OperationProgress:
        """Until every case is decided, or somebody has cancelled the rest."""
        for _ in range(MOST_PIECES):
            progress = await workflow.execute_activity_method(
                OperationActivities.work_operation,
                given,
                start_to_close_timeout=TIMEOUT,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=TRIES,
                summary="the next cases",
            )
            workflow.set_current_details(f"**{progress.decided}** of **{progress.total}** cases are decided")
            if progress.ended:
                return progress
            if workflow.info().is_continue_as_new_suggested():
                break
        workflow.continue_as_new(given)
