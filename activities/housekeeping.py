"""The activity of `HousekeepingWorkflow`: it looks for hours, and hands over when its worker stops."""

from __future__ import annotations

from temporalio import activity

from engine.housekeeping import Housekeeper
from engine.watching import Watch


class HousekeepingActivities:
    def __init__(self, housekeeper: Housekeeper) -> None:
        self.housekeeper = housekeeper

    @activity.defn
    async def keep_house(self) -> None:
        """Until it is to be gone on with in a new run."""
        async with Watch(self.housekeeper.longest) as watch:
            await self.housekeeper.keep(watch)
