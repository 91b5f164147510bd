"""What every write of a case ends with (design, "After every write")."""

from __future__ import annotations

from functools import partial

from cases import incidents, kpis, work_events
from cases.unit import CaseUnit
from models.messages.cases import CaseSnapshot

PROMISES = "promises"
"""The key of the incident that the promises of a case could not be judged after a write."""


async def settle(unit: CaseUnit, *, done: str | None = None) -> CaseSnapshot:
    """KPI instances anew, first the one whose success did not last; one version more; facts for the run.

    A write is not lost because a promise cannot be judged: its instances then stay as they are. `done`: the key of the
    incident that this write ends, if it is the repetition of what had failed.
    """
    if await unit.part(PROMISES, "promises", partial(_judged, unit), False):
        await incidents.end(unit.session, unit.case, unit.now, PROMISES)
    await work_events.changed_hands(unit)
    if done is not None:
        await incidents.end(unit.session, unit.case, unit.now, done)
    return await unit.written()


async def _judged(unit: CaseUnit) -> bool:
    if unit.did_not_last is not None:
        await kpis.reinstate(unit, unit.did_not_last)
    await kpis.reevaluate(unit)
    return True
