"""A case's rows as the facts that its workflow, the desk and the state machine decide on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, Uuid, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.cases import CaseSnapshot, CaseStatus, SlaState
from models.messages.processes import ProcessState
from models.messages.slas import Clock, ClockKind, KpiInstance
from models.records.base import table_of
from models.records.cases import Case, QueueItem
from models.records.processes import ProcessInstance
from models.records.promises import KpiRow
from models.records.reference import Agent
from models.records.timeline import Activity
from policies.kpi import next_clocks

# Built once: a statement that is built anew for every case costs more than the database takes to answer it.
CASE = bindparam("case", type_=Uuid())
_kpis = table_of(KpiRow).c
KPI_BODIES = select(_kpis.body).where(_kpis.case_id == CASE)


def _beside(statement: Select[Any]) -> ScalarSelect[Any]:
    """As a column of a statement that reads cases, whatever else that reads."""
    return statement.correlate(Case).scalar_subquery()


OPEN_ACTIVITIES = _beside(select(func.count()).where(Activity.case_id == Case.id, Activity.status == "open"))
NEXT_REMINDER = _beside(
    select(func.min(Activity.due)).where(
        Activity.case_id == Case.id,
        Activity.status == "open",
        or_(Activity.reminded_for.is_(None), Activity.reminded_for != Activity.due),
    )
)
AROUND = (
    OPEN_ACTIVITIES,
    _beside(select(QueueItem.worked_by).where(QueueItem.case_id == Case.id, QueueItem.live)),
    _beside(select(ProcessInstance.state).where(ProcessInstance.case_id == Case.id, ProcessInstance.current)),
    _beside(select(Agent.slug).where(Agent.id == Case.owner_id)),
    NEXT_REMINDER,
)
"""The columns of an `Around`, of a statement that reads cases."""
REMINDER_OF_CASE = select(NEXT_REMINDER).where(Case.id == CASE)
AROUND_CASE = select(*AROUND).where(Case.id == CASE)


class Around(NamedTuple):
    """What a snapshot says of rows that belong to the case."""

    open_activities: int
    worked_by: UUID | None
    process: dict[str, Any] | None
    """The state of the process that is shown."""
    owner: str | None
    """Slug of the agent who owns the case."""
    next_reminder: datetime | None
    """When the first of its open activities is due, of which nobody was reminded yet."""


async def kpi_instances(session: AsyncSession, case: Case) -> list[KpiInstance]:
    """All KPI instances of the case; of each KPI the oldest first."""
    rows = await session.scalars(KPI_BODIES, {"case": case.id})
    found = [KpiInstance.model_validate(body) for body in rows]
    return sorted(found, key=lambda instance: (instance.kpi, instance.ordinal))


async def snapshot_of(session: AsyncSession, case: Case) -> CaseSnapshot:
    """Read what the snapshot needs; a `CaseUnit` has it at hand."""
    return snapshot(case, await _around(session, case), await kpi_instances(session, case))


async def standing_of(session: AsyncSession, case: Case) -> CaseSnapshot:
    """The snapshot without its clocks: all that the state machine asks."""
    return snapshot(case, await _around(session, case))


async def _around(session: AsyncSession, case: Case) -> Around:
    found = await session.execute(AROUND_CASE, {"case": case.id})
    return Around._make(found.one())


def _clocks(case: Case, around: Around, instances: Sequence[KpiInstance]) -> tuple[Clock, ...]:
    """The promises' deadlines, and the first activity that is due, the earliest first."""
    clocks = next_clocks(instances)
    if around.next_reminder is None:
        return clocks
    reminder = Clock(instance_id=case.id, kind=ClockKind.REMINDER, due=around.next_reminder, kpi="activity")
    return tuple(sorted((*clocks, reminder), key=lambda clock: clock.due))


def snapshot(case: Case, around: Around, instances: Sequence[KpiInstance] = ()) -> CaseSnapshot:
    current = ProcessState.model_validate(around.process) if around.process else None
    open_case = case.status in (CaseStatus.OPENING, CaseStatus.ACTIVE)
    return CaseSnapshot(
        case_id=case.id,
        number=case.number,
        origin=case.origin,
        status=CaseStatus(case.status),
        status_reason=case.status_reason,
        version=case.version,
        priority=case.priority,
        owner=around.owner,
        worked_by=around.worked_by,
        queue=case.queue,
        stage=current.stage if current else None,
        process_status=current.status if current else None,
        account_id=case.account_id,
        entitlement_id=case.entitlement_id,
        sla_state=SlaState(case.sla_state),
        clocks=_clocks(case, around, instances) if open_case else (),
        open_activities=around.open_activities,
        merged_into=case.merged_into,
        incidents=case.open_incidents,
    )
