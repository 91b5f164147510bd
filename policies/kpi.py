"""The life of KPI instances (domain 4.2 to 4.4): what the facts of a case and the clock do to its promises.

An instance is judged in this order: a deadline already passed; success; a closed case; another SLA; another item;
resume; deadlines due; pause. Its deadlines follow from where it began, its holds and its pinned calendar alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from models.messages.cases import OPEN_STATUSES, CaseStatus, SlaState
from models.messages.kpi import Change, ChangeKind, Changes, DueAction, SlaTerms
from models.messages.slas import (
    Cancellation,
    Clock,
    ClockKind,
    Hold,
    KpiInstance,
    KpiStatus,
    Pin,
    SlaDefinition,
    SlaEvent,
    SlaItem,
)
from policies.business_time import add_business, business_between
from policies.conditions import evaluate


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
        if instance.is_open
        for change in _judge(terms, instance, facts, now, min(since or now, now))
    ]
    if terms.in_force is None or facts["case.status"] not in OPEN_STATUSES:
        return tuple(judged)
    standing = after(known, judged)
    sla = terms.slas[terms.in_force]
    begun = [change for kpi in sla.kpis for change in _begin(terms, terms.in_force, kpi, standing, facts, now, case)]
    return (*judged, *begun)


def lapse(terms: SlaTerms, instances: Iterable[KpiInstance], now: datetime) -> Changes:
    """Warnings and failures due at `now`; a second call changes nothing. If both are due, only the failure is told."""
    return tuple(change for i in sorted(instances, key=_age) if i.is_running for change in _due(terms, i, now))


def reinstate(terms: SlaTerms, instance: KpiInstance, now: datetime) -> Changes:
    """A success that did not last, as a first response that was never delivered: the first deadline runs again.

    Design, "A mail's way" 6. A deadline that has passed meanwhile fails. Raises ValueError unless it had succeeded.
    """
    if instance.status is not KpiStatus.SUCCEEDED:
        raise ValueError(f"KPI instance {instance.id} is {instance.status}, only a succeeded one can be reinstated")
    running = _to(instance, _running_status(instance), "the success did not last", succeeded_on=None)
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
            reason = f"calendar {pin.slug!r} is now version {pin.version}"
            moved = _timed(terms, _to(instance, instance.status, reason, calendar=pin))
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
        if instance.is_running:
            clocks.append(_clock(instance, ClockKind.FAILURE, instance.failure_at))
            if instance.warned_on is None and instance.warning_at and instance.warning_at < instance.failure_at:
                clocks.append(_clock(instance, ClockKind.WARNING, instance.warning_at))
    return tuple(sorted(clocks, key=lambda clock: (clock.due, clock.kpi, clock.kind, clock.instance_id)))


def sla_state(instances: Iterable[KpiInstance]) -> SlaState:
    """The worst of the promises that count; cancelled ones do not."""
    found = {instance.status.value for instance in instances}
    order = (SlaState.NONCOMPLIANT, SlaState.NEARING, SlaState.IN_PROGRESS, SlaState.PAUSED, SlaState.SUCCEEDED)
    return next((state for state in order if state.value in found), SlaState.NONE)


def _judge(terms: SlaTerms, instance: KpiInstance, facts: Mapping[str, Any], now: datetime, since: datetime) -> Changes:
    item = terms.item(instance)
    if instance.is_running and instance.failure_at < since:
        return _due(terms, instance, now)
    if evaluate(item.success, facts).holds:
        kept = _to(_unheld(terms, instance, since), KpiStatus.SUCCEEDED, "success", succeeded_on=since)
        return (_change(terms, ChangeKind.SUCCEEDED, kept, since, SlaEvent.SUCCESS),)
    if facts["case.status"] not in OPEN_STATUSES:
        cancelled = facts["case.status"] == CaseStatus.CANCELLED
        cause = Cancellation.CASE_CANCELLED if cancelled else Cancellation.CASE_CLOSED
        return _cancelled(terms, instance, now, cause, f"the case was {facts['case.status']}")
    if terms.in_force is None or terms.in_force.slug != instance.sla.slug:
        return _cancelled(terms, instance, now, Cancellation.SLA_REPLACED, f"SLA {instance.sla.slug!r} was replaced")
    if _applicable(terms.slas[instance.sla], instance.kpi, facts) != instance.item:
        reason = f"item {item.name!r} no longer applies"
        return _cancelled(terms, instance, now, Cancellation.NOT_APPLICABLE, reason)
    return _run_on(terms, instance, facts, now)


def _run_on(terms: SlaTerms, instance: KpiInstance, facts: Mapping[str, Any], now: datetime) -> Changes:
    """Resume or pause, and what is due."""
    held = _on_hold(terms, instance, facts)
    if instance.status is KpiStatus.PAUSED:
        if held:
            return ()
        running = _to(_unheld(terms, instance, now), _running_status(instance), "resumed")
        return (Change(kind=ChangeKind.RESUMED, instance=running, at=now), *_due(terms, running, now))
    changes = _due(terms, instance, now)
    instance = changes[-1].instance if changes else instance
    if held and instance.is_running:
        paused = _to(instance, KpiStatus.PAUSED, f"on hold: {facts.get('case.status_reason')}", paused_on=now)
        changes = (*changes, Change(kind=ChangeKind.PAUSED, instance=paused, at=now))
    return changes


def _on_hold(terms: SlaTerms, instance: KpiInstance, facts: Mapping[str, Any]) -> bool:
    """The most specific rule wins: the item's, else the KPI's, else the desk's list (domain 4.4)."""
    item, kpi = terms.item(instance), terms.kpis.get(instance.kpi)
    rule = item.pause_when or (kpi.pause_when if kpi else None)
    if not item.allow_pause:
        return False
    return evaluate(rule, facts).holds if rule else facts.get("case.status_reason") in terms.pause_reasons


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
    index = _applicable(sla, kpi, facts)
    if index is None or any(instance.is_open for instance in former):
        return ()
    item = sla.items[index]
    last = next((instance for instance in reversed(former) if instance.sla.slug == in_force.slug), None)
    if last is not None and _runs_again(terms, last, facts):
        again = _to(last, _running_status(last), "the case is active again", cancelled_on=None, cancelled_for=None)
        return (Change(kind=ChangeKind.REINSTATED, instance=again, at=now), *_judge(terms, again, facts, now, now))
    start = _begins_on(terms, item, last, facts)
    # If the item's success already holds there is nothing to promise: nobody can say when it came true.
    if start is None or evaluate(item.success, facts).holds:
        return ()
    ordinal = len(former) + 1
    began = _timed(
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
            holds=former[-1].holds if former and item.allow_pause else (),
            reason=f"item {item.name!r} applies",
        ),
    )
    return (Change(kind=ChangeKind.CREATED, instance=began, at=now), *_run_on(terms, began, facts, now))


