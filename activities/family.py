"""The activity of `FamilyWorkflow`: safe to repeat, because each case hears of a delivery once."""

from __future__ import annotations

from temporalio import activity

from cases.family_orders import FamilyOrders
from models.messages.families import FamilyProgress, FamilyRun


class FamilyActivities:
    def __init__(self, orders: FamilyOrders) -> None:
        self.orders = orders

    @activity.defn
    async def order_family(self, given: FamilyRun) -> FamilyProgress:
        """Tell each case of its part, and answer how many have decided."""
        return await self.orders.order(given)
