"""The rows of some cases, read together after they have come to rest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.changes import TOLD, plain
from cases.snapshots import snapshot_of
from models.messages.cases import CaseSnapshot
from models.records.cases import Case, CaseResolution, QueueItem
from models.records.commands import Command, Delivery, Incident
from models.records.mails import EmailMessage
from models.records.processes import ProcessInstance
from models.records.promises import KpiRow, LedgerEntry
from models.records.timeline import Activity, TimelineEntry

Rows = dict[UUID, list[Any]]


@dataclass
class Past:
    """What is known of a case from the looks before."""

    standing: dict[str, Any]
    """Its fields as the last look left them, as the audit writes them."""
    version: int = 0
    entries: set[UUID] = field(default_factory=set)
    commands: set[UUID] = field(default_factory=set)
    """Those that were done."""
    deliveries: set[UUID] = field(default_factory=set)
    """Those that were heard."""


@dataclass
class Seen:
    """Rows by the id of their case; cases by number."""

    cases: dict[str, Case]
    snapshots: dict[str, CaseSnapshot]
    items: Rows
    activities: Rows
    timeline: Rows
    commands: Rows
    deliveries: Rows
    kpis: Rows
    processes: Rows
    resolutions: Rows
    ledger: Rows
    incidents: Rows
    mails: Rows
    by_id: dict[UUID, Case]

    def take(self, younger: Seen) -> None:
        """What was looked at later is so now."""
        for name, rows in vars(younger).items():
            getattr(self, name).update(rows)

    def forget(self, number: str) -> None:
        case = self.cases.pop(number)
        del self.snapshots[number], self.by_id[case.id]
        for rows in (self.items, self.activities, self.timeline, self.commands, self.deliveries, self.kpis):
            del rows[case.id]
        for rows in (self.processes, self.resolutions, self.ledger, self.incidents, self.mails):
            del rows[case.id]


async def look(session: AsyncSession, numbers: Collection[str]) -> Seen:
    """All rows of these cases."""
    found = list(await session.scalars(select(Case).where(Case.number.in_(numbers)).order_by(Case.id)))
    ids = [case.id for case in found]

    async def rows(of: Any) -> Rows:
        grouped: Rows = {id: [] for id in ids}
        for row in await session.scalars(select(of).where(of.case_id.in_(ids)).order_by(of.id)):
            grouped[row.case_id].append(row)
        return grouped

    return Seen(
        cases={case.number: case for case in found},
        snapshots={case.number: await snapshot_of(session, case) for case in found},
        items=await rows(QueueItem),
        activities=await rows(Activity),
        timeline=await rows(TimelineEntry),
        commands=await rows(Command),
        deliveries=await rows(Delivery),
        kpis=await rows(KpiRow),
        processes=await rows(ProcessInstance),
        resolutions=await rows(CaseResolution),
        ledger=await rows(LedgerEntry),
        incidents=await rows(Incident),
        mails=await rows(EmailMessage),
        by_id={case.id: case for case in found},
    )


def standing(case: Case) -> dict[str, Any]:
    """The case's fields as the audit writes them."""
    return {name: plain(getattr(case, name)) for name in TOLD}
