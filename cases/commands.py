"""The one write activity behind every agent command: load its body, apply it, keep its result, in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from pydantic import ValidationError

from cases import incidents
from cases.attempts import FIRST, Attempt
from cases.incidents import command_key
from cases.pending import FAILED, pending_row
from cases.settling import settle
from cases.snapshots import snapshot_of
from cases.unit import Because, CaseTools, CaseUnit, Refused, refused
from cases.verbs import activities as activity_verbs
from cases.verbs import articles as article_verbs
from cases.verbs import change as change_verb
from cases.verbs import correspondence as correspondence_verbs
from cases.verbs import customers as customer_verbs
from cases.verbs import families as family_verbs
from cases.verbs import house as house_verbs
from cases.verbs import lifecycle as lifecycle_verbs
from cases.verbs import process as process_verbs
from cases.verbs import promises as promise_verbs
from cases.verbs import queue as queue_verbs
from cases.verbs import split as split_verb
from engine.failpoints import failpoint
from models.messages.api_cases import BODIES, BODY_MAY_BE_ABSENT
from models.messages.cases import (
    HOUSE_VERBS,
    CaseCommand,
    CaseStatus,
    CommandInput,
    CommandKind,
    Outcome,
    ProblemType,
    Refusal,
)
from models.messages.faults import first_of
from models.messages.incidents import StepFault
from models.messages.names import verb_name
from models.messages.said import Said, of_field, said, word
from models.records.cases import Case
from models.records.commands import Command
from policies.lifecycle import refuse, refuse_update
from storage.errors import ErrorKind, field_of, kind_of, rule_of

Verb = Callable[..., Awaitable[str | None]]

log = structlog.get_logger(__name__)

VERBS: dict[CommandKind, Verb] = {
    CommandKind.PICK: queue_verbs.pick,
    CommandKind.RELEASE: queue_verbs.release,
    CommandKind.ASSIGN: queue_verbs.assign,
    CommandKind.ROUTE: queue_verbs.route_to_queue,
    CommandKind.APPLY_ROUTING: queue_verbs.apply_routing,
    CommandKind.REMOVE_FROM_QUEUE: queue_verbs.remove_from_queue,
    CommandKind.CHANGE: change_verb.change,
    CommandKind.STAGE_NEXT: process_verbs.next_stage,
    CommandKind.STAGE_PREVIOUS: process_verbs.previous_stage,
    CommandKind.STAGE_SET_ACTIVE: process_verbs.set_active,
    CommandKind.PROCESS_FINISH: process_verbs.finish,
    CommandKind.PROCESS_ABANDON: process_verbs.abandon,
    CommandKind.PROCESS_REACTIVATE: process_verbs.reactivate,
    CommandKind.PROCESS_SWITCH: process_verbs.switch,
    CommandKind.REPLY: correspondence_verbs.reply,
    CommandKind.UNDO_REPLY: correspondence_verbs.undo_reply,
    CommandKind.NOTE: correspondence_verbs.note,
    CommandKind.ADD_ACTIVITY: activity_verbs.add_activity,
    CommandKind.CHANGE_ACTIVITY: activity_verbs.change_activity,
    CommandKind.COMPLETE_ACTIVITY: activity_verbs.complete_activity,
    CommandKind.CANCEL_ACTIVITY: activity_verbs.cancel_activity,
    CommandKind.ATTACH_ARTICLE: article_verbs.attach_article,
    CommandKind.DETACH_ARTICLE: article_verbs.detach_article,
    CommandKind.FIRST_RESPONSE: correspondence_verbs.first_response,
    CommandKind.RESOLVE: lifecycle_verbs.resolve,
    CommandKind.CANCEL: lifecycle_verbs.cancel,
    CommandKind.REACTIVATE: lifecycle_verbs.reactivate,
    CommandKind.HOLD: lifecycle_verbs.hold,
    CommandKind.RESUME: lifecycle_verbs.resume,
    CommandKind.ACKNOWLEDGE: promise_verbs.acknowledge,
    CommandKind.RECOMPUTE: promise_verbs.recompute,
    CommandKind.MERGE: family_verbs.merge,
    CommandKind.ADD_CHILD: family_verbs.add_child,
    CommandKind.LEAVE_PARENT: family_verbs.leave_parent,
    CommandKind.SPLIT: split_verb.split,
    CommandKind.QUEUE_ASSIGN: house_verbs.queue_assign,
    CommandKind.OVERFLOW: house_verbs.overflow,
    CommandKind.FOLLOW_CUSTOMER: customer_verbs.follow_customer,
}


ENDED = ("done", "refused")
"""States of a command's row after which it is not applied again; what failed by a fault of ours may be."""


