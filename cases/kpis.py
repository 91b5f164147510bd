"""KPI instances of a case: the policies' changes written to rows, and the actions that follow, each once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import select

from cases import work_events
from cases.promise_actions import run_action
from cases.unit import CaseUnit
from models.messages.calendars import Calendar
from models.messages.cases import OPEN_STATUSES
from models.messages.kpi import Change, ChangeKind, DueAction, SlaTerms
from models.messages.slas import KpiDefinition, KpiInstance, KpiRole, Pin, SlaDefinition, role_of
from models.records.base import new_id
from models.records.promises import KpiAction, KpiRow
from policies import escalation
from policies import kpi as policy
from policies.business_time import NoWorkingTime
from policies.lifecycle import on_hold
from storage.definitions import DefinitionKind

FIRST_RESPONSE = KpiRole.FIRST_RESPONSE
MOST_ROUNDS = 5
"""In which promises whose actions move each other are judged within one write; what is left then, the next write judges."""
ACTION = "action/"
"""What the keys of incidents of actions begin with."""


OF_ESCALATIONS = frozenset(
    {
        ChangeKind.FAILED,
        ChangeKind.ESCALATED,
        ChangeKind.ESCALATION_PAUSED,
        ChangeKind.ESCALATION_RESUMED,
        ChangeKind.ESCALATION_ENDED,
    }
)


async def reevaluate(unit: CaseUnit) -> None:
    """Success, then applicability, then pause, of all open instances (design, "After every write")."""
    instances = await unit.instances()
    if unit.case.sla is None and not instances:
        return
    terms = await terms_for(unit, instances)
    for _ in range(MOST_ROUNDS):
        try:
            changes = policy.evaluate_kpis(terms, instances, await unit.facts(), unit.now, case=unit.case.id)
        except NoWorkingTime as error:
            # Domain 4.5: an empty calendar leaves the SLA unapplied; the case itself goes on.
            unit.tell(f"sla-unapplied/{unit.case.version}", "sla-unapplied", text=str(error), sla=unit.case.sla)
            unit.case.sla = unit.case.sla_version = None
            return
        await write(unit, instances, changes)
        if not any(change.actions for change in changes):
            return
        # What an action has changed of the case may concern another promise, or choose another SLA.
        instances = await unit.instances()
        terms = await terms_for(unit, instances)


async def lapse(unit: CaseUnit) -> None:
    """Warn and fail what is due now."""
    instances = await unit.instances()
    terms = await terms_for(unit, instances)
    await write(unit, instances, policy.lapse(terms, instances, unit.now))


async def reinstate(unit: CaseUnit, role: str) -> None:
    """A success that did not last: the KPIs of that role run again with their first deadlines."""
    instances = await unit.instances()
    terms = await terms_for(unit, instances)
    latest = {instance.kpi: instance for instance in instances}
    changes = [
        change
        for kpi, last in latest.items()
        # One that runs already, or had failed before, stays as it is.
        if role_of(kpi, terms.kpis.get(kpi)) == role and last.succeeded_on is not None
        for change in policy.reinstate(terms, last, unit.now)
    ]
    if changes:
        await write(unit, instances, changes)


async def acknowledge(unit: CaseUnit) -> list[str]:
    """End every escalation; the KPIs whose promises were escalated."""
    instances = await unit.instances()
    changes = policy.acknowledge(instances, unit.now)
    await write(unit, instances, changes)
    return [change.instance.kpi for change in changes]


async def recompute(unit: CaseUnit, calendar: str) -> bool:
    """Move the open instances that pin another version of the calendar than the one in force; whether there were any.
    Raises NoWorkingTime."""
    instances = await unit.instances()
    terms = await terms_for(unit, instances)
    if calendar not in terms.calendar_versions:
        return False
    concerned = [i for i in instances if i.calendar is not None and i.calendar.slug == calendar]
    changes = policy.recompute(terms, concerned, unit.now)
    await write(unit, instances, changes)
    return bool(changes)


async def terms_for(unit: CaseUnit, instances: Iterable[KpiInstance]) -> SlaTerms:
    """The definitions in force, and those that the instances pin."""
    session, definitions, case = unit.session, unit.tools.definitions, unit.case
    active = await definitions.active(session, DefinitionKind.SLA, DefinitionKind.CALENDAR, DefinitionKind.KPI)
    slas = {
        Pin(slug=found.slug, version=found.version): found.body
        for found in active[DefinitionKind.SLA].values()
        if isinstance(found.body, SlaDefinition)
    }
    calendars = {
        Pin(slug=found.slug, version=found.version): found.body
        for found in active[DefinitionKind.CALENDAR].values()
        if isinstance(found.body, Calendar)
    }
    calendar_versions = {pin.slug: pin.version for pin in calendars}
    in_force = Pin(slug=case.sla, version=case.sla_version) if case.sla and case.sla_version else None
    for pin in {i.sla for i in instances} | ({in_force} if in_force else set()):
        if pin not in slas:
            slas[pin] = await definitions.pinned(session, DefinitionKind.SLA, pin.slug, pin.version, SlaDefinition)
    for calendar in {i.calendar for i in instances if i.calendar is not None}:
        if calendar not in calendars:
            calendars[calendar] = await definitions.pinned(
                session, DefinitionKind.CALENDAR, calendar.slug, calendar.version, Calendar
            )
    return SlaTerms(
        in_force=in_force,
        slas=slas,
        calendars=calendars,
        calendar_versions=calendar_versions,
        kpis={f.slug: f.body for f in active[DefinitionKind.KPI].values() if isinstance(f.body, KpiDefinition)},
        pause_reasons=frozenset(reason.slug for reason in unit.organisation.status_reasons if reason.pauses),
        switched_off=unit.organisation.slas_off,
        recalculate_on_terminal=unit.organisation.recalculate_sla_on_terminal,
        reinstate_on_reactivation=unit.organisation.reinstate_sla_on_reactivation,
    )


async def write(unit: CaseUnit, instances: list[KpiInstance], changes: Iterable[Change]) -> None:
    """Rows, timeline and actions of these changes; what the case shows of its promises follows from the result."""
    changes = tuple(changes)
    standing = list(policy.after(instances, changes))
    if changes:
        known, changed = {instance.id for instance in instances}, {change.instance.id for change in changes}
        # A cancelled instance leaves its place in the unique index before its successor takes it.
        for final in sorted((i for i in standing if i.id in changed), key=lambda instance: instance.is_open):
            _store(unit, final, new=final.id not in known)
        for change in changes:
            await _tell(unit, change)
    unit.promise(standing)
    await _show(unit, standing)


def _store(unit: CaseUnit, instance: KpiInstance, *, new: bool) -> None:
    columns = {
        "status": instance.status.value,
        "body": instance.model_dump(mode="json"),
        "warning_at": instance.warning_at,
        "failure_at": instance.failure_at,
        "escalates_at": escalation.next_due(instance),
        "escalating": instance.is_escalating,
    }
    if new:
        unit.add(KpiRow(id=instance.id, case_id=unit.case.id, kpi=instance.kpi, **columns))
    else:
        unit.rows.amend(KpiRow, instance.id, **columns)


async def _tell(unit: CaseUnit, change: Change) -> None:
    instance = change.instance
    unit.tell(
        # The version too: a reply, taken back and written anew, may succeed twice within one instant of a run.
        f"kpi/{instance.id}/{change.kind}/{change.at.isoformat()}/{unit.case.version}",
        f"kpi-{change.kind}",
        subject_id=instance.id,
        kpi=instance.kpi,
        item=instance.item_name,
        status=instance.status.value,
        at=change.at.isoformat(),
        warning_at=instance.warning_at.isoformat() if instance.warning_at else None,
        failure_at=instance.failure_at.isoformat(),
        why=_why(change),
        escalation=_escalation(change),
    )
    if change.kind is ChangeKind.WARNED:
        key = f"{work_events.NOTICES}deadline/{instance.id}"
        await unit.part(key, "notices", partial(work_events.nearly_late, unit, instance), None)
    for due in change.actions:
        step = f"{instance.kpi}: {due.action.do.value}"
        await unit.part(f"{ACTION}{due.key}", step, partial(_act, unit, instance, due), None)


def _why(change: Change) -> str:
    state = change.instance.escalation
    return state.ended_for if state and change.kind is ChangeKind.ESCALATION_ENDED else change.instance.reason


def _escalation(change: Change) -> dict[str, Any] | None:
    """How far it is, on the entries that are about it."""
    state = change.instance.escalation
    if state is None or change.kind not in OF_ESCALATIONS:
        return None
    return {"step": state.done, "next_at": state.next_at.isoformat() if state.next_at else None}


async def _act(unit: CaseUnit, instance: KpiInstance, due: DueAction) -> None:
    done = await unit.session.scalar(select(KpiAction.id).where(KpiAction.key == due.key))
    if done is None:
        unit.add(KpiAction(id=new_id(), key=due.key, case_id=unit.case.id, action=due.action.do.value, at=unit.now))
        await run_action(unit, instance, due)


async def action_again(unit: CaseUnit, key: str) -> None:
    """An action that had to be left out, done later. Raises LookupError for one that no instance of the case has."""
    instances = await unit.instances()
    terms = await terms_for(unit, instances)
    for instance in instances:
        for due in escalation.actions_of(terms, instance):
            if due.key == key:
                return await _act(unit, instance, due)
    raise LookupError(f"no promise of {unit.case.number} has the action {key!r}")


async def _show(unit: CaseUnit, standing: list[KpiInstance]) -> None:
    case = unit.case
    known = (await unit.tools.definitions.active(unit.session, DefinitionKind.KPI))[DefinitionKind.KPI]
    by: dict[KpiRole, list[KpiInstance]] = {role: [] for role in KpiRole}
    for kpi, last in {instance.kpi: instance for instance in standing}.items():
        body = known[kpi].body if kpi in known else None
        by[role_of(kpi, body if isinstance(body, KpiDefinition) else None)].append(last)
    case.first_response_by = min((last.failure_at for last in by[KpiRole.FIRST_RESPONSE]), default=None)
    case.resolve_by = min((last.failure_at for last in by[KpiRole.RESOLVE]), default=None)
    due = [clock.due for clock in policy.next_clocks(standing)[:1]]
    if case.status in OPEN_STATUSES and not on_hold(unit.organisation, case.status_reason):
        # Whoever waits for it still waits: a later deadline puts nobody behind those who were told in time.
        due += policy.missed(by[KpiRole.RESOLVE])
        due += [] if case.first_response_sent else policy.missed(by[KpiRole.FIRST_RESPONSE])
    case.next_due = min(due, default=None)
    case.sla_state = policy.sla_state(standing).value
