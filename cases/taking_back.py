"""A reply that resolved a parent is taken back: the children that were closed with it are opened again (domain 1.4).

Only what that very reply closed, and nobody has touched since, comes back. Each child decides in its own run.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.unit import CaseUnit
from cases.verbs import lifecycle
from models.messages.cases import CaseCommand, CaseStatus
from models.messages.families import FamilyRun
from models.messages.mailflow import DeliveryKind, OutboxState
from models.messages.organisation import OrganisationSettings
from models.records.cases import Case
from models.records.commands import Command, Delivery
from models.records.mails import Outbox
from models.records.timeline import TimelineEntry
from policies.lifecycle import status_of_reason
from storage.repositories.families import IN_FAMILIES

UNDO_FAMILY = "undo"
REOPENED, KEPT = "reopened", "kept"
REPLY = "reply/"
"""What the key of a reply's letter begins with, before the reply's own id."""
IN_PROGRESS = "in-progress"
"""The reason that every organisation has."""


async def reopen_children(unit: CaseUnit, undo: CaseCommand, reply_id: UUID) -> None:
    """In the parent's transaction: each case that the reply closed, or has told to close, must hear that it is taken back."""
    told = (
        select(Case)
        .join(Delivery, Delivery.case_id == Case.id)
        .where(IN_FAMILIES, Delivery.kind == DeliveryKind.CLOSE, Delivery.subject_id == reply_id)
        .order_by(Case.id)
    )
    children = list(await unit.session.scalars(told))
    for child in children:
        unit.must_hear(child, DeliveryKind.CLOSE, undo.id)
    if children:
        unit.family = FamilyRun(kind=UNDO_FAMILY, command_id=undo.id, number=unit.case.number)


async def was_taken_back(session: AsyncSession, reply_id: UUID) -> bool:
    """Whether the letter of this reply never left, because its author took it back."""
    state = await session.scalar(select(Outbox.state).where(Outbox.key == f"{REPLY}{reply_id}"))
    return state == OutboxState.UNDONE


async def reopen_with_parent(unit: CaseUnit, undo: Command, parent: Case) -> str:
    """The outcome, for a case that was closed with its parent. Raises Refused if it cannot be opened again, for want of
    terms. `undo`: done, so that its result names the letter that was taken back."""
    letter = UUID((undo.result or {})["resource"])
    case, key = unit.case, await unit.session.scalar(select(Outbox.key).where(Outbox.message_id == letter))
    closed = await unit.session.scalar(
        select(TimelineEntry).where(
            TimelineEntry.case_id == case.id, TimelineEntry.key == f"command/{(key or '').removeprefix(REPLY)}"
        )
    )
    if closed is None or case.status != CaseStatus.RESOLVED or closed.at != case.resolved_on:
        return KEPT
    reason = _before(unit.organisation, closed)
    movement = await lifecycle.reopen(unit, reason)
    unit.tell(
        f"command/{undo.id}",
        "reactivated",
        actor_id=undo.actor_id,
        related=parent.number,
        status_reason=reason,
        **movement,
    )
    return REOPENED


def _before(organisation: OrganisationSettings, closed: TimelineEntry) -> str:
    """The reason that the case had before it was closed, if the organisation still has it for active cases."""
    reason: str | None = (closed.changes or {}).get("status_reason", (None,))[0]
    known = reason is not None and status_of_reason(organisation, reason) is CaseStatus.ACTIVE
    return reason if known and reason is not None else IN_PROGRESS
