"""What a promise does by itself with its case, on an event or at a step of its escalation (domain 4.1)."""

from __future__ import annotations

from typing import Any

from cases import rule_actions
from cases.fields import fitting
from cases.notices import send_notice
from cases.unit import CaseUnit
from letters.notice_words import OF_PROMISES
from letters.noticing import Notice
from models.messages.kpi import DueAction
from models.messages.sla_actions import SlaDeed
from models.messages.slas import KpiInstance


async def run_action(unit: CaseUnit, instance: KpiInstance, due: DueAction) -> None:
    """Run it; the caller has made sure that this is the only time."""
    kind, told = await _done(unit, instance, due)
    unit.tell(f"action/{due.key}", kind, kpi=instance.kpi, event=due.event, **told)


async def _done(unit: CaseUnit, instance: KpiInstance, due: DueAction) -> rule_actions.Told:
    action = due.action
    match action.do:
        case SlaDeed.NOTIFY:
            return await _notified(unit, instance, due)
        case SlaDeed.ESCALATE:
            if not unit.case.escalated:
                unit.case.escalated, unit.case.escalated_on = True, unit.now
            return "escalated", {}
        case SlaDeed.SET_PRIORITY:
            return await _priority(unit, action.value)
        case SlaDeed.SET:
            return await rule_actions.set_fields(unit, action.values)
        case SlaDeed.ASSIGN:
            return await rule_actions.assign(unit, action.agent, action.team)
        case SlaDeed.ROUTE:
            return await rule_actions.route(unit, action.queue or "")
        case SlaDeed.SET_SLA:
            return await rule_actions.set_sla(unit, action.sla or "")
        case SlaDeed.WEBHOOK:
            facts = {
                "kpi": instance.kpi,
                "item": instance.item_name,
                "event": due.event,
                "promise": instance.status.value,
                "deadline": instance.failure_at.isoformat(),
            }
            return rule_actions.post(unit, action.url or "", f"promise.{due.event}", due.key, facts)


async def _priority(unit: CaseUnit, wanted: str | None) -> rule_actions.Told:
    was = unit.case.priority
    given, left_out = await fitting(unit.session, unit.organisation, {"priority": wanted})
    unit.case.priority = given.get("priority", was)
    kind = "changed" if not left_out else "not-changed"
    return kind, {"text": left_out[0] if left_out else None, "priority": [was, unit.case.priority]}


async def _notified(unit: CaseUnit, instance: KpiInstance, due: DueAction) -> rule_actions.Told:
    promise: dict[str, Any] = {
        "name": instance.item_name,
        "kpi": instance.kpi,
        "status": instance.status.value,
        "event": due.event,
        "deadline": instance.failure_at,
    }
    notice = Notice(f"notice/{due.key}", due.action.template, OF_PROMISES, {"promise": promise})
    told, unsent = await send_notice(unit, notice, due.action.to or "queue")
    kind = "notified" if unsent is None else "not-notified"
    return kind, {"text": unsent, "to": due.action.to, "recipients": told}
