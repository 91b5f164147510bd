"""What rules of the house do with a case by themselves: fields, owner, queue, SLA, and notices to other programs.

Processes and promises do it alike (domain 4.1, 7). Each answers the kind of the timeline's entry, and what that says: what
cannot be done (a word that was retired, an agent without room) is told there, and stops nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cases import fields
from cases.assigning import give
from cases.sla_choice import choose_by_automation
from cases.unit import CaseUnit, Refused
from cases.verbs.queue import active_queue
from models.messages.case_fields import BY_NAME
from models.messages.said import said
from models.records.base import new_id
from models.records.webhooks import Webhook

Told = tuple[str, dict[str, Any]]


async def set_fields(unit: CaseUnit, values: Mapping[str, Any]) -> Told:
    """Each field by itself, as PATCH would write it: one that cannot be stops none of the others."""
    before, left_out = fields.values(unit.case), []
    for name, value in values.items():
        try:
            await fields.fill(unit, {name: Decimal(str(value)) if isinstance(value, float) else value})
        except Refused as error:
            left_out.append(error.refusal.detail.removeprefix("data."))
            if name in BY_NAME:
                setattr(unit.case, name, before[name])
    after = fields.values(unit.case)
    changes = {name: [before.get(name), after.get(name)] for name in values if before.get(name) != after.get(name)}
    kind = "changed" if changes or not left_out else "not-changed"
    return kind, {"changes": changes, "text": " ".join(left_out) or None}


async def assign(unit: CaseUnit, agent: str | None, team: str | None) -> Told:
    try:
        given = await give(unit, agent=agent, team=team)
    except Refused as error:
        return "not-assigned", {"text": error.refusal.detail, "owner": agent or team}
    if not given:
        return "not-assigned", {"text": said("They are not active any more."), "owner": agent or team}
    return "assigned", {"owner": agent or team}


async def route(unit: CaseUnit, slug: str) -> Told:
    queue = await active_queue(unit, slug)
    if queue is None:
        return "not-routed", {"text": said("The queue is not active any more."), "queue": slug}
    await unit.enter_queue(queue.id, queue.slug)
    return "routed", {"queue": queue.slug}


async def set_sla(unit: CaseUnit, slug: str) -> Told:
    why_not = await choose_by_automation(unit, slug)
    return "sla-set" if why_not is None else "sla-not-set", {"sla": slug, "text": why_not}


def post(unit: CaseUnit, url: str, type: str, key: str, facts: Mapping[str, Any]) -> Told:
    """The receiver is told what happened and to which case, and nothing of what people wrote: it may ask the API."""
    case = unit.case
    told = {
        "case": case.number,
        **facts,
        "status": case.status,
        "priority": case.priority,
        "case_type": case.case_type,
        "queue": case.queue,
    }
    row = Webhook(
        id=new_id(),
        key=key,
        case_id=case.id,
        url=url,
        body={"type": type, "timestamp": unit.now.isoformat(), "data": told},
        state="queued",
        attempts=0,
        not_before=datetime.now(UTC),
        made_on=unit.now,
    )
    unit.add(row)
    return "webhook", {"webhook": str(row.id)}
