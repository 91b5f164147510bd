"""Reply and resolve, reply and wait: one command, taken back as one (domain 1.2, 4.4; design, "A mail's way" 6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from cases.assigning import given_back
from cases.taking_back import reopen_children
from cases.unit import CaseUnit, Refused, refused
from cases.verbs import lifecycle
from models.messages.api_cases import HoldBody, ReplyBody
from models.messages.cases import CaseCommand, CaseStatus, CommandKind, ProblemType
from models.messages.said import said, without_field, word
from models.records.reference import Agent
from models.records.timeline import TimelineEntry
from policies.lifecycle import on_hold
from storage.kept import named

AND_MORE = "reply/"
"""What the timeline's key of a reply that brought about something else begins with."""
WAITING = "waiting-for-details"
"""The reason of a case that waits for its customer, where the organisation has it."""


async def and_then(unit: CaseUnit, command: CaseCommand, body: ReplyBody, message_id: UUID) -> None:
    """What the reply brings about beside itself. A refusal of it refuses the whole, and names the field within the reply."""
    case = unit.case
    then, before = ("wait" if body.resolve is None else "resolve"), case.status_reason
    worker = await named(unit.session, Agent, None if unit.item is None else unit.item.worked_by)
    try:
        if body.resolve is not None:
            await lifecycle.resolve(unit, command, body.resolve)
        elif body.wait is not None:
            await lifecycle.hold(unit, command, _waiting(unit, body.wait))
            unit.changed = True  # the reply is a change, also where the case was on hold already
    except Refused as error:
        refusal = error.refusal
        if not refusal.field:
            raise
        rule = without_field(refusal.detail, refusal.field)
        raise Refused(refusal.about(f"{then}.{refusal.field}", rule)) from None
    unit.tell(
        f"{AND_MORE}{command.id}",
        "reply",
        actor_id=command.actor_id,
        subject_id=message_id,
        then=then,
        before=before,
        after=case.status_reason,
        worked_by=worker.slug if worker is not None and then == "resolve" else None,
    )


def _waiting(unit: CaseUnit, body: HoldBody) -> HoldBody:
    usual = body.status_reason is None and on_hold(unit.organisation, WAITING)
    return HoldBody(status_reason=WAITING) if usual else body


async def take_back_the_rest(unit: CaseUnit, command: CaseCommand) -> dict[str, Any]:
    """The case is as it was before a reply that is taken back, unless its state has changed since; so are the children that
    the reply has closed.

    A closed case refuses it, unless that very reply has closed it: its promises have ended.
    """
    case = unit.case
    entry = await unit.session.scalar(
        select(TimelineEntry).where(
            TimelineEntry.case_id == case.id,
            TimelineEntry.kind == "reply",
            TimelineEntry.subject_id == command.target_id,
        )
    )
    # What a reply brought about on a case that was merged into this one, it brought about there.
    told = {} if entry is None or "adopted_from" in entry.data else entry.data
    if case.status != CaseStatus.ACTIVE:
        if entry is None or told.get("then") != "resolve" or entry.at != case.resolved_on:
            raise refused(
                ProblemType.CASE_NOT_ACTIVE,
                said("The case is {status}.", status=word(case.status)),
                allowed=(CommandKind.REACTIVATE.value,),
            )
        movement = await lifecycle.reopen(unit, told["before"])
        await reopen_children(unit, command, UUID(entry.key.removeprefix(AND_MORE)))
        back = await given_back(unit, told.get("worked_by"))
        return {"status_reason": told["before"], **movement, **({"worked_by": told["worked_by"]} if back else {})}
    held = told.get("then") == "wait" and told["after"] == case.status_reason
    if held and told["before"] != case.status_reason:
        case.status_reason = told["before"]
        return {"status_reason": told["before"]}
    return {}
