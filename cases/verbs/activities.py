"""Activities of a case: added, changed, given to somebody else, completed, cancelled (domain 9)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from cases.answers import answered
from cases.fields import as_json
from cases.unit import CaseUnit, Refused, granted, refused
from models.messages.activities import ActivityType
from models.messages.api_activities import ActivityBody, ChangeActivityBody, CloseActivityBody
from models.messages.case_fields import WrongValue
from models.messages.cases import CaseCommand, ProblemType
from models.messages.processes import DataValue
from models.messages.reference import Role
from models.messages.said import said, whole, word
from models.records.base import new_id
from models.records.reference import Agent
from models.records.timeline import Activity
from policies import activities as policy
from policies.activities import CANCELLED, COMPLETED, OPEN


async def add_activity(unit: CaseUnit, command: CaseCommand, body: ActivityBody) -> str:
    if body.kind not in unit.organisation.activity_types:
        raise refused(
            ProblemType.INVALID,
            said("the organisation has no activity type {kind!r}.", kind=word(body.kind)),
            field="kind",
            allowed=unit.organisation.activity_types,
        )
    kind = await _writable(unit, body.kind, command.actor_id)
    fields = values_of(kind, {}, body.fields)
    reason = granted(policy.end(kind, OPEN, COMPLETED, None, fields)) if body.completed else None
    row = Activity(
        id=new_id(),
        case_id=unit.case.id,
        status=COMPLETED if body.completed else OPEN,
        reason=reason,
        created_on=unit.now,
        closed_on=unit.now if body.completed else None,
        owner_id=command.actor_id if body.owner is None else await _agent(unit, body.owner),
        **body.model_dump(exclude={"fields", "completed", "owner"}),
        fields=fields,
        version=0,
        # What was due before it was written down reminds nobody.
        reminded_for=body.due if body.due is not None and body.due <= unit.now else None,
    )
    unit.add(row)
    unit.reminders_moved = True
    if body.completed:
        answered(unit, row.kind)
    else:
        unit.open_activities += 1
    done = COMPLETED if body.completed else None
    unit.tell(
        f"command/{command.id}",
        "activity",
        actor_id=command.actor_id,
        subject_id=row.id,
        activity=body.kind,
        status=done,
    )
    return str(row.id)


async def change_activity(unit: CaseUnit, command: CaseCommand, body: ChangeActivityBody) -> str:
    """What is given changes; of a closed one too, but for its owner: it completes the record."""
    row, kind = await _of_case(unit, command)
    given = body.model_dump(include=body.model_fields_set - {"owner", "fields"})
    if "fields" in body.model_fields_set:
        given["fields"] = values_of(kind, row.fields, body.fields)
    if body.owner is not None:
        if row.status != OPEN:
            raise refused(
                ProblemType.ACTIVITY_NOT_OPEN, said("The activity is {status} already.", status=word(row.status))
            )
        given["owner_id"] = await _agent(unit, body.owner)
    changes = {name: value for name, value in given.items() if getattr(row, name) != value}
    unit.changed = bool(changes)
    if changes:
        for name, value in changes.items():
            setattr(row, name, value)
        row.version += 1
        unit.reminders_moved = True
        unit.tell(
            f"command/{command.id}",
            "activity-changed",
            actor_id=command.actor_id,
            subject_id=row.id,
            changed=sorted(changes),
            owner=body.owner if "owner_id" in changes else None,
        )
    return str(row.id)


async def complete_activity(unit: CaseUnit, command: CaseCommand, body: CloseActivityBody) -> str:
    return await _close(unit, command, body, COMPLETED)


async def cancel_activity(unit: CaseUnit, command: CaseCommand, body: CloseActivityBody) -> str:
    return await _close(unit, command, body, CANCELLED)


async def _close(unit: CaseUnit, command: CaseCommand, body: CloseActivityBody, status: str) -> str:
    row, kind = await _of_case(unit, command)
    row.reason = granted(policy.end(kind, row.status, status, body.reason, row.fields))
    row.status, row.closed_on = status, unit.now
    row.version += 1
    if body.duration_minutes is not None:
        row.duration_minutes = body.duration_minutes
    if status == COMPLETED:
        answered(unit, row.kind)
    unit.open_activities -= 1
    unit.reminders_moved = True
    unit.tell(
        f"command/{command.id}",
        f"activity-{status}",
        actor_id=command.actor_id,
        subject_id=row.id,
        reason=row.reason,
    )
    return str(row.id)


async def _of_case(unit: CaseUnit, command: CaseCommand) -> tuple[Activity, ActivityType]:
    row = await unit.session.get(Activity, command.target_id) if command.target_id else None
    if row is None or row.case_id != unit.case.id:
        raise refused(ProblemType.NOT_FOUND, said("The case has no such activity."))
    return row, await _writable(unit, row.kind, command.actor_id)


async def _writable(unit: CaseUnit, slug: str, actor_id: UUID) -> ActivityType:
    """Everybody who can send a command works cases; only a type that names its writers has to ask."""
    kind = unit.organisation.activity_type(slug)
    if kind.writers:
        roles = await unit.session.scalar(select(Agent.roles).where(Agent.id == actor_id)) or ()
        refusal = policy.may_write(kind, [Role(role) for role in roles])
        if refusal is not None:
            raise Refused(refusal)
    return kind


async def _agent(unit: CaseUnit, slug: str) -> UUID:
    found: UUID | None = await unit.session.scalar(select(Agent.id).where(Agent.slug == slug, Agent.active))
    if found is None:
        raise refused(ProblemType.NOT_FOUND, said("there is no active agent {slug!r}.", slug=slug), field="owner")
    return found


def values_of(kind: ActivityType, present: dict[str, Any], given: dict[str, DataValue]) -> dict[str, Any]:
    """The fields of an activity as they are stored; refused, naming the first that cannot be."""
    try:
        values = policy.merged(kind, present, given)
    except WrongValue as error:
        raise refused(ProblemType.INVALID, whole(error.rule), field=error.field, allowed=error.allowed) from None
    return {name: as_json(value) for name, value in values.items()}
