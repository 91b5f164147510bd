"""Actions of SLA items: notify, escalate, set the priority (domain 4.1)."""

from __future__ import annotations

from sqlalchemy import select

from cases.fields import fitting
from cases.unit import CaseUnit
from letters.composing import NoMailbox
from models.messages.kpi import DueAction
from models.messages.slas import KpiInstance, SlaDeed
from models.records.reference import Agent, Queue, QueueMember


async def run_action(unit: CaseUnit, instance: KpiInstance, due: DueAction) -> None:
    """Run it; the caller has made sure that this is the only time."""
    match due.action.do:
        case SlaDeed.ESCALATE:
            if not unit.case.escalated:
                unit.case.escalated, unit.case.escalated_on = True, unit.now
            unit.tell(f"action/{due.key}", "escalated", kpi=instance.kpi, event=due.action.on.value)
        case SlaDeed.SET_PRIORITY:
            was = unit.case.priority
            given, left_out = await fitting(unit.session, unit.organisation, {"priority": due.action.value})
            unit.case.priority = given.get("priority", was)
            unit.tell(
                f"action/{due.key}",
                "changed" if not left_out else "not-changed",
                text=left_out[0] if left_out else None,
                kpi=instance.kpi,
                priority=[was, unit.case.priority],
            )
        case SlaDeed.NOTIFY:
            recipients = await _recipients(unit, due.action.to or "queue")
            unsent = await _notify(unit, instance, due, recipients) if recipients else "nobody to tell"
            unit.tell(
                f"action/{due.key}",
                "notified" if unsent is None else "not-notified",
                text=unsent,
                kpi=instance.kpi,
                event=due.action.on.value,
                to=due.action.to,
                recipients=len(recipients),
            )


async def _notify(unit: CaseUnit, instance: KpiInstance, due: DueAction, to: tuple[str, ...]) -> str | None:
    """Why nothing could be sent, if so: a clock goes on without a mailbox."""
    try:
        await unit.tools.letters.letter(
            unit.session,
            unit.case,
            kind="notice",
            key=f"notice/{due.key}",
            subject=f"{instance.item_name}: {due.action.on}",
            text=(
                f"Case {unit.case.number}: {instance.item_name} ({instance.kpi}) is {instance.status}.\n"
                f"Deadline: {instance.failure_at:%Y-%m-%d %H:%M:%S} UTC."
            ),
            to=to,
            now=unit.now,
        )
    except NoMailbox as error:
        return str(error)
    return None


async def _recipients(unit: CaseUnit, to: str) -> tuple[str, ...]:
    """The owner, the members of the case's queue (without members: its owner), or the address itself."""
    if to == "owner" and unit.case.owner_id is not None:
        found = await unit.session.scalars(select(Agent.email).where(Agent.id == unit.case.owner_id, Agent.active))
        return tuple(found)
    if to in ("owner", "queue"):
        queue = await unit.session.scalar(select(Queue).where(Queue.slug == unit.case.queue))
        if queue is None:
            return ()
        members = await unit.session.scalars(
            select(Agent.email)
            .join(QueueMember, QueueMember.agent_id == Agent.id)
            .where(QueueMember.queue_id == queue.id, Agent.active)
            .order_by(Agent.email)
        )
        owner = select(Agent.email).where(Agent.id == queue.owner_id, Agent.active)
        return tuple(members) or tuple(await unit.session.scalars(owner))
    return (to,)
