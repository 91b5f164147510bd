"""A case's KPI instances, as its page shows them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from cases.snapshots import kpi_instances
from models.messages.api_case_views import KpiView, SlaView
from models.messages.slas import KpiInstance
from models.records.cases import Case


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
