"""The names by which runs that release 0.1.0 began ask for their steps.

They go on as they began, in the same order and with the same answers, so that their histories replay; what the steps do
is today's. Such a run asks by today's names as soon as it continues as new.
"""

from __future__ import annotations

from temporalio import activity

from activities.case import CaseActivities
from models.messages.cases import CaseSnapshot, CommandInput, DeliveryInput, LapseInput, Outcome, StepInput


class EarlierCaseActivities:
    def __init__(self, steps: CaseActivities) -> None:
        self.steps = steps

    @activity.defn
    async def load_case(self, given: StepInput) -> CaseSnapshot:
        return _snapshot(await self.steps.load(given))

    @activity.defn
    async def open_case(self, given: StepInput) -> CaseSnapshot:
        return _snapshot(await self.steps.open(given))

    @activity.defn
    async def apply_command(self, given: CommandInput) -> Outcome:
        return await self.steps.command(given)

    @activity.defn
    async def lapse_clocks(self, given: LapseInput) -> CaseSnapshot:
        return _snapshot(await self.steps.lapse(given))

    @activity.defn
    async def apply_delivery(self, given: DeliveryInput) -> CaseSnapshot:
        return _snapshot(await self.steps.deliver(given))


def _snapshot(outcome: Outcome) -> CaseSnapshot:
    if outcome.snapshot is None:
        raise RuntimeError("the case's rows could not be read")
    return outcome.snapshot
