"""A case's rows as the facts that its workflow, the desk and the state machine decide on."""

from __future__ import annotations

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.cases import CaseSnapshot, CaseStatus, SlaState
from models.messages.processes import ProcessState
from models.messages.slas import KpiInstance
from models.records.cases import Activity, Case, KpiRow, ProcessInstance, QueueItem
from models.records.reference import Agent
from policies.kpi import next_clocks

# Built once: a statement that is built anew for every case costs more than the database takes to answer it.
CASE = bindparam("case", type_=Uuid())
KPI_BODIES = select(KpiRow.body).where(KpiRow.case_id == CASE)
LIVE_ITEM = select(QueueItem).where(QueueItem.case_id == CASE, QueueItem.live)
AROUND = select(
    select(func.count()).where(Activity.case_id == CASE, Activity.status == "open").scalar_subquery(),
    select(QueueItem.worked_by).where(QueueItem.case_id == CASE, QueueItem.live).scalar_subquery(),
    select(ProcessInstance.state).where(ProcessInstance.case_id == CASE, ProcessInstance.current).scalar_subquery(),
    select(Agent.slug).where(Agent.id == bindparam("owner", type_=Uuid())).scalar_subquery(),
)


async def kpi_instances(session: AsyncSession, case: Case) -> list[KpiInstance]:
    """All KPI instances of the case; of each KPI the oldest first."""
    rows = await session.scalars(KPI_BODIES, {"case": case.id})
    found = [KpiInstance.model_validate(body) for body in rows]
    return sorted(found, key=lambda instance: (instance.kpi, instance.ordinal))


async def live_item(session: AsyncSession, case: Case) -> QueueItem | None:
    return await session.scalar(LIVE_ITEM, {"case": case.id})


async def snapshot_of(session: AsyncSession, case: Case) -> CaseSnapshot:
    """Read what the snapshot needs; for a case that was just written, `settled_snapshot` has it at hand."""
    return await settled_snapshot(session, case, await kpi_instances(session, case))


async def standing_of(session: AsyncSession, case: Case) -> CaseSnapshot:
    """The snapshot without its clocks: all that the state machine asks."""
    return await settled_snapshot(session, case, [])


async def settled_snapshot(session: AsyncSession, case: Case, instances: list[KpiInstance]) -> CaseSnapshot:
    found = await session.execute(AROUND, {"case": case.id, "owner": case.owner_id})
    count, worker, state, owner_slug = found.one()
    current = ProcessState.model_validate(state) if state else None
    open_case = case.status in (CaseStatus.OPENING, CaseStatus.ACTIVE)
    return CaseSnapshot(
        case_id=case.id,
        number=case.number,
        origin=case.origin,
        status=CaseStatus(case.status),
        status_reason=case.status_reason,
        version=case.version,
        priority=case.priority,
        owner=owner_slug,
        worked_by=worker,
        queue=case.queue,
        stage=current.stage if current else None,
        process_status=current.status if current else None,
        account_id=case.account_id,
        entitlement_id=case.entitlement_id,
        sla_state=SlaState(case.sla_state),
        clocks=next_clocks(instances) if open_case else (),
        open_activities=count,
        merged_into=case.merged_into,
        incidents=case.open_incidents,
    )
