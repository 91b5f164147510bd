"""A calendar has changed: which promises would be due at another time, and the operation that moves them (domain 4.5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.bulk import OPERATIONS, Asked, BulkDesk, item_rows
from desk.commands import ANSWER_WITHIN, body_hash, checked_key
from desk.errors import Conflict, NotFound
from desk.identity import Identity
from desk.reference import definitions as reference
from desk.refusals import KeyReused
from models.messages.api_cases import RecomputeBody, stored
from models.messages.api_promises import Moved, RecomputePreview
from models.messages.calendars import Calendar
from models.messages.cases import OPEN_STATUSES, CommandKind
from models.messages.kpi import SlaTerms
from models.messages.operations import AT_ONCE, OperationState
from models.messages.said import said
from models.messages.slas import OPEN_KPI_STATUSES, KpiInstance, Pin, SlaDefinition
from models.records.base import table_of
from models.records.cases import Case
from models.records.operations import BulkItem, BulkOperation
from models.records.promises import KpiRow
from policies.business_time import NoWorkingTime
from policies.kpi import recompute
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database

A_PAGE = 500
MOST_SHOWN = 10_000
ACTION = CommandKind.RECOMPUTE.value


class _Behind(NamedTuple):
    """An open promise that counts by an earlier version."""

    case_id: UUID
    number: str
    instance: KpiInstance


class Recomputing:
    def __init__(self, database: Database, definitions: Definitions, bulk: BulkDesk) -> None:
        self.database, self.definitions, self.bulk = database, definitions, bulk

    async def preview(self, key: str, now: datetime) -> RecomputePreview:
        """Nothing is written. `NotFound` for an unknown calendar, `Conflict` for one of which no version is in force."""
        async with self.database.read() as session:
            pin, calendar = await _in_force(session, key)
            moved: list[Moved] = []
            cases: set[UUID] = set()
            unmoved = more = 0
            async for behind in _behind(session, pin):
                cases.add(behind.case_id)
                found = await self._moved(session, pin, calendar, behind, now)
                if found is None:
                    unmoved += 1
                elif len(moved) < MOST_SHOWN:
                    moved.append(found)
                else:
                    more += 1
        return RecomputePreview(
            calendar=pin.slug,
            version=pin.version,
            cases=len(cases),
            unmoved=unmoved,
            moved=tuple(sorted(moved, key=_place)),
            more=more,
        )

    async def ask(self, identity: Identity, key: str, now: datetime, *, asked_by: str | None) -> Asked:
        """Once a key: every case with a promise of an earlier version gets a command, once, in an operation."""
        asked_by = checked_key(asked_by)
        id = uuid5(OPERATIONS, f"{identity.agent_id}/{asked_by}")
        async with self.database.write() as session:
            pin, _ = await _in_force(session, key)
            body = RecomputeBody(calendar=pin.slug)
            digest = body_hash(pin.slug, ACTION, stored(body))
            known = await session.get(BulkOperation, id)
            if known is not None and known.body_hash != digest:
                raise KeyReused
            if known is None:
                found = {behind.number: behind.case_id async for behind in _behind(session, pin)}
                total = len(found)
                session.add(
                    BulkOperation(
                        id=id,
                        actor_id=identity.agent_id,
                        key=asked_by,
                        action=ACTION,
                        body=stored(body),
                        body_hash=digest,
                        state=OperationState.PENDING.value,
                        total=total,
                        asked_on=now,
                    )
                )
                await session.flush()
                for some in item_rows(id, list(found.items())):
                    await session.execute(insert(table_of(BulkItem)), some)
            else:
                total = known.total
        await self.bulk.starter.start(id, ACTION, total)
        return Asked(id, await self.bulk.ended(id, ANSWER_WITHIN if total <= AT_ONCE else 0.0), known is not None)

    async def _moved(
        self, session: AsyncSession, pin: Pin, calendar: Calendar, behind: _Behind, now: datetime
    ) -> Moved | None:
        """Where it would move to; None: it would be due as it is."""
        old = behind.instance
        sla = await self.definitions.pinned(session, DefinitionKind.SLA, old.sla.slug, old.sla.version, SlaDefinition)
        terms = SlaTerms(
            in_force=None, slas={old.sla: sla}, calendars={pin: calendar}, calendar_versions={pin.slug: pin.version}
        )
        told: dict[str, Any] = {
            "case": behind.number,
            "kpi": old.kpi,
            "item": old.item_name,
            "status": old.status.value,
            "from_version": old.calendar.version if old.calendar else 0,
            "old_warning_at": old.warning_at,
            "old_failure_at": old.failure_at,
        }
        try:
            new = recompute(terms, [old], now)[0].instance
        except NoWorkingTime as error:
            return Moved(**told, problem=str(error))
        if (new.warning_at, new.failure_at) == (old.warning_at, old.failure_at):
            return None
        return Moved(**told, new_warning_at=new.warning_at, new_failure_at=new.failure_at)


def _place(moved: Moved) -> tuple[str, str]:
    return moved.case, moved.kpi


async def _in_force(session: AsyncSession, key: str) -> tuple[Pin, Calendar]:
    found = await reference.get(session, DefinitionKind.CALENDAR, key)
    if not isinstance(found.body, Calendar):
        raise NotFound(DefinitionKind.CALENDAR, key)
    if found.status != reference.ACTIVE:
        raise Conflict(
            "not-in-force",
            said("no version of the calendar {slug!r} is in force", slug=found.slug),
            allowed=("activate",),
        )
    return Pin(slug=found.slug, version=found.version), found.body


async def _behind(session: AsyncSession, pin: Pin) -> AsyncIterator[_Behind]:
    """Of every open case, in no order."""
    after: UUID | None = None
    while True:
        wanted = (
            select(KpiRow.id, KpiRow.case_id, Case.number, KpiRow.body)
            .join(Case, Case.id == KpiRow.case_id)
            .where(KpiRow.status.in_(OPEN_KPI_STATUSES), Case.status.in_(OPEN_STATUSES))
        )
        if after is not None:
            wanted = wanted.where(KpiRow.id > after)
        rows = (await session.execute(wanted.order_by(KpiRow.id).limit(A_PAGE))).all()
        for _, case_id, number, body in rows:
            calendar = body.get("calendar")
            if calendar is not None and calendar["slug"] == pin.slug and calendar["version"] != pin.version:
                yield _Behind(case_id, number, KpiInstance.model_validate(body))
        if len(rows) < A_PAGE:
            return
        after = rows[-1][0]
