"""What would become of the case that a mail opens: the opening's own parts, in a transaction of which nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.attempts import FIRST
from cases.facts import load_case
from cases.opening import LOOKED_AHEAD
from cases.rows import Rows
from cases.settling import settle
from cases.unit import CaseTools, CaseUnit
from models.records.reference import Entitlement
from models.records.timeline import TimelineEntry
from storage.kept import named


@dataclass(frozen=True)
class Promise:
    """`fails_on`: by the calendar of its SLA; None while it does not run."""

    kpi: str
    item: str
    fails_on: datetime | None


@dataclass(frozen=True)
class Ahead:
    """Each with the sentence that says why, as it would stand on the timeline."""

    queue: str | None
    routing_rule: str | None
    routing_why: str
    agent: str | None
    team: str | None
    entitlement: str | None
    entitlement_why: str
    sla: str | None
    sla_version: int | None
    sla_why: str
    process: str | None
    promises: tuple[Promise, ...]
    time_zone: str
    """Of the organisation, by whose clock people read when something is due."""


async def look_ahead(session: AsyncSession, case_id: UUID, now: datetime, tools: CaseTools) -> Ahead:
    """`session`: a transaction that the caller gives up. Nobody is told anything, and no letter is written."""
    rows = Rows(session)
    whole, _ = await load_case(session, case_id)
    unit = CaseUnit(session, rows, whole, None, now, tools, await tools.definitions.organisation(session), FIRST)
    for work in LOOKED_AHEAD:
        await work(unit)
    await settle(unit)
    unit.tell_rest()
    await rows.flush()
    told = await session.execute(
        select(TimelineEntry.kind, TimelineEntry.data)
        .where(TimelineEntry.case_id == case_id)
        .order_by(TimelineEntry.id)
    )
    said: dict[str, dict[str, Any]] = {each.kind: each.data for each in told}
    routed, contract, sla = said.get("routed", {}), said.get("entitlement", {}), said.get("sla", {})
    entitlement = await named(session, Entitlement, unit.case.entitlement_id)
    return Ahead(
        queue=unit.case.queue,
        routing_rule=routed.get("rule"),
        routing_why=str(routed.get("why") or ""),
        agent=routed.get("agent"),
        team=routed.get("team"),
        entitlement=entitlement.slug if entitlement else None,
        entitlement_why=str(contract.get("why") or ""),
        sla=unit.case.sla,
        sla_version=unit.case.sla_version,
        sla_why=str(sla.get("why") or ""),
        process=unit.process.definition if unit.process else None,
        promises=tuple(
            Promise(kpi=each.kpi, item=each.item_name, fails_on=each.failure_at) for each in await unit.instances()
        ),
        time_zone=unit.organisation.time_zone,
    )