def _runs_again(terms: SlaTerms, last: KpiInstance, facts: Mapping[str, Any]) -> bool:
    """Whether a cancellation that did not last ended this promise, and its item still is the one that applies."""
    return (
        last.cancelled_for is Cancellation.CASE_CANCELLED
        and terms.reinstate_on_reactivation
        and not terms.recalculate_on_terminal
        and _applicable(terms.slas[last.sla], last.kpi, facts) == last.item
    )


def _begins_on(terms: SlaTerms, item: SlaItem, last: KpiInstance | None, facts: Mapping[str, Any]) -> datetime | None:
    """Where a new instance of the item counts from, after the last one of this SLA; None: the KPI gets none.

    An ended promise stays ended (checklist, row 29), unless recalculation is on. With it, another item or an undone
    success begins again, and a reopened case counts from its reopening, so that it is not late before it begins.
    """
    anew = terms.recalculate_on_terminal
    field = f"case.{item.applicable_from}"
    if field not in facts:
        raise LookupError(f"the facts lack {field!r}, which SLA item {item.name!r} counts from")
    start: datetime | None = facts[field]
    reopened: datetime | None = facts.get("case.reactivated_on") if anew else None
    if start is not None and reopened is not None:
        start = max(start, reopened)
    if last is None or (reopened is not None and last.began_on < reopened):
        return start
    if last.status is KpiStatus.CANCELLED:
        stays = {Cancellation.CASE_CLOSED}
        if not terms.reinstate_on_reactivation:
            stays.add(Cancellation.CASE_CANCELLED)
        return None if last.cancelled_for in stays else start
    return start if anew and (last.status is KpiStatus.SUCCEEDED or last.item_name != item.name) else None


