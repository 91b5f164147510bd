"""What follows when a promise was missed: further deadlines, one after the other, each with actions of its own (domain 4.1).

An escalation counts working time of its promise's calendar, from the failure on. It stands still while the promise would,
and ends when that is kept after all, is nobody's concern any more, or was acknowledged.
"""

from __future__ import annotations

from datetime import datetime

from models.messages.kpi import Change, ChangeKind, Changes, DueAction, SlaTerms
from models.messages.slas import Escalation, KpiInstance
from policies.business_time import add_business, business_between


def begun(terms: SlaTerms, instance: KpiInstance, failed_on: datetime) -> KpiInstance:
    """The missed instance with its first step to come, if its item has any."""
    return (
        _with(instance, Escalation(next_at=_after(terms, instance, failed_on, 0)))
        if _steps(terms, instance)
        else instance
    )


def due(terms: SlaTerms, instance: KpiInstance, now: datetime) -> Changes:
    """Every step that is due at `now`, in order; a second call changes nothing."""
    changes: list[Change] = []
    while (at := next_due(instance)) is not None and at <= now:
        state = instance.escalation or Escalation(next_at=at)
        taken = state.done + 1
        event = f"escalation-{taken}"
        instance = _with(
            instance, state.model_copy(update={"done": taken, "next_at": _after(terms, instance, at, taken)})
        )
        actions = tuple(each for each in actions_of(terms, instance) if each.event == event)
        changes.append(Change(kind=ChangeKind.ESCALATED, instance=instance, at=at, actions=actions))
    return tuple(changes)


def held(terms: SlaTerms, instance: KpiInstance, now: datetime, *, on_hold: bool) -> Changes:
    """Stop it or let it go on: the next step moves by the working time of the hold (domain 4.4)."""
    state = instance.escalation
    if state is None or state.next_at is None or on_hold == (state.paused_on is not None):
        return ()
    if state.paused_on is None:
        paused = _with(instance, state.model_copy(update={"paused_on": now}))
        return (Change(kind=ChangeKind.ESCALATION_PAUSED, instance=paused, at=now),)
    calendar = terms.calendar(instance.calendar)
    moved = add_business(calendar, state.next_at, business_between(calendar, state.paused_on, now))
    resumed = _with(instance, state.model_copy(update={"paused_on": None, "next_at": moved}))
    return (Change(kind=ChangeKind.ESCALATION_RESUMED, instance=resumed, at=now),)


def ended(instance: KpiInstance, now: datetime, why: str) -> Change:
    state = instance.escalation or Escalation(next_at=None)
    over = state.model_copy(update={"next_at": None, "paused_on": None, "ended_on": now, "ended_for": why})
    return Change(kind=ChangeKind.ESCALATION_ENDED, instance=_with(instance, over), at=now)


def next_due(instance: KpiInstance) -> datetime | None:
    """When the next step is due; None: never, or not before it goes on."""
    state = instance.escalation
    return None if state is None or state.paused_on is not None else state.next_at


def actions_of(terms: SlaTerms, instance: KpiInstance) -> tuple[DueAction, ...]:
    """All actions that its SLA item names, whatever event or step they wait for."""
    item = terms.item(instance)
    on_events = (
        DueAction(key=f"{instance.id}/{action.on}/{position}", event=action.on.value, action=action)
        for position, action in enumerate(item.actions)
    )
    at_steps = (
        DueAction(key=f"{instance.id}/escalation-{number}/{position}", event=f"escalation-{number}", action=action)
        for number, step in enumerate(item.escalation, 1)
        for position, action in enumerate(step.actions)
    )
    return (*on_events, *at_steps)


def _steps(terms: SlaTerms, instance: KpiInstance) -> int:
    return len(terms.item(instance).escalation)


def _after(terms: SlaTerms, instance: KpiInstance, at: datetime, taken: int) -> datetime | None:
    """When the step after so many is due, if there is one more."""
    steps = terms.item(instance).escalation
    return add_business(terms.calendar(instance.calendar), at, steps[taken].after) if taken < len(steps) else None


def _with(instance: KpiInstance, escalation: Escalation) -> KpiInstance:
    return instance.model_copy(update={"escalation": escalation})
