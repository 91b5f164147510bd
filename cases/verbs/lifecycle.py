"""The life of a case: resolve, cancel, reactivate, hold, resume (domain 1.2, 1.3, 4.4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update

from cases.closing import ToBeClosed, close_children
from cases.ledger import clear_entitlement, move_terms, name_entitlement
from cases.sla_choice import choose
from cases.surveys import ask, withdraw
from cases.unit import CaseUnit, granted, refused
from models.messages.api_cases import CancelBody, HoldBody, ReactivateBody, ResolveBody
from models.messages.cases import CaseCommand, CaseStatus, CommandKind, ProblemType
from models.messages.entitlements import Allocation, LifecycleEvent
from models.messages.said import said
from models.records.base import new_id
from models.records.cases import CaseResolution, QueueItem
from models.records.reference import Entitlement, Queue
from models.records.timeline import Activity
from policies.lifecycle import may_resume, reason_for
from storage.kept import named


async def resolve(unit: CaseUnit, command: CaseCommand, body: ResolveBody) -> str:
    """Open activities are cancelled on confirmation; terms are taken; the queue item ends; the resolution is kept."""
    case = unit.case
    still_open = unit.open_activities
    if still_open and not body.cancel_open_activities:
        raise refused(
            ProblemType.OPEN_ACTIVITIES,
            said("{still_open} open activities; confirm with cancel_open_activities.", still_open=still_open),
            allowed=("cancel_open_activities",),
        )
    reason = granted(reason_for(unit.organisation, CommandKind.RESOLVE, case.status_reason, body.resolution_type))
    minutes = await _minutes(unit)
    billable = await _billable(unit, body, minutes)
    closing = ToBeClosed(CommandKind.RESOLVE, body.resolution_type, body.cancel_open_activities)
    await close_children(unit, command, closing)
    # What follows is not refused any more.
    if still_open:
        await unit.session.execute(
            update(Activity)
            .where(Activity.case_id == case.id, Activity.status == "open")
            .values(status="cancelled", closed_on=unit.now)
        )
        unit.open_activities = 0
    resolution = CaseResolution(
        id=new_id(),
        case_id=case.id,
        life=case.life,
        resolution_type=reason,
        resolution=body.resolution,
        total_minutes=minutes,
        billable_minutes=billable,
        resolved_on=unit.now,
        agent_id=command.actor_id,
    )
    unit.add(resolution)
    case.status, case.status_reason, case.resolved_on = CaseStatus.RESOLVED, reason, unit.now
    case.last_resolved_on = unit.now
    movement = await move_terms(unit, LifecycleEvent.RESOLVED, billable_minutes=billable)
    await _leave_queue(unit)
    unit.tell(
        f"command/{command.id}",
        "resolved",
        actor_id=command.actor_id,
        subject_id=resolution.id,
        resolution_type=reason,
        cancelled_activities=still_open or None,
        **movement,
    )
    await ask(unit, resolution.id)
    return str(resolution.id)


async def _minutes(unit: CaseUnit) -> int:
    """What the case's completed activities lasted."""
    found = await unit.session.scalar(
        select(func.coalesce(func.sum(Activity.duration_minutes), 0)).where(
            Activity.case_id == unit.case.id, Activity.status == "completed"
        )
    )
    return found or 0


async def _billable(unit: CaseUnit, body: ResolveBody, minutes: int) -> int:
    """What is billed. A contract of hours is never charged nothing because nobody said anything (domain 1.2)."""
    if body.billable_minutes is not None:
        return body.billable_minutes
    contract = await named(unit.session, Entitlement, unit.case.entitlement_id)
    if contract is None or contract.allocation != Allocation.HOURS or not unit.case.decrement:
        return 0
    if not minutes:
        raise refused(
            ProblemType.INVALID,
            said(
                "the entitlement {contract!r} counts hours, and no completed activity of the case says how long "
                "it took; give the minutes, 0 if there are none.",
                contract=contract.slug,
            ),
            field="billable_minutes",
        )
    return minutes


async def cancel(unit: CaseUnit, command: CaseCommand, body: CancelBody) -> None:
    """Nothing is cancelled along with it: an open activity refuses (domain 1.3)."""
    still_open = unit.open_activities
    if still_open:
        raise refused(
            ProblemType.OPEN_ACTIVITIES,
            said("{still_open} open activities; complete or cancel them first.", still_open=still_open),
        )
    reason = granted(reason_for(unit.organisation, CommandKind.CANCEL, unit.case.status_reason, body.status_reason))
    await close_children(unit, command, ToBeClosed(CommandKind.CANCEL, body.status_reason))
    unit.case.status, unit.case.status_reason = CaseStatus.CANCELLED, reason
    movement = await move_terms(unit, LifecycleEvent.CANCELLED)
    await _leave_queue(unit)
    unit.tell(f"command/{command.id}", "cancelled", actor_id=command.actor_id, status_reason=reason, **movement)


async def reactivate(unit: CaseUnit, command: CaseCommand, body: ReactivateBody) -> None:
    """Terms are taken as the matrix says. A contract that lacks them refuses, and the body may name another way."""
    reason = granted(reason_for(unit.organisation, CommandKind.REACTIVATE, unit.case.status_reason, body.status_reason))
    if "entitlement" not in body.model_fields_set:
        movement = await reopen(unit, reason)
    else:
        await clear_entitlement(unit)
        movement = await reopen(unit, reason)
        await name_entitlement(unit, body.entitlement)
        await choose(unit, manual_is_older=True)
    unit.tell(f"command/{command.id}", "reactivated", actor_id=command.actor_id, status_reason=reason, **movement)


async def reopen(unit: CaseUnit, reason: str) -> dict[str, Any]:
    """A new life: terms per the decrement matrix (domain 3.4), and back into the queue that it was last in."""
    case = unit.case
    case.life += 1
    case.status, case.status_reason = CaseStatus.ACTIVE, reason
    case.resolved_on, case.reactivated_on = None, unit.now
    movement = await move_terms(unit, LifecycleEvent.REACTIVATED)
    await withdraw(unit)
    last = await unit.session.scalar(
        select(Queue)
        .join(QueueItem, QueueItem.queue_id == Queue.id)
        .where(QueueItem.case_id == case.id, Queue.active)
        .order_by(QueueItem.entered_on.desc(), QueueItem.id.desc())
        .limit(1)
    )
    if last is not None:
        await unit.enter_queue(last.id, last.slug)
    return movement


async def hold(unit: CaseUnit, command: CaseCommand, body: HoldBody) -> None:
    """A status reason of the on-hold list; that list, an item's or a KPI's own condition pauses the clocks."""
    reason = granted(reason_for(unit.organisation, CommandKind.HOLD, unit.case.status_reason, body.status_reason))
    if reason == unit.case.status_reason:
        unit.changed = False
        return
    unit.case.status_reason, unit.case.last_on_hold = reason, unit.now
    unit.tell(f"command/{command.id}", "held", actor_id=command.actor_id, status_reason=reason)


async def resume(unit: CaseUnit, command: CaseCommand) -> None:
    if not may_resume(unit.organisation, unit.case.status_reason):
        raise refused(ProblemType.STATUS_REASON_FORBIDDEN, said("The case is not on hold."), allowed=("hold",))
    reason = granted(reason_for(unit.organisation, CommandKind.RESUME, unit.case.status_reason, None))
    unit.case.status_reason = reason
    unit.tell(f"command/{command.id}", "resumed", actor_id=command.actor_id, status_reason=reason)


async def _leave_queue(unit: CaseUnit) -> None:
    if unit.item is not None:
        await unit.leave_queue(unit.item)
