"""HousekeepingWorkflow: one run for the whole house, forever. It owns nothing: its activity looks for what was left undone."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from activities.housekeeping import HousekeepingActivities
    from models.messages.names import HOUSEKEEPING_WORKFLOW
    from workflows.keeping import LONGEST, RESTARTS

HEARTBEAT = timedelta(seconds=10)
"""A worker that was killed is missed after this long; so long nobody looks. The activity beats every five seconds."""


@workflow.defn(name=HOUSEKEEPING_WORKFLOW)
class HousekeepingWorkflow:
    """One activity, and nothing else: while there is nothing to do, no event is added, and no run for six hours."""

    @workflow.run
    async def run(self) -> None:
        workflow.set_current_details("Repeats what was left undone, and looks for deadlines that passed unnoticed")
        await workflow.execute_activity_method(
            HousekeepingActivities.keep_house,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=HEARTBEAT,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            retry_policy=RESTARTS,
            summary="Housekeeping",
        )
        workflow.continue_as_new()
