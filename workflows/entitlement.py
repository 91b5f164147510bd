"""EntitlementWorkflow: one run per contract in force. It waits for the contract's first day, and for the end of its last."""

from __future__ import annotations

from functools import partial

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.entitlement import EntitlementActivities
    from models.messages.entitlements import EntitlementRun, EntitlementStatus, KeepInput, Standing
    from models.messages.names import ENTITLEMENT_CHANGED, ENTITLEMENT_WORKFLOW
    from workflows.timed import Timed

AWAITED = {EntitlementStatus.WAITING: "begins", EntitlementStatus.ACTIVE: "expires"}


@workflow.defn(name=ENTITLEMENT_WORKFLOW)
class EntitlementWorkflow:
    @workflow.init
    def __init__(self, given: EntitlementRun) -> None:
        self.timed = Timed(
            given.slug,
            EntitlementActivities.keep_entitlement,
            lambda now: KeepInput(entitlement_id=given.entitlement_id, now=now),
            partial(_details, given),
            _awaited,
        )

    @workflow.run
    async def run(self, given: EntitlementRun) -> None:
        """Until the dates have nothing more to do. Whoever activates the contract again starts it again."""
        if await self.timed.keep():
            workflow.continue_as_new(given)

    @workflow.signal(name=ENTITLEMENT_CHANGED, description="Somebody changed the contract: look at it again")
    def changed(self) -> None:
        self.timed.changed()


def _awaited(standing: Standing) -> str:
    return "warns" if standing.warns else AWAITED.get(standing.status, "")


def _details(given: EntitlementRun, standing: Standing | None) -> str:
    if standing is None:
        return f"Entitlement **{given.slug}** is no longer there"
    if standing.incident is not None:
        return f"Entitlement **{given.slug}**: {standing.status}; **incident** `{standing.incident}`"
    what = "warns on" if standing.warns else "until"
    until = f" {what} {standing.due:%Y-%m-%d %H:%M} UTC" if standing.due else ""
    return f"Entitlement **{given.slug}**: {standing.status}{until}"
