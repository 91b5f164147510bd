"""The reports of figures that leave by mail, and when each leaves next (domain 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.figures import FigureReport
from policies.reports import DueReport, due_between
from storage.definitions import DefinitionKind, Definitions

LOOKS_AHEAD = timedelta(days=32)
"""Within which each report leaves at least once."""


@dataclass(frozen=True, slots=True)
class PlannedReport:
    report: FigureReport
    version: int
    next: DueReport | None


async def planned_reports(session: AsyncSession, definitions: Definitions, now: datetime) -> list[PlannedReport]:
    """Those in force, by their names."""
    zone = (await definitions.organisation(session)).time_zone
    active = (await definitions.active(session, DefinitionKind.FIGURE_REPORT))[DefinitionKind.FIGURE_REPORT]
    found = [
        PlannedReport(each.body, each.version, next(due_between(each.body, zone, now, now + LOOKS_AHEAD), None))
        for each in active.values()
        if isinstance(each.body, FigureReport)
    ]
    return sorted(found, key=lambda each: (each.report.name, each.report.slug))
