"""Parts of one thread that opened cases of their own become one case: the younger retires, the older adopts (domain 1.5).

No run writes another case's rows. Each does its half when it hears of it, and decides again under its own lock; the
retired case hands its mails over, and writes none of them afterwards.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cases.ledger import move_terms
from cases.unit import CaseUnit
from models.messages.cases import OPEN_STATUSES, CaseStatus
from models.messages.entitlements import LifecycleEvent
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id
from models.records.cases import Case, Delivery, TimelineEntry
from models.records.mails import EmailMessage, Outbox
from storage.repositories.threads import last_survivor, worked_on

MERGED_REASON = "merged"
PASSED_ON = "passed-on"

Onward = tuple[Case, Delivery]
"""A case that must hear of something as soon as this is committed, and of what."""


async def retire(unit: CaseUnit, delivery: Delivery) -> Onward | None:
    """Go up in the older case, unless somebody has begun to work on this one, or the older one has been closed."""
    case, session = unit.case, unit.session
    survivor = await last_survivor(session, await session.get_one(Case, delivery.subject_id))
    if case.merged_into is not None:
        delivery.outcome = PASSED_ON
        return await _unite(session, await last_survivor(session, case), survivor)
    why = await _why_not(unit, survivor)
    if why is not None:
        delivery.outcome = "kept"
        unit.tell(f"kept/{survivor.id}", "kept", related=survivor.number, why=why)
        return None
    case.status, case.status_reason, case.merged_into = CaseStatus.CANCELLED, MERGED_REASON, survivor.number
    movement = await move_terms(unit, LifecycleEvent.CANCELLED)
    if unit.item is not None:
        await unit.leave_queue(unit.item)
    delivery.outcome = "retired"
    unit.tell(f"merged/{survivor.id}", "merged", related=survivor.number, why="its mails are of one thread", **movement)
    return await _must_hear(session, survivor, DeliveryKind.ADOPT, case.id)


async def adopt(unit: CaseUnit, delivery: Delivery) -> None:
    """Take over the mails of the case that went up in this one, whether open or closed, and what its timeline says of
    them, so that each of them shows here once."""
    case, session = unit.case, unit.session
    retired = await session.get_one(Case, delivery.subject_id)
    # What it has not heard of yet, or has passed on, comes here by a delivery of its own.
    elsewhere = select(Delivery.subject_id).where(
        Delivery.case_id == retired.id,
        Delivery.kind == DeliveryKind.MAIL,
        or_(~Delivery.done, Delivery.outcome == PASSED_ON),
    )
    theirs = select(EmailMessage.id, EmailMessage.direction, EmailMessage.automatic).where(
        EmailMessage.case_id == retired.id, EmailMessage.id.not_in(elsewhere)
    )
    messages = (await session.execute(theirs)).all()
    ids = [message.id for message in messages]
    await _tell_anew(unit, retired, ids)
    for moved in (
        update(EmailMessage).where(EmailMessage.id.in_(ids)),
        update(Outbox).where(Outbox.case_id == retired.id),
    ):
        await session.execute(moved.values(case_id=case.id).execution_options(synchronize_session=False))
    if any(message.direction == "in" and message.automatic is None for message in messages):
        case.customer_replied_last = True
    delivery.outcome = "adopted"
    unit.tell(f"adopted/{retired.id}", "adopted", related=retired.number, mails=len(ids))


async def pass_on(unit: CaseUnit, delivery: Delivery) -> Onward:
    """What a merged case hears of concerns its survivor (domain 1.5)."""
    survivor = await last_survivor(unit.session, unit.case)
    delivery.outcome = PASSED_ON
    unit.tell(
        f"{delivery.kind}/{delivery.subject_id}",
        delivery.kind,
        subject_id=delivery.subject_id,
        outcome=PASSED_ON,
        related=survivor.number,
    )
    return await _must_hear(unit.session, survivor, DeliveryKind(delivery.kind), delivery.subject_id)


async def _why_not(unit: CaseUnit, survivor: Case) -> str | None:
    case = unit.case
    if case.status not in OPEN_STATUSES:
        return f"this case is {case.status}"
    if survivor.status not in OPEN_STATUSES:
        return f"{survivor.number} is {survivor.status}"
    if survivor.id == case.id:
        return "the other case went up in this one"
    return "somebody works on this case" if await worked_on(unit.session, [case.id]) else None


async def _unite(session: AsyncSession, one: Case, other: Case) -> Onward | None:
    """Two mails at once have shown two older cases to be of this thread: then these are of one thread too."""
    if one.id == other.id:
        return None
    older, younger = sorted((one, other), key=lambda case: case.id)
    return await _must_hear(session, younger, DeliveryKind.RETIRE, older.id)


async def _must_hear(session: AsyncSession, case: Case, kind: DeliveryKind, subject_id: UUID) -> Onward:
    known = await session.scalar(
        select(Delivery).where(Delivery.case_id == case.id, Delivery.kind == kind, Delivery.subject_id == subject_id)
    )
    if known is not None:
        return case, known
    made = Delivery(id=new_id(), case_id=case.id, number=case.number, kind=kind, subject_id=subject_id)
    session.add(made)
    return case, made


async def _tell_anew(unit: CaseUnit, retired: Case, messages: list[UUID]) -> None:
    """The retired case's entries about these messages, at their own instants."""
    entries = await unit.session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.case_id == retired.id, TimelineEntry.subject_id.in_(messages))
        .order_by(TimelineEntry.id)
    )
    for entry in entries:
        # A mail's key is the mail's on every case; others name the case's own affairs.
        key = entry.key if entry.key == f"mail/{entry.subject_id}" else f"adopted/{entry.id}"
        unit.tell_again(key, entry, {"adopted_from": retired.number, **entry.data})
