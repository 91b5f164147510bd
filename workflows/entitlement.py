"""EntitlementWorkflow: one run per contract in force. It waits for the contract's first day, and for the end of its last."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.entitlement import EntitlementActivities
    from models.messages.entitlements import EntitlementRun, EntitlementStatus, KeepInput, Standing
    from models.messages.names import ENTITLEMENT_CHANGED, ENTITLEMENT_WORKFLOW

TIMEOUT = timedelta(seconds=10)
TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Without an end: a contract must not stay in force because a database was away, and the UI shows what it waits for. A fault
of ours ends in an incident after three of them (`cases.attempts`)."""

AWAITED = {EntitlementStatus.WAITING: "begins", EntitlementStatus.ACTIVE: "expires"}


@workflow.defn(name=ENTITLEMENT_WORKFLOW)
class EntitlementWorkflow:
    @workflow.init
    def __init__(self, given: EntitlementRun) -> None:
        self.changes = 0

    @workflow.run
    async def run(self, given: EntitlementRun) -> None:
        """Until the dates have nothing more to do. Whoever activates the contract again starts it again."""
        while True:
            heard = self.changes
            standing = await self._keep(given)
            if standing is None or standing.due is None:
                if heard == self.changes:
                    return
                continue  # somebody has changed it meanwhile
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(given)
            await self._wait(given, standing, heard)

    @workflow.signal(name=ENTITLEMENT_CHANGED, description="Somebody changed the contract: look at it again")
    def changed(self) -> None:
        self.changes += 1

    async def _keep(self, given: EntitlementRun) -> Standing | None:
        standing = await workflow.execute_activity_method(
            EntitlementActivities.keep_entitlement,
            KeepInput(entitlement_id=given.entitlement_id, now=workflow.now()),
            start_to_close_timeout=TIMEOUT,
            retry_policy=TRIES,
            summary=given.slug,
        )
        workflow.set_current_details(_details(given, standing))
        return standing

    async def _wait(self, given: EntitlementRun, standing: Standing, heard: int) -> None:
        """One timer. The server cuts it at a hundred years: then nothing is due yet, and the next one is set."""
        due = standing.due or workflow.now()
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.changes != heard,
                timeout=max((due - workflow.now()).total_seconds(), 0.001),
                timeout_summary=f"{given.slug} {'warns' if standing.warns else AWAITED.get(standing.status, '')}".strip(),
            )


def _details(given: EntitlementRun, standing: Standing | None) -> str:
    if standing is None:
        return f"Entitlement **{given.slug}** is no longer there"
    if standing.incident is not None:
        return f"Entitlement **{given.slug}**: {standing.status}; **incident** `{standing.incident}`"
    what = "warns on" if standing.warns else "until"
    until = f" {what} {standing.due:%Y-%m-%d %H:%M} UTC" if standing.due else ""
    return f"Entitlement **{given.slug}**: {standing.status}{until}"
