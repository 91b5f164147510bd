"""A case's KPI instances and its process instance, as its page shows them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.fields import values
from cases.snapshots import kpi_instances
from models.messages.api_case_views import KpiView, ProcessView, SlaView, StageItem, StepItem
from models.messages.processes import ProcessDefinition, ProcessState
from models.messages.slas import KpiInstance
from models.records.cases import Case, ProcessInstance
from policies.process import stage_view
from storage.definitions import DefinitionKind, Definitions


async def sla_view(session: AsyncSession, case: Case) -> SlaView:
    """All instances that the case ever had, oldest first: a cancelled or missed one stays (domain 4.3)."""
    return SlaView(
        sla=case.sla,
        version=case.sla_version,
        source=case.sla_source,
        state=case.sla_state,
        items=tuple(_kpi(instance) for instance in await kpi_instances(session, case)),
    )


def _kpi(instance: KpiInstance) -> KpiView:
    return KpiView(
        id=instance.id,
        kpi=instance.kpi,
        item=instance.item_name,
        status=instance.status,
        applicable_from=instance.applicable_from,
        warning_at=instance.warning_at,
        failure_at=instance.failure_at,
        warned_on=instance.warned_on,
        paused_on=instance.paused_on,
        succeeded_on=instance.succeeded_on,
        failed_on=instance.failed_on,
        cancelled_on=instance.cancelled_on,
        held_minutes=round(instance.held_seconds / 60, 2),
        reason=instance.reason,
    )


async def process_view(session: AsyncSession, case: Case, definitions: Definitions) -> ProcessView:
    """The current instance in the version that it began with, its stages with what their data steps hold now."""
    row = await session.scalar(
        select(ProcessInstance).where(ProcessInstance.case_id == case.id, ProcessInstance.current)
    )
    if row is None:
        return ProcessView(
            definition=None, version=None, status=None, stage=None, stage_entered_on=None, path=(), stages=()
        )
    state = ProcessState.model_validate(row.state)
    definition = await definitions.pinned(
        session, DefinitionKind.PROCESS, row.definition, row.version, ProcessDefinition
    )
    stages = stage_view(definition, state, values(case))
    return ProcessView(
        definition=state.definition,
        version=state.version,
        status=state.status,
        stage=state.stage,
        stage_entered_on=state.stage_entered_on,
        path=state.path,
        stages=tuple(
            StageItem(
                slug=stage.slug,
                name=stage.name,
                category=stage.category,
                reached=stage.reached,
                active=stage.active,
                last=stage.last,
                steps=tuple(StepItem.model_validate(step.model_dump()) for step in stage.steps),
            )
            for stage in stages
        ),
    )
