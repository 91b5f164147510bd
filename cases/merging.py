"""Parts of one thread that opened cases of their own become one case: the younger retires, the older adopts (domain 1.5).

No run writes another case's rows. Each does its half when it hears of it, and decides again under its own lock; the
retired case hands its mails over, and writes none of them afterwards.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import aliased

from cases.ledger import move_terms
from cases.unit import CaseUnit
from engine.dispatch import ToTell
from models.messages.cases import OPEN_STATUSES, CaseStatus
from models.messages.entitlements import LifecycleEvent
from models.messages.mailflow import DeliveryKind
from models.messages.said import said, word
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.drafts import ReplyDraft
from models.records.mails import EmailMessage, Outbox
from models.records.timeline import Activity, CaseArticle, TimelineEntry
from storage.repositories.threads import last_survivor, survivor_to_join, worked_on

MERGED_REASON = "merged"
RETIRED = "retired"
PASSED_ON = "passed-on"
NOTE = "note"


async def retire(unit: CaseUnit, delivery: Delivery) -> None:
    """Go up in the older case, unless somebody has begun to work on this one, or the older one has been closed."""
    case, session = unit.case, unit.session
    survivor = await survivor_to_join(session, case, await session.get_one(Case, delivery.subject_id))
    if case.merged_into is not None:
        delivery.outcome = PASSED_ON
        await _unite(unit, await last_survivor(session, case), survivor)
        return
    why = await _why_not(unit, survivor)
    if why is not None:
        delivery.outcome = "kept"
        unit.tell(f"kept/{survivor.id}", "kept", related=survivor.number, why=why)
        return
    await retire_into(unit, survivor, why=said("its mails are of one thread"))
    delivery.outcome = RETIRED


async def retire_into(unit: CaseUnit, survivor: Case, **told: Any) -> None:
    """End this case: terms given back, out of its queue, its open promises cancelled by the end of the write. What it has
    is taken over by the survivor, which hears of it."""
    case = unit.case
    case.status, case.status_reason, case.merged_into = CaseStatus.CANCELLED, MERGED_REASON, survivor.number
    movement = await move_terms(unit, LifecycleEvent.CANCELLED)
    if unit.item is not None:
        await unit.leave_queue(unit.item)
    unit.tell(f"merged/{survivor.id}", "merged", related=survivor.number, **told, **movement)
    await _must_hear(unit, survivor, DeliveryKind.ADOPT, case.id)


async def adopt(unit: CaseUnit, delivery: Delivery) -> None:
    """Take over what the case that went up in this one had, whether this one is open or closed: mails with their files,
    letters, notes, activities, articles and children; and what its timeline says of them, so that each shows here once."""
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
    await _tell_anew(unit, retired, [*ids, *await _take_activities(unit, retired)])
    await _take_articles(unit, retired)
    await _take_drafts(unit, retired)
    for moved in (
        update(EmailMessage).where(EmailMessage.id.in_(ids)),
        update(Outbox).where(Outbox.case_id == retired.id),
    ):
        await session.execute(moved.values(case_id=case.id).execution_options(synchronize_session=False))
    if any(message.direction == "in" and message.automatic is None for message in messages):
        case.customer_replied_last = True
    for child in await session.scalars(select(Case).where(Case.parent_id == retired.id).order_by(Case.id)):
        unit.must_hear(child, DeliveryKind.NEW_PARENT, retired.id)
    delivery.outcome = "adopted"
    unit.tell(f"adopted/{retired.id}", "adopted", related=retired.number, mails=len(ids))


async def _take_activities(unit: CaseUnit, retired: Case) -> list[UUID]:
    """They become this case's, open ones too; their ids."""
    theirs = Activity.case_id == retired.id
    found = (await unit.session.execute(select(Activity.id, Activity.status).where(theirs))).all()
    if found:
        moved = update(Activity).where(theirs).values(case_id=unit.case.id)
        await unit.session.execute(moved.execution_options(synchronize_session=False))
        unit.reminders_moved = True
    unit.open_activities += sum(status == "open" for _, status in found)
    return [id for id, _ in found]


async def _take_articles(unit: CaseUnit, retired: Case) -> None:
    """Links to articles that this case does not have yet; the others are left with the retired one."""
    mine = select(CaseArticle.article_id).where(CaseArticle.case_id == unit.case.id)
    moved = update(CaseArticle).where(CaseArticle.case_id == retired.id, CaseArticle.article_id.not_in(mine))
    await unit.session.execute(moved.values(case_id=unit.case.id).execution_options(synchronize_session=False))


async def _take_drafts(unit: CaseUnit, retired: Case) -> None:
    """What agents have begun to write there; who has a draft of that kind on this case keeps both where they are."""
    here = aliased(ReplyDraft)
    mine = exists().where(
        here.case_id == unit.case.id, here.agent_id == ReplyDraft.agent_id, here.kind == ReplyDraft.kind
    )
    moved = update(ReplyDraft).where(ReplyDraft.case_id == retired.id, ~mine)
    await unit.session.execute(moved.values(case_id=unit.case.id).execution_options(synchronize_session=False))


async def pass_on(unit: CaseUnit, delivery: Delivery) -> None:
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
    await _must_hear(unit, survivor, DeliveryKind(delivery.kind), delivery.subject_id)


async def _why_not(unit: CaseUnit, survivor: Case) -> str | None:
    case = unit.case
    if case.status not in OPEN_STATUSES:
        return said("this case is {status}", status=word(case.status))
    if survivor.status not in OPEN_STATUSES:
        return said("the other case is {status}", status=word(survivor.status))
    if survivor.id == case.id:
        return said("the other case went up in this one")
    return said("somebody works on this case") if await worked_on(unit.session, [case.id]) else None


async def _unite(unit: CaseUnit, one: Case, other: Case) -> None:
    """Two mails at once have shown two older cases to be of this thread: then these are of one thread too."""
    if one.id != other.id:
        older, younger = sorted((one, other), key=lambda case: case.id)
        await _must_hear(unit, younger, DeliveryKind.RETIRE, older.id)


async def _must_hear(unit: CaseUnit, case: Case, kind: DeliveryKind, subject_id: UUID) -> None:
    known = await unit.session.scalar(
        select(Delivery).where(Delivery.case_id == case.id, Delivery.kind == kind, Delivery.subject_id == subject_id)
    )
    if known is None:
        unit.must_hear(case, kind, subject_id)
    else:
        unit.onward.append(ToTell(case.id, case.number, case.origin, known.id, kind))


async def _tell_anew(unit: CaseUnit, retired: Case, moved: list[UUID]) -> None:
    """The retired case's notes, and its entries about these messages and activities, at their own instants. A mail that had
    opened the retired case from this one shows here already."""
    here = select(TimelineEntry.key).where(TimelineEntry.case_id == unit.case.id, TimelineEntry.kind == "mail")
    shown = set(await unit.session.scalars(here))
    entries = await unit.session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.case_id == retired.id,
            or_(TimelineEntry.subject_id.in_(moved), TimelineEntry.kind == NOTE),
        )
        .order_by(TimelineEntry.id)
    )
    for entry in entries:
        # A mail's key is the mail's on every case; others name the case's own affairs.
        key = entry.key if entry.key == f"mail/{entry.subject_id}" else f"adopted/{entry.id}"
        if key not in shown:
            unit.tell_again(key, entry, {"adopted_from": retired.number, **entry.data})
