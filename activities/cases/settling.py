"""What every write of a case ends with (design, "After every write")."""

from __future__ import annotations

from activities.cases import kpis
from activities.cases.unit import CaseUnit
from models.messages.cases import CaseSnapshot


async def settle(unit: CaseUnit, *, reinstate: str | None = None) -> CaseSnapshot:
    """KPI instances anew, `reinstate` first if its success did not last; one version more; facts for the run."""
    if reinstate is not None:
        await kpis.reinstate(unit, reinstate)
    return await unit.written(await kpis.reevaluate(unit))
