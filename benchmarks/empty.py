"""The baselines' workflows, which cost nothing but what Temporal itself costs. They are sandboxed and loaded anew for each run,
as a case is."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.messages.cases import CaseStart

EMPTY_QUEUE = "benchmark-empty"
EMPTY_WORKFLOW = "EmptyWorkflow"
RESTING_WORKFLOW = "RestingWorkflow"
TOUCH_UPDATE = "touch"


@workflow.defn(name=EMPTY_WORKFLOW)
class EmptyWorkflow:
    @workflow.run
    async def run(self, start: CaseStart) -> None:
        return


@workflow.defn(name=RESTING_WORKFLOW)
class RestingWorkflow:
    """Runs until it is terminated; its update does nothing."""

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        self.start = start

    @workflow.run
    async def run(self, start: CaseStart) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update(name=TOUCH_UPDATE)
    async def touch(self) -> None:
        return
