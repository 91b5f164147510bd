"""How long a case's promises still have, in working time, and when that next changes: what a countdown shows and ticks by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.why_promises import pinned_terms
from models.messages.calendars import Calendar
from models.messages.slas import KpiDefinition, KpiInstance, KpiRole, KpiStatus, role_of
from models.records.cases import Case
from models.records.promises import KpiRow
from models.records.reference import Agent
from models.records.timeline import TimelineEntry
from policies.business_time import business_between, is_working, next_working, working
from storage.definitions import DefinitionKind, Definitions

LOOK_AHEAD = timedelta(days=62)
"""So far ahead the end of the present working time is looked for."""


class DueState(StrEnum):
    RUNNING = "running"
    NEARING = "nearing"
    OVERDUE = "overdue"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    """Not kept, and nothing can be done about it any more."""


class Countdown(NamedTuple):
    """One promise as it stands at an instant. Spans are whole seconds of the working time that it counts by."""

    id: UUID
    kpi: str
    name: str
    role: KpiRole
    state: DueState
    seconds: int
    """Until it is due; since then, if it is overdue; of a kept one what it took."""
    runs: bool
    """Whether the seconds change now: not while it is paused, has ended, or nobody works."""
    changes_at: datetime | None
    """When it begins or stops to run, nears its end or is overdue: then ask again. None: only the case itself changes it."""
    due: datetime
    whole_days: bool
    """It counts around the clock, so that a day of it is a day."""
    ended_on: datetime | None = None
    paused_on: datetime | None = None
    paused_by: str | None = None
    """Name of the agent who put it on hold."""
    reason: str | None = None
    """Name of the status reason that it waits for."""


async def countdowns(
    session: AsyncSession, definitions: Definitions, cases: Collection[UUID], now: datetime
) -> dict[UUID, tuple[Countdown, ...]]:
    """The latest promise of each KPI of these cases, first responses first; without those that were cancelled.

    Some statements for all cases together.
    """
    rows = await session.execute(
        select(Case.id, Case.status_reason, Case.status, Case.first_response_sent, KpiRow.body)
        .join(KpiRow, KpiRow.case_id == Case.id)
        .where(Case.id.in_(cases), KpiRow.status != KpiStatus.CANCELLED)
    )
    found: defaultdict[UUID, dict[str, tuple[KpiInstance, str, bool, bool]]] = defaultdict(dict)
    for id, reason, status, answered, body in rows:
        instance = KpiInstance.model_validate(body)
        known = found[id].get(instance.kpi)
        if known is None or known[0].ordinal < instance.ordinal:
            found[id][instance.kpi] = (instance, reason, status not in ("opening", "active"), answered)
    every = [each[0] for of_case in found.values() for each in of_case.values()]
    terms = await pinned_terms(session, definitions, every)
    kpis = (await definitions.active(session, DefinitionKind.KPI))[DefinitionKind.KPI]
    names = {each.slug: each.name for each in (await definitions.organisation(session)).status_reasons}
    pausers = await _paused_by(session, {id: _pauses(each[0] for each in of.values()) for id, of in found.items()})
    told: dict[UUID, tuple[Countdown, ...]] = {}
    for id, of_case in found.items():
        shown = []
        for instance, reason, closed, answered in of_case.values():
            body = kpis[instance.kpi].body if instance.kpi in kpis else None
            definition = body if isinstance(body, KpiDefinition) else None
            role = role_of(instance.kpi, definition)
            over = closed or (role is KpiRole.FIRST_RESPONSE and answered)
            counted = countdown(instance, terms.calendar(instance.calendar), now, over=over)._replace(
                name=definition.name if definition else instance.item_name, role=role
            )
            if counted.state is DueState.PAUSED:
                counted = counted._replace(
                    reason=names.get(reason, reason), paused_by=pausers.get((id, counted.paused_on))
                )
            shown.append(counted)
        order = list(KpiRole)
        told[id] = tuple(sorted(shown, key=lambda each: (order.index(each.role), each.due, each.kpi)))
    return told


def countdown(instance: KpiInstance, calendar: Calendar | None, now: datetime, *, over: bool = False) -> Countdown:
    """One instance at `now`. `over`: a missed one is of no use any more, so that it counts no further."""
    plain = Countdown(
        id=instance.id,
        kpi=instance.kpi,
        name=instance.item_name,
        role=KpiRole.NONE,
        state=DueState.RUNNING,
        seconds=0,
        runs=False,
        changes_at=None,
        due=instance.failure_at,
        whole_days=calendar is None,
    )
    if instance.status is KpiStatus.SUCCEEDED and instance.succeeded_on is not None:
        took = _seconds(calendar, instance.applicable_from, instance.succeeded_on) - instance.held_seconds
        return plain._replace(state=DueState.MET, seconds=max(0, took), ended_on=instance.succeeded_on)
    if instance.status is KpiStatus.PAUSED and instance.paused_on is not None:
        left = _seconds(calendar, instance.paused_on, instance.failure_at)
        return plain._replace(state=DueState.PAUSED, seconds=left, paused_on=instance.paused_on)
    late = now >= instance.failure_at or instance.status is KpiStatus.NONCOMPLIANT
    if late and over:
        return plain._replace(state=DueState.MISSED, ended_on=instance.failed_on or instance.failure_at)
    runs, changes_at = _turns(calendar, now)
    if late:
        since = _seconds(calendar, instance.failure_at, now)
        return plain._replace(state=DueState.OVERDUE, seconds=since, runs=runs, changes_at=changes_at)
    near = instance.status is KpiStatus.NEARING or (instance.warning_at is not None and now >= instance.warning_at)
    ahead = [instance.failure_at] if near or instance.warning_at is None else [instance.warning_at, instance.failure_at]
    turns = [at for at in (*ahead, changes_at) if at is not None and at > now]
    return plain._replace(
        state=DueState.NEARING if near else DueState.RUNNING,
        seconds=_seconds(calendar, now, instance.failure_at),
        runs=runs,
        changes_at=min(turns),
    )


def _turns(calendar: Calendar | None, now: datetime) -> tuple[bool, datetime | None]:
    """Whether it is working time, and when that ends or begins."""
    if calendar is None:
        return True, None
    if not is_working(calendar, now):
        return False, next_working(calendar, now)
    ends = next((end for begin, end in working(calendar, now, now + LOOK_AHEAD) if begin <= now < end), None)
    return True, ends


def _seconds(calendar: Calendar | None, begin: datetime, end: datetime) -> int:
    return round(business_between(calendar, begin, end).total_seconds())


def _pauses(instances: Iterable[KpiInstance]) -> set[datetime]:
    return {each.paused_on for each in instances if each.status is KpiStatus.PAUSED and each.paused_on is not None}


async def _paused_by(
    session: AsyncSession, pauses: dict[UUID, set[datetime]]
) -> dict[tuple[UUID, datetime | None], str]:
    """Who did what put them on hold: the timeline knows it by its instant."""
    wanted = {id: at for id, at in pauses.items() if at}
    if not wanted:
        return {}
    rows = await session.execute(
        select(TimelineEntry.case_id, TimelineEntry.at, Agent.name)
        .join(Agent, Agent.id == TimelineEntry.actor_id)
        .where(TimelineEntry.case_id.in_(wanted), TimelineEntry.at.in_(set().union(*wanted.values())))
    )
    return {(row.case_id, row.at): row.name for row in rows}
