"""What a process does by itself with its case (domain 7): done in the write that makes the change, each action once.

What cannot be done (a word that was retired, an agent without room) is told on the timeline; a fault of ours becomes an
incident that can be tried again. The change itself stands either way.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from cases import rule_actions
from cases.notices import send_notice
from cases.unit import CaseUnit
from letters.notice_words import OF_WORK
from letters.noticing import Notice
from models.messages.notices import WorkEvent
from models.messages.process_actions import ProcessAction, ProcessDeed
from models.messages.processes import ProcessDefinition, ProcessState
from models.records.processes import ProcessInstance
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
    action = due.action
    match action.do:
        case ProcessDeed.SET:
            return await rule_actions.set_fields(unit, action.values)
        case ProcessDeed.SEND:
            return await _mailed(unit, action, due.key)
        case ProcessDeed.ASSIGN:
            return await rule_actions.assign(unit, action.agent, action.team)
        case ProcessDeed.ROUTE:
            return await rule_actions.route(unit, action.queue or "")
        case ProcessDeed.SET_SLA:
            return await rule_actions.set_sla(unit, action.sla or "")
        case ProcessDeed.WEBHOOK:
            facts = {"process": definition.slug, "stage": due.stage, "event": due.event.value}
            return rule_actions.post(unit, action.url or "", f"process.{due.event}", due.key, facts)


async def _mailed(unit: CaseUnit, action: ProcessAction, key: str) -> tuple[str, dict[str, Any]]:
    notice = Notice(f"{ACTION}{key}", action.template, OF_WORK[WorkEvent.NEW_CASE])
    recipients, unsent = await send_notice(unit, notice, action.to or "")
    sent = {"text": unsent, "to": action.to, "recipients": recipients, "template": action.template}
    return "notified" if unsent is None else "not-notified", sent
