"""What every write of a case ends with (design, "After every write")."""

from __future__ import annotations

from cases import kpis
from cases.unit import CaseUnit
from models.messages.cases import CaseSnapshot


async def settle(unit: CaseUnit) -> CaseSnapshot:
    """KPI instances anew, first the one whose success did not last; one version more; facts for the run."""
    if unit.did_not_last is not None:
        await kpis.reinstate(unit, unit.did_not_last)
    return await unit.written(await kpis.reevaluate(unit))
