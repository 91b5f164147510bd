"""The activity of `EntitlementWorkflow`: one transaction, safe to repeat."""

from __future__ import annotations

from temporalio import activity

from cases.attempts import TRIES
from cases.contract_times import ContractTimes
from models.messages.entitlements import KeepInput, Standing


class EntitlementActivities:
    def __init__(self, times: ContractTimes) -> None:
        self.times = times

    @activity.defn
    async def keep_entitlement(self, given: KeepInput) -> Standing | None:
        """Have the contract stand as its dates say, and answer when they will change that."""
        return await self.times.kept(given, last=activity.info().attempt >= TRIES)
