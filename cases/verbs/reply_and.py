"""Reply and resolve, reply and wait: one command, taken back as one (domain 1.2, 4.4; design, "A mail's way" 6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from cases.unit import CaseUnit, Refused
from cases.verbs import lifecycle
from models.messages.api_cases import HoldBody, ReplyBody
from models.messages.cases import CaseCommand, CaseStatus
from models.records.cases import TimelineEntry
from policies.lifecycle import on_hold

WAITING = "waiting-for-details"
"""The reason of a case that waits for its customer, where the organisation has it."""


async def and_then(unit: CaseUnit, command: CaseCommand, body: ReplyBody, message_id: UUID) -> None:
    """What the reply brings about beside itself. A refusal of it refuses the whole, and names the field within the reply."""
    case = unit.case
    then, before = ("wait" if body.resolve is None else "resolve"), case.status_reason
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
        detail = refusal.detail.removeprefix(f"{refusal.field}: ")
        field = f"{then}.{refusal.field}"
        raise Refused(refusal.model_copy(update={"field": field, "detail": f"{field}: {detail}"})) from None
    unit.tell(
        f"reply/{command.id}",
        "reply",
        actor_id=command.actor_id,
        subject_id=message_id,
        then=then,
        before=before,
        after=case.status_reason,
        life=case.life,
    )


def _waiting(unit: CaseUnit, body: HoldBody) -> HoldBody:
    usual = body.status_reason is None and on_hold(unit.organisation, WAITING)
    return HoldBody(status_reason=WAITING) if usual else body


async def take_back_the_rest(unit: CaseUnit, *, letter_of: UUID | None) -> dict[str, Any]:
    """The case is as it was before a reply that is taken back, unless something else has happened to its state since.

    Children that were closed with it stay closed.
    """
    case = unit.case
    entry = await unit.session.scalar(
        select(TimelineEntry).where(
            TimelineEntry.case_id == case.id, TimelineEntry.kind == "reply", TimelineEntry.subject_id == letter_of
        )
    )
    told = {} if entry is None else entry.data
    same = told.get("life") == case.life and told.get("after") == case.status_reason
    if not same or told.get("before") == case.status_reason:
        return {}
    if told.get("then") == "resolve" and case.status == CaseStatus.RESOLVED:
        return {"status_reason": told["before"], **await lifecycle.reopen(unit, told["before"])}
    if told.get("then") == "wait" and case.status == CaseStatus.ACTIVE:
        case.status_reason = told["before"]
        return {"status_reason": told["before"]}
    return {}