class CaseCommands:
    def __init__(self, tools: CaseTools) -> None:
        self.tools = tools

    async def apply_command(self, given: CommandInput, attempt: Attempt = FIRST) -> Outcome:
        """Apply once: the command row of this id is the record of that. A refusal rolls back and is recorded too.

        But for that of a command without the desk's signature: it says nothing of the one that an agent sent, or will
        send, under this id.
        """
        if not self.tools.proof.holds(given.command, given.case_id):
            return await self._not_signed(given)
        try:
            async with self.tools.unit(given.case_id, given.now, attempt, command_id=given.command.id) as unit:
                row = unit.command
                if row is not None and row.state in ENDED:
                    return await _as_recorded(unit, row)
                if not unit.is_as_known(given.version):
                    await _decide_again(unit, given.command)
                resource = await _apply(unit, given.command, row)
                key = command_key(given.command.id)
                if unit.changed:
                    snapshot = await settle(unit, done=key)
                else:
                    await incidents.end(unit.session, unit.case, unit.now, key)
                    snapshot = await unit.snapshot()
                _record(unit, given.command, row, "done", {"version": snapshot.version, "resource": resource})
                await unit.flush()
                failpoint("command.written")
            failpoint("command.committed")
            await self.tools.tell_onward(unit)
            return Outcome(snapshot=snapshot, resource=resource)
        except Refused as error:
            return await self._refuse(given, error.refusal)

    async def set_aside(self, given: CommandInput, error: Exception) -> Outcome:
        """A value that cannot be is refused, and its field named; a fault of ours is an incident."""
        if kind_of(error) in (ErrorKind.DATA, ErrorKind.CONSTRAINT):
            return await self._refuse(given, _impossible(error))
        step = verb_name(given.command.kind)
        async with self.tools.unit(given.case_id, given.now, command_id=given.command.id) as unit:
            row = unit.command
            if row is not None and row.state in ENDED:
                return await _as_recorded(unit, row)
            incident = await unit.set_aside(command_key(given.command.id), step, error, given.command.id)
            if row is None:
                row = pending_row(given.command, given.case_id, {})
                unit.add(row)
            row.state, row.result = FAILED, {**(row.result or {}), "step": step, "incident": str(incident)}
            snapshot = await unit.snapshot()
        return Outcome(snapshot=snapshot, fault=StepFault(step=step, incident=incident))

    async def _not_signed(self, given: CommandInput) -> Outcome:
        log.warning("command without the desk's signature", id=str(given.command.id), case_id=str(given.case_id))
        refusal = Refusal(
            type=ProblemType.NOT_SIGNED,
            detail=said("The command carries no signature of this house's desk for this case."),
        )
        async with self.tools.database.read() as session:
            case = await session.get_one(Case, given.case_id)
            return Outcome(snapshot=await snapshot_of(session, case), refusal=refusal)

    async def _refuse(self, given: CommandInput, refusal: Refusal) -> Outcome:
        async with self.tools.unit(given.case_id, given.now, command_id=given.command.id) as unit:
            row = unit.command
            _record(unit, given.command, row, "refused", refusal.model_dump(mode="json"))
            await incidents.end(unit.session, unit.case, unit.now, command_key(given.command.id))
            return Outcome(snapshot=await unit.snapshot(), refusal=refusal)


def _impossible(error: Exception) -> Refusal:
    field, rule = field_of(error), rule_of(error)
    if field is None:
        return Refusal(
            type=ProblemType.INVALID, detail=Said(f"{rule[:1].upper()}{rule[1:]}.", "{rule}.", {"rule": rule})
        )
    return Refusal(type=ProblemType.INVALID, detail=of_field(field, rule), field=field)


async def _decide_again(unit: CaseUnit, command: CaseCommand) -> None:
    """What the run allowed, it allowed on an older state than the row's."""
    refusal = refuse(await unit.snapshot(), command)
    if refusal is not None:
        raise Refused(refusal)


async def _as_recorded(unit: CaseUnit, row: Command) -> Outcome:
    snapshot = await unit.snapshot()
    if row.state == "refused":
        return Outcome(snapshot=snapshot, refusal=Refusal.model_validate(row.result))
    return Outcome(snapshot=snapshot, resource=(row.result or {}).get("resource"))


async def _apply(unit: CaseUnit, command: CaseCommand, row: Command | None) -> str | None:
    refusal = refuse_update(unit.organisation, CaseStatus(unit.case.status), command.kind)
    if refusal is not None:
        raise Refused(refusal)
    unit.actor_id = None if command.kind in HOUSE_VERBS else command.actor_id
    unit.because = Because(command.kind.value, unit.actor_id)
    verb, model = VERBS[command.kind], BODIES.get(command.kind)
    if model is None:
        return await verb(unit, command)
    if row is None and command.kind not in BODY_MAY_BE_ABSENT:
        raise refused(ProblemType.INVALID, said("{kind}: the command came without its body.", kind=word(command.kind)))
    try:
        body: Any = model.model_validate(row.body if row is not None else {})
    except ValidationError as error:
        field, rule = first_of(error, row.body if row is not None else {})
        raise refused(ProblemType.INVALID, rule, field=field) from None
    return await verb(unit, command, body)


def _record(unit: CaseUnit, command: CaseCommand, row: Command | None, state: str, result: dict[str, Any]) -> None:
    if row is None:
        row = Command(
            id=command.id,
            case_id=unit.case.id,
            actor_id=command.actor_id,
            key=command.key,
            kind=command.kind,
            body={},
            body_hash=command.body_hash,
        )
        unit.add(row)
    row.state, row.result, row.applied_on = state, result, unit.now
    if state == "done":
        row.applied_version = unit.case.version
