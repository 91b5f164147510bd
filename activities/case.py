"""The steps of a case: each one transaction, safe to repeat, run by `workflows/steps.py` (design, "A mail's way" 4)."""

from __future__ import annotations

from temporalio import activity

from cases.clocks import CaseClocks
from cases.commands import CaseCommands
from cases.deliveries import CaseDeliveries
from cases.opening import CaseOpening
from cases.unit import CaseTools
from models.messages.cases import CaseSnapshot, CommandInput, DeliveryInput, LapseInput, Outcome, StepInput


class CaseActivities:
    def __init__(self, tools: CaseTools) -> None:
        self.opening, self.commands = CaseOpening(tools), CaseCommands(tools)
        self.clocks, self.deliveries = CaseClocks(tools), CaseDeliveries(tools)

    @activity.defn
    async def load_case(self, given: StepInput) -> CaseSnapshot:
        """The case as its rows have it."""
        return await self.opening.load_case(given)

    @activity.defn
    async def open_case(self, given: StepInput) -> CaseSnapshot:
        """Open the case, once."""
        return await self.opening.open_case(given)

    @activity.defn
    async def apply_command(self, given: CommandInput) -> Outcome:
        """Apply one agent command, once."""
        return await self.commands.apply_command(given)

    @activity.defn
    async def lapse_clocks(self, given: LapseInput) -> CaseSnapshot:
        """Warn and fail what is due."""
        return await self.clocks.lapse_clocks(given)

    @activity.defn
    async def apply_delivery(self, given: DeliveryInput) -> CaseSnapshot:
        """Let the case hear of one delivery, once."""
        return await self.deliveries.apply_delivery(given)
