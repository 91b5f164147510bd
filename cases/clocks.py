"""Deadlines that have come: warn, fail, and what follows from it."""

from __future__ import annotations

from cases import kpis
from cases.settling import settle
from cases.snapshots import kpi_instances, snapshot_of
from cases.unit import CaseTools
from engine.failpoints import failpoint
from models.messages.cases import OPEN_STATUSES, CaseSnapshot, LapseInput
from policies.kpi import next_clocks


class CaseClocks:
    def __init__(self, tools: CaseTools) -> None:
        self.tools = tools

    async def lapse_clocks(self, given: LapseInput) -> CaseSnapshot:
        """Warn and fail what is due at `now`. What was done is not due any more, so a repetition writes nothing."""
        async with self.tools.unit(given.case_id, given.now) as unit:
            clocks = next_clocks(await kpi_instances(unit.session, unit.case))
            if unit.case.status not in OPEN_STATUSES or not clocks or clocks[0].due > given.now:
                return await snapshot_of(unit.session, unit.case)
            await kpis.lapse(unit)
            snapshot = await settle(unit)
        failpoint("clocks.committed")
        return snapshot
