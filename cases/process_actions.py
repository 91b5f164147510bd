"""What a process does by itself with its case (domain 7): done in the write that makes the change, each action once.

What cannot be done (a word that was retired, an agent without room) is told on the timeline; a fault of ours becomes an
incident that can be tried again. The change itself stands either way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from cases import fields
from cases.notices import send_notice
from cases.unit import CaseUnit, Refused
from cases.verbs.queue import active_queue, give
from letters.noticing import OF_WORK, Notice
from models.messages.case_fields import BY_NAME
from models.messages.notices import WorkEvent
from models.messages.process_actions import ProcessAction, ProcessDeed
from models.messages.processes import ProcessDefinition, ProcessState
from models.records.base import new_id
from models.records.cases import ProcessInstance
from models.records.webhooks import Webhook
from policies.process_actions import DueAction, action_of, due_actions
from storage.definitions import DefinitionKind

ACTION = "process/"
"""What the keys of incidents of these actions begin with."""


async def run_actions(
    unit: CaseUnit,
    row: ProcessInstance,
    definition: ProcessDefinition,
    before: ProcessState | None,
    after: ProcessState,
) -> None:
    """Do what the change from `before` to `after` brings about; `before` None: the case begins with the process."""
    for due in due_actions(row.id, definition, before, after):
        step = f"{definition.slug}: {due.action.do}"
        await unit.part(f"{ACTION}{due.key}", step, partial(_act, unit, definition, due), None)


async def action_again(unit: CaseUnit, key: str) -> None:
    """An action that had to be left out, done later. Raises LookupError for one that no process of the case has."""
    instance, _, _ = key.partition("/")
    row = await unit.session.scalar(
        select(ProcessInstance).where(ProcessInstance.id == UUID(instance), ProcessInstance.case_id == unit.case.id)
    )
    if row is None:
        raise LookupError(f"{unit.case.number} has no process {instance}")
    definition = await unit.tools.definitions.pinned(
        unit.session, DefinitionKind.PROCESS, row.definition, row.version, ProcessDefinition
    )
    await _act(unit, definition, action_of(definition, key))


async def _act(unit: CaseUnit, definition: ProcessDefinition, due: DueAction) -> None:
    kind, told = await _done(unit, definition, due)
    where: dict[str, Any] = {"process": definition.slug, "stage": due.stage, "event": due.event.value, "by": "process"}
    unit.tell(f"{ACTION}{due.key}", kind, **where, **told)


async def _done(unit: CaseUnit, definition: ProcessDefinition, due: DueAction) -> tuple[str, dict[str, Any]]:
    """The kind of the entry of the timeline, and what it says beside where it came from."""
    match due.action.do:
        case ProcessDeed.SET:
            return await _set(unit, due.action)
        case ProcessDeed.SEND:
            return await _mailed(unit, due.action, due.key)
        case ProcessDeed.ASSIGN:
            return await _assigned(unit, due.action)
        case ProcessDeed.ROUTE:
            return await _routed(unit, due.action)
        case ProcessDeed.WEBHOOK:
            return _posted(unit, definition, due)


async def _set(unit: CaseUnit, action: ProcessAction) -> tuple[str, dict[str, Any]]:
    """Each field by itself, as PATCH would write it: one that cannot be stops none of the others."""
    before, left_out = fields.values(unit.case), []
    for name, value in action.values.items():
        try:
            await fields.fill(unit, {name: Decimal(str(value)) if isinstance(value, float) else value})
        except Refused as error:
            left_out.append(error.refusal.detail.removeprefix("data."))
            if name in BY_NAME:
                setattr(unit.case, name, before[name])
    after = fields.values(unit.case)
    changes = {
        name: [before.get(name), after.get(name)] for name in action.values if before.get(name) != after.get(name)
    }
    return "changed" if changes or not left_out else "not-changed", {
        "changes": changes,
        "text": " ".join(left_out) or None,
    }


async def _mailed(unit: CaseUnit, action: ProcessAction, key: str) -> tuple[str, dict[str, Any]]:
    notice = Notice(f"{ACTION}{key}", action.template, OF_WORK[WorkEvent.NEW_CASE])
    recipients, unsent = await send_notice(unit, notice, action.to or "")
    sent = {"text": unsent, "to": action.to, "recipients": recipients, "template": action.template}
    return "notified" if unsent is None else "not-notified", sent


async def _assigned(unit: CaseUnit, action: ProcessAction) -> tuple[str, dict[str, Any]]:
    try:
        given = await give(unit, agent=action.agent, team=action.team)
    except Refused as error:
        return "not-assigned", {"text": error.refusal.detail, "owner": action.agent or action.team}
    if not given:
        return "not-assigned", {"text": "They are not active any more.", "owner": action.agent or action.team}
    return "assigned", {"owner": action.agent or action.team}


async def _routed(unit: CaseUnit, action: ProcessAction) -> tuple[str, dict[str, Any]]:
    queue = await active_queue(unit, action.queue or "")
    if queue is None:
        return "not-routed", {"text": "The queue is not active any more.", "queue": action.queue}
    await unit.enter_queue(queue.id, queue.slug)
    return "routed", {"queue": queue.slug}


def _posted(unit: CaseUnit, definition: ProcessDefinition, due: DueAction) -> tuple[str, dict[str, Any]]:
    """The receiver is told what happened and to which case, and nothing of what people wrote: it may ask the API."""
    case = unit.case
    facts = {
        "case": case.number,
        "process": definition.slug,
        "stage": due.stage,
        "event": due.event.value,
        "status": case.status,
        "priority": case.priority,
        "case_type": case.case_type,
        "queue": case.queue,
    }
    row = Webhook(
        id=new_id(),
        key=due.key,
        case_id=case.id,
        url=due.action.url or "",
        body={"type": f"process.{due.event}", "timestamp": unit.now.isoformat(), "data": facts},
        state="queued",
        attempts=0,
        not_before=datetime.now(UTC),
        made_on=unit.now,
    )
    unit.add(row)
    return "webhook", {"webhook": str(row.id)}
