"""The life of KPI instances (domain 4.2 to 4.4): what the facts of a case and the clock do to its promises.

An instance is judged in this order: a deadline already passed; success; a closed case; another SLA; another item;
resume; deadlines due; pause. Its deadlines follow from where it began, its holds and its pinned calendar alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from models.messages.cases import OPEN_STATUSES, CaseStatus, SlaState
from models.messages.kpi import Change, ChangeKind, Changes, SlaTerms
from models.messages.said import said, word
from models.messages.sla_actions import SlaEvent
from models.messages.slas import (
    Cancellation,
    Clock,
    ClockKind,
    KpiInstance,
    KpiStatus,
    Pin,
    SlaItem,
)
from policies import escalation
from policies.conditions import evaluate
from policies.escalation import actions_of
from policies.kpi_times import timed, unheld
from policies.sla_items import applicable, instant_of, matched, moved_on, on_hold


def evaluate_kpis(
    terms: SlaTerms,
    instances: Iterable[KpiInstance],
    facts: Mapping[str, Any],
    now: datetime,
    *,
    case: UUID,
    since: datetime | None = None,
) -> Changes:
    """All that follows for a case's promises from its facts; evaluating again at once changes nothing.

    `instances`: all of the case, ended ones too, in any order. `facts`: flat, as conditions take them, and the case's
    instants `case.created_on` ... of ApplicableFrom (None while unset). `since`: when the facts became true, if before
    `now`; an agent's press of send precedes its processing and is what a success is measured by.
    Ids are derived from `case`, KPI and ordinal, so that a repeated evaluation names the same instances.
    """
    known = tuple(instances)
    judged = [
        change
        for instance in sorted(known, key=_age)
        for change in (
            _judge(terms, instance, facts, now, min(since or now, now))
            if instance.is_open
            else _escalated(terms, instance, facts, now)
        )
    ]
    if terms.switched_off or terms.in_force is None or facts["case.status"] not in OPEN_STATUSES:
        return tuple(judged)
    standing = after(known, judged)
    sla = terms.slas[terms.in_force]
    begun = [change for kpi in sla.kpis for change in _begin(terms, terms.in_force, kpi, standing, facts, now, case)]
    return (*judged, *begun)


def lapse(terms: SlaTerms, instances: Iterable[KpiInstance], now: datetime) -> Changes:
    """Warnings and failures due at `now`; a second call changes nothing. If both are due, only the failure is told."""
    changes: list[Change] = []
    for instance in sorted(instances, key=_age):
        told = _due(terms, instance, now)
        standing = told[-1].instance if told else instance
        changes += (*told, *escalation.due(terms, standing, now))
    return tuple(changes)


def acknowledge(instances: Iterable[KpiInstance], now: datetime) -> Changes:
    """Somebody takes care of what was missed: no further step of an escalation is taken."""
    running = (instance for instance in sorted(instances, key=_age) if instance.is_escalating)
    return tuple(escalation.ended(instance, now, said("it was acknowledged")) for instance in running)


def reinstate(terms: SlaTerms, instance: KpiInstance, now: datetime) -> Changes:
    """A success that did not last, as a first response that was never delivered: the first deadline runs again.

    Design, "A mail's way" 6. A deadline that has passed meanwhile fails. Raises ValueError unless it had succeeded.
    """
    if instance.status is not KpiStatus.SUCCEEDED:
        raise ValueError(f"KPI instance {instance.id} is {instance.status}, only a succeeded one can be reinstated")
    running = _to(instance, _running_status(instance), said("the success did not last"), succeeded_on=None)
    return (Change(kind=ChangeKind.REINSTATED, instance=running, at=now), *_due(terms, running, now))


def recompute(terms: SlaTerms, instances: Iterable[KpiInstance], now: datetime) -> Changes:
    """Moves open instances to the calendar versions now in force (domain 4.5).

    The caller may write the changes, or only show them as a preview.
    """
    changes: list[Change] = []
    for instance in sorted(instances, key=_age):
        if not instance.is_open or instance.calendar is None:
            continue
        pin = Pin(slug=instance.calendar.slug, version=terms.calendar_versions[instance.calendar.slug])
        if pin != instance.calendar:
            reason = said("calendar {pin!r} is now version {version}", pin=pin.slug, version=pin.version)
            moved = timed(terms, _to(instance, instance.status, reason, calendar=pin))
            changes += (Change(kind=ChangeKind.RECOMPUTED, instance=moved, at=now), *_due(terms, moved, now))
    return tuple(changes)


def after(instances: Iterable[KpiInstance], changes: Iterable[Change]) -> tuple[KpiInstance, ...]:
    """The instances as they stand after the changes, oldest first for each KPI."""
    standing = {instance.id: instance for instance in instances}
    standing |= {change.instance.id: change.instance for change in changes}
    return tuple(sorted(standing.values(), key=_age))


def next_clocks(instances: Iterable[KpiInstance]) -> tuple[Clock, ...]:
    """Deadlines of the running instances, earliest first; a paused one has none."""
    clocks: list[Clock] = []
    for instance in instances:
        if (step := escalation.next_due(instance)) is not None:
            clocks.append(_clock(instance, ClockKind.ESCALATION, step))
        if instance.is_running:
            clocks.append(_clock(instance, ClockKind.FAILURE, instance.failure_at))
            if instance.warned_on is None and instance.warning_at and instance.warning_at < instance.failure_at:
                clocks.append(_clock(instance, ClockKind.WARNING, instance.warning_at))
    return tuple(sorted(clocks, key=lambda clock: (clock.due, clock.kpi, clock.kind, clock.instance_id)))


def missed(instances: Iterable[KpiInstance]) -> list[datetime]:
    """When those that were missed should have been kept."""
    return [instance.failure_at for instance in instances if instance.status is KpiStatus.NONCOMPLIANT]


def sla_state(instances: Iterable[KpiInstance]) -> SlaState:
    """The worst of the promises that count; cancelled ones do not."""
    found = {instance.status.value for instance in instances}
    order = (SlaState.NONCOMPLIANT, SlaState.NEARING, SlaState.IN_PROGRESS, SlaState.PAUSED, SlaState.SUCCEEDED)
    return next((state for state in order if state.value in found), SlaState.NONE)


def _judge(terms: SlaTerms, instance: KpiInstance, facts: Mapping[str, Any], now: datetime, since: datetime) -> Changes:
    item = terms.item(instance)
    if instance.is_running and instance.failure_at < since:
        return _due(terms, instance, now)
    if (moved := moved_on(item, instance, facts)) is not None:
        answered = min(moved, now)
        kept = _to(
            unheld(terms, instance, answered), KpiStatus.SUCCEEDED, said("kept, and begun anew"), succeeded_on=answered
        )
        return (_change(terms, ChangeKind.SUCCEEDED, kept, answered, SlaEvent.SUCCESS),)
    if item.repeats and instant_of(item, facts) != instance.applicable_from:
        return _cancelled(terms, instance, now, Cancellation.NOT_APPLICABLE, said("what it counts from did not last"))
    if evaluate(item.success, facts).holds:
        kept = _to(unheld(terms, instance, since), KpiStatus.SUCCEEDED, "success", succeeded_on=since)
        return (_change(terms, ChangeKind.SUCCEEDED, kept, since, SlaEvent.SUCCESS),)
    if facts["case.status"] not in OPEN_STATUSES:
        cancelled = facts["case.status"] == CaseStatus.CANCELLED
        cause = Cancellation.CASE_CANCELLED if cancelled else Cancellation.CASE_CLOSED
        return _cancelled(terms, instance, now, cause, said("the case was {status}", status=word(facts["case.status"])))
    if terms.in_force is None or terms.in_force.slug != instance.sla.slug:
        return _cancelled(
            terms, instance, now, Cancellation.SLA_REPLACED, said("SLA {sla!r} was replaced", sla=instance.sla.slug)
        )
    if applicable(terms.slas[instance.sla], instance.kpi, facts) != instance.item:
        reason = said("item {item!r} no longer applies", item=item.name)
        return _cancelled(terms, instance, now, Cancellation.NOT_APPLICABLE, reason)
    return _run_on(terms, instance, facts, now)


def _escalated(terms: SlaTerms, instance: KpiInstance, facts: Mapping[str, Any], now: datetime) -> Changes:
    """What becomes of the escalation of a promise that was missed: it lasts as long as the promise would be of use."""
    if not instance.is_escalating:
        return ()
    item = terms.item(instance)
    if moved_on(item, instance, facts) is not None or evaluate(item.success, facts).holds:
        return (escalation.ended(instance, now, said("it was kept after all")),)
    if facts["case.status"] not in OPEN_STATUSES:
        return (escalation.ended(instance, now, said("the case was {status}", status=word(facts["case.status"]))),)
    if terms.in_force is None or terms.in_force.slug != instance.sla.slug:
        return (escalation.ended(instance, now, said("SLA {sla!r} was replaced", sla=instance.sla.slug)),)
    return escalation.held(terms, instance, now, on_hold=on_hold(terms, instance, facts))


def _run_on(terms: SlaTerms, instance: KpiInstance, facts: Mapping[str, Any], now: datetime) -> Changes:
    """Resume or pause, and what is due."""
    held = on_hold(terms, instance, facts)
    if instance.status is KpiStatus.PAUSED:
        if held:
            return ()
        running = _to(unheld(terms, instance, now), _running_status(instance), "resumed")
        return (Change(kind=ChangeKind.RESUMED, instance=running, at=now), *_due(terms, running, now))
    changes = _due(terms, instance, now)
    instance = changes[-1].instance if changes else instance
    if held and instance.is_running:
        paused = _to(
            instance,
            KpiStatus.PAUSED,
            said("on hold: {status_reason}", status_reason=facts.get("case.status_reason")),
            paused_on=now,
        )
        changes = (*changes, Change(kind=ChangeKind.PAUSED, instance=paused, at=now))
    return changes


def _begin(
    terms: SlaTerms,
    in_force: Pin,
    kpi: str,
    standing: tuple[KpiInstance, ...],
    facts: Mapping[str, Any],
    now: datetime,
    case: UUID,
) -> Changes:
    """The instance that the first applicable item makes, unless the KPI has one that still counts."""
    sla = terms.slas[in_force]
    former = [instance for instance in standing if instance.kpi == kpi]
    index = applicable(sla, kpi, facts)
    if index is None or any(instance.is_open for instance in former):
        return ()
    item = sla.items[index]
    last = next((instance for instance in reversed(former) if instance.sla.slug == in_force.slug), None)
    if last is not None and _runs_again(terms, last, facts):
        again = _to(
            last, _running_status(last), said("the case is active again"), cancelled_on=None, cancelled_for=None
        )
        return (Change(kind=ChangeKind.REINSTATED, instance=again, at=now), *_judge(terms, again, facts, now, now))
    start = _begins_on(terms, item, last, facts)
    # If the item's success already holds there is nothing to promise: nobody can say when it came true.
    if start is None or evaluate(item.success, facts).holds:
        return ()
    ordinal = len(former) + 1
    began = timed(
        terms,
        KpiInstance(
            id=uuid5(case, f"{kpi}/{ordinal}"),
            ordinal=ordinal,
            kpi=kpi,
            item=index,
            item_name=item.name,
            sla=in_force,
            calendar=terms.calendar_pin(sla, item),
            began_on=now,
            applicable_from=start,
            warning_at=None,
            failure_at=start,
            # Earlier holds move the deadlines of this instance too: the desk was waiting for the customer then.
            holds=tuple(hold for hold in former[-1].holds if hold.ended > start) if former and item.allow_pause else (),
            matched=matched(sla, kpi, facts),
            reason=said("item {item!r} applies", item=item.name),
        ),
    )
    return (Change(kind=ChangeKind.CREATED, instance=began, at=now), *_run_on(terms, began, facts, now))


def _runs_again(terms: SlaTerms, last: KpiInstance, facts: Mapping[str, Any]) -> bool:
    """Whether a cancellation that did not last ended this promise, and its item still is the one that applies."""
    return (
        last.cancelled_for is Cancellation.CASE_CANCELLED
        and terms.reinstate_on_reactivation
        and not terms.recalculate_on_terminal
        and applicable(terms.slas[last.sla], last.kpi, facts) == last.item
    )


def _begins_on(terms: SlaTerms, item: SlaItem, last: KpiInstance | None, facts: Mapping[str, Any]) -> datetime | None:
    """Where a new instance of the item counts from, after the last one of this SLA; None: the KPI gets none.

    An ended promise stays ended (checklist, row 29), unless recalculation is on. With it, another item or an undone
    success begins again, and a reopened case counts from its reopening, so that it is not late before it begins.
    """
    anew = terms.recalculate_on_terminal
    start = instant_of(item, facts)
    reopened: datetime | None = facts.get("case.reactivated_on") if anew else None
    if start is not None and reopened is not None:
        start = max(start, reopened)
    if last is not None and item.repeats and start is not None and start > last.applicable_from:
        return start
    if last is None or (reopened is not None and last.began_on < reopened):
        return start
    if last.status is KpiStatus.CANCELLED:
        stays = {Cancellation.CASE_CLOSED}
        if not terms.reinstate_on_reactivation:
            stays.add(Cancellation.CASE_CANCELLED)
        return None if last.cancelled_for in stays else start
    return start if anew and (last.status is KpiStatus.SUCCEEDED or last.item_name != item.name) else None


def _due(terms: SlaTerms, instance: KpiInstance, now: datetime) -> Changes:
    if not instance.is_running:
        return ()
    if instance.failure_at <= now:
        failed_on = instance.failure_at
        missed = _to(instance, KpiStatus.NONCOMPLIANT, said("the deadline passed"), failed_on=failed_on)
        failed = escalation.begun(terms, missed, failed_on)
        return (_change(terms, ChangeKind.FAILED, failed, failed_on, SlaEvent.FAILURE),)
    if instance.warning_at is not None and instance.warning_at <= now and instance.warned_on is None:
        warned_on = instance.warning_at
        warned = _to(instance, KpiStatus.NEARING, said("the deadline is near"), warned_on=warned_on)
        return (_change(terms, ChangeKind.WARNED, warned, warned_on, SlaEvent.WARNING),)
    return ()


def _cancelled(terms: SlaTerms, instance: KpiInstance, now: datetime, cause: Cancellation, reason: str) -> Changes:
    ended = _to(unheld(terms, instance, now), KpiStatus.CANCELLED, reason, cancelled_on=now, cancelled_for=cause)
    return (Change(kind=ChangeKind.CANCELLED, instance=ended, at=now),)


def _running_status(instance: KpiInstance) -> KpiStatus:
    return KpiStatus.NEARING if instance.warned_on else KpiStatus.IN_PROGRESS


def _to(instance: KpiInstance, status: KpiStatus, reason: str, **fields: object) -> KpiInstance:
    return instance.model_copy(update={"status": status, "reason": reason, **fields})


def _change(terms: SlaTerms, kind: ChangeKind, instance: KpiInstance, at: datetime, event: SlaEvent) -> Change:
    actions = tuple(due for due in actions_of(terms, instance) if due.event == event)
    return Change(kind=kind, instance=instance, at=at, actions=actions)


def _clock(instance: KpiInstance, kind: ClockKind, due: datetime) -> Clock:
    return Clock(instance_id=instance.id, kind=kind, due=due, kpi=instance.kpi)


def _age(instance: KpiInstance) -> tuple[str, int]:
    return instance.kpi, instance.ordinal