def _applicable(sla: SlaDefinition, kpi: str, facts: Mapping[str, Any]) -> int | None:
    """Index of the first item of the KPI whose condition holds (domain 4.1)."""
    return next(
        (n for n, item in enumerate(sla.items) if item.kpi == kpi and evaluate(item.applicable_when, facts).holds), None
    )


def _due(terms: SlaTerms, instance: KpiInstance, now: datetime) -> Changes:
    if not instance.is_running:
        return ()
    if instance.failure_at <= now:
        failed_on = instance.failure_at
        failed = _to(instance, KpiStatus.NONCOMPLIANT, "the deadline passed", failed_on=failed_on)
        return (_change(terms, ChangeKind.FAILED, failed, failed_on, SlaEvent.FAILURE),)
    if instance.warning_at is not None and instance.warning_at <= now and instance.warned_on is None:
        warned_on = instance.warning_at
        warned = _to(instance, KpiStatus.NEARING, "the deadline is near", warned_on=warned_on)
        return (_change(terms, ChangeKind.WARNED, warned, warned_on, SlaEvent.WARNING),)
    return ()


def _timed(terms: SlaTerms, instance: KpiInstance) -> KpiInstance:
    """Its deadlines and held time, worked out from its start and holds.

    A hold moves both deadlines by the business time inside it, but the warning only if it began before that
    (domain 4.4). One that began after the failure comes too late to count.
    """
    item, calendar = terms.item(instance), terms.calendar(instance.calendar)
    start = instance.applicable_from
    failure = add_business(calendar, start, item.fail_after)
    warning = add_business(calendar, start, item.warn_after) if item.warn_after else None
    total = timedelta(0)
    for hold in instance.holds:
        if hold.began >= failure:
            break
        held = business_between(calendar, max(hold.began, start), hold.ended)
        failure = add_business(calendar, failure, held)
        if warning is not None and hold.began < warning:
            warning = add_business(calendar, warning, held)
        total += held
    return instance.model_copy(
        update={"warning_at": warning, "failure_at": failure, "held_seconds": round(total.total_seconds())}
    )


def _unheld(terms: SlaTerms, instance: KpiInstance, at: datetime) -> KpiInstance:
    """The instance with its present hold ended at `at`, if it is on hold."""
    if instance.paused_on is None:
        return instance
    holds = instance.holds
    if at > instance.paused_on:
        holds = (*holds, Hold(began=instance.paused_on, ended=at))
    return _timed(terms, instance.model_copy(update={"paused_on": None, "holds": holds}))


def _cancelled(terms: SlaTerms, instance: KpiInstance, now: datetime, cause: Cancellation, reason: str) -> Changes:
    unheld = _unheld(terms, instance, now)
    ended = _to(unheld, KpiStatus.CANCELLED, reason, cancelled_on=now, cancelled_for=cause)
    return (Change(kind=ChangeKind.CANCELLED, instance=ended, at=now),)


def _running_status(instance: KpiInstance) -> KpiStatus:
    return KpiStatus.NEARING if instance.warned_on else KpiStatus.IN_PROGRESS


def _to(instance: KpiInstance, status: KpiStatus, reason: str, **fields: object) -> KpiInstance:
    return instance.model_copy(update={"status": status, "reason": reason, **fields})


def actions_of(terms: SlaTerms, instance: KpiInstance) -> tuple[DueAction, ...]:
    """All actions that its SLA item names, whatever event they wait for."""
    return tuple(
        DueAction(key=f"{instance.id}/{action.on}/{position}", action=action)
        for position, action in enumerate(terms.item(instance).actions)
    )


def _change(terms: SlaTerms, kind: ChangeKind, instance: KpiInstance, at: datetime, event: SlaEvent) -> Change:
    actions = tuple(due for due in actions_of(terms, instance) if due.action.on is event)
    return Change(kind=kind, instance=instance, at=at, actions=actions)


def _clock(instance: KpiInstance, kind: ClockKind, due: datetime) -> Clock:
    return Clock(instance_id=instance.id, kind=kind, due=due, kpi=instance.kpi)


def _age(instance: KpiInstance) -> tuple[str, int]:
    return instance.kpi, instance.ordinal
