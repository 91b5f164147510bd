"""What must be so after merges, closings of families and an action on many cases, whatever died meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.cases import CaseStatus
from models.messages.operations import BulkAction
from models.records.cases import Case, CaseResolution, QueueItem
from models.records.commands import Delivery
from models.records.operations import BulkItem
from models.records.promises import LedgerEntry
from models.records.reference import Entitlement
from models.records.timeline import Activity, TimelineEntry
from storage.engines import Database


@dataclass
class Family:
    """A parent with its children, or a survivor with its losers; by number."""

    head: str
    others: list[str]
    child: str = ""
    """Of the first loser."""


@dataclass
class Asked:
    many: list[str]
    action: BulkAction | None
    """What is done to each of those."""
    families: list[Family]
    merges: list[Family]
    operation: UUID | None = None


async def check(database: Database, asked: Asked) -> list[str]:
    """What is not so, in words; empty if all is well."""
    async with database.read() as session:
        seen = _Rows(session, [])
        await seen.load()
        undone = await session.scalar(select(func.count()).select_from(Delivery).where(~Delivery.done))
        seen.expect("deliveries that nobody heard of", 0, undone)
        await _acted(seen, asked)
        for family in asked.families:
            await _closed(seen, (family.head, *family.others))
        for merge in asked.merges:
            await _merged(seen, merge)
        await _balanced(seen)
        return seen.faults


class _Rows:
    def __init__(self, session: AsyncSession, faults: list[str]) -> None:
        self.session, self.faults = session, faults
        self.cases: dict[str, Case] = {}
        self.told: dict[UUID, Counter[str]] = {}

    async def load(self) -> None:
        self.cases = {case.number: case for case in await self.session.scalars(select(Case))}
        self.told = {case.id: Counter() for case in self.cases.values()}
        for case_id, kind in await self.session.execute(select(TimelineEntry.case_id, TimelineEntry.kind)):
            self.told[case_id][kind] += 1

    def expect(self, what: str, wanted: object, found: object) -> None:
        if wanted != found:
            self.faults.append(f"{what}: expected {wanted}, found {found}")

    async def count(self, of: type[Activity] | type[QueueItem] | type[CaseResolution], case: Case) -> int:
        found = select(func.count()).select_from(of).where(of.case_id == case.id)
        return await self.session.scalar(found) or 0


async def _acted(seen: _Rows, asked: Asked) -> None:
    if asked.action is None:
        return
    states = await seen.session.execute(
        select(BulkItem.state, func.count()).where(BulkItem.operation_id == asked.operation).group_by(BulkItem.state)
    )
    seen.expect("results of the operation", {"done": len(asked.many)}, {row[0]: row[1] for row in states})
    for number in asked.many:
        case = seen.cases[number]
        seen.expect(f"{number}, version", 2, case.version)
        if asked.action is BulkAction.CHANGE:
            seen.expect(f"{number}, title", "Anew", case.title)
            seen.expect(f"{number}, changes told", 1, seen.told[case.id]["changed"])
    if asked.action is BulkAction.RESOLVE:
        await _closed(seen, asked.many)


async def _closed(seen: _Rows, numbers: Iterable[str]) -> None:
    for number in numbers:
        case = seen.cases[number]
        seen.expect(f"{number}, status", CaseStatus.RESOLVED.value, case.status)
        seen.expect(f"{number}, resolutions", 1, await seen.count(CaseResolution, case))
        seen.expect(f"{number}, resolutions told", 1, seen.told[case.id]["resolved"])


async def _merged(seen: _Rows, merge: Family) -> None:
    survivor = seen.cases[merge.head]
    seen.expect(f"{merge.head}, status", CaseStatus.ACTIVE.value, survivor.status)
    for kind in ("adopted", "note", "activity"):
        seen.expect(f"{merge.head}, {kind} told", len(merge.others), seen.told[survivor.id][kind])
    seen.expect(f"{merge.head}, activities", len(merge.others), await seen.count(Activity, survivor))
    child = seen.cases[merge.child]
    seen.expect(f"{merge.child}, parent", survivor.id, child.parent_id)
    for number in merge.others:
        loser = seen.cases[number]
        seen.expect(f"{number}, where it went", ("cancelled", merge.head), (loser.status, loser.merged_into))
        seen.expect(f"{number}, merges told", 1, seen.told[loser.id]["merged"])
        seen.expect(f"{number}, activities left", 0, await seen.count(Activity, loser))
        live = select(func.count()).select_from(QueueItem).where(QueueItem.case_id == loser.id, QueueItem.live)
        seen.expect(f"{number}, live queue items", 0, await seen.session.scalar(live))


async def _balanced(seen: _Rows) -> None:
    for contract in await seen.session.scalars(select(Entitlement)):
        moved = await seen.session.scalar(
            select(func.sum(LedgerEntry.terms)).where(LedgerEntry.entitlement_id == contract.id)
        )
        seen.expect(f"{contract.slug}, what remains", contract.total_terms + (moved or 0), contract.remaining_terms)
