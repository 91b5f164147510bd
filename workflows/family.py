"""FamilyWorkflow: one run per command that asks something of several cases, a merge or the closing of a family.

It owns nothing. What each case must hear stands in a row that the command wrote, so a run that never was, or that somebody
else started, changes nothing: this one has them told at once and side by side, and shows how far it is.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.family import FamilyActivities
    from models.messages.families import FamilyProgress, FamilyRun
    from models.messages.names import FAMILY_WORKFLOW

TIMEOUT = timedelta(seconds=60)
TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Without an end: the database may be away, and the UI shows that it waits."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)
"""Between two rounds, if a case cannot decide."""


@workflow.defn(name=FAMILY_WORKFLOW)
class FamilyWorkflow:
    @workflow.run
    async def run(self, given: FamilyRun) -> FamilyProgress:
        """Until every case has decided; a case whose part is set aside as an incident has decided too."""
        pause = FIRST_PAUSE
        while True:
            progress = await workflow.execute_activity_method(
                FamilyActivities.order_family,
                given,
                start_to_close_timeout=TIMEOUT,
                retry_policy=TRIES,
                summary=f"{given.kind} {given.number}",
            )
            workflow.set_current_details(
                f"**{given.kind} {given.number}**: {progress.done} of {progress.total} parts are decided"
            )
            if progress.done >= progress.total:
                return progress
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(given)
            await workflow.sleep(pause, summary="until the others are asked again")
            pause = min(2 * pause, LONGEST_PAUSE)
