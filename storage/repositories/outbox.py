"""The outbox's rows: who may drain it, what is due, and what became of each mail. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Select, and_, case, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.mailflow import OutboxState
from models.records.base import new_id
from models.records.cases import Case, Delivery
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.reference import Mailbox
from storage.repositories.pacing import within_limit
from storage.repositories.suppressions import suppressed_among

ERROR_LENGTH = 500
UNSENDABLE = "SMTP: "
"""How a mailbox's `last_error` begins while its mail cannot be handed in."""


class Look(Enum):
    """What a cheap look at an outbox found."""

    NOT_OURS = auto()
    """Another sender took a later epoch, or the mailbox is gone."""
    INACTIVE = auto()
    EMPTY = auto()
    DUE = auto()


@dataclass(frozen=True)
class Claimed:
    """A mail that this epoch is sending."""

    id: UUID
    case_id: UUID | None
    envelope_from: str
    envelope_to: list[str]
    attempts: int
    message: EmailMessage
    attachments: list[Attachment]
    suppressed: frozenset[str] = frozenset()
    """Those of `envelope_to` that are on the suppression list: nothing goes to them."""


@dataclass(frozen=True)
class NewDelivery:
    id: UUID
    number: str
    origin: str


async def take_epoch(session: AsyncSession, mailbox_id: UUID) -> Mailbox | None:
    """The mailbox with a new outbox epoch: from now on every earlier sender is fenced off."""
    return await session.scalar(
        update(Mailbox).where(Mailbox.id == mailbox_id).values(outbox_epoch=Mailbox.outbox_epoch + 1).returning(Mailbox)
    )


def _due(mailbox_id: UUID, epoch: int, now: datetime) -> ColumnElement[bool]:
    """Queued and not too early; or claimed by a sender of an earlier epoch, which may or may not have sent it."""
    return and_(
        Outbox.mailbox_id == mailbox_id,
        Outbox.state.in_((OutboxState.QUEUED, OutboxState.SENDING)),
        or_(
            and_(Outbox.state == OutboxState.QUEUED, or_(Outbox.not_before.is_(None), Outbox.not_before <= now)),
            and_(Outbox.state == OutboxState.SENDING, Outbox.epoch < epoch),
        ),
    )


async def look(session: AsyncSession, mailbox_id: UUID, epoch: int, now: datetime) -> Look:
    found = (
        await session.execute(
            select(
                Mailbox.outbox_epoch, Mailbox.active, exists(select(Outbox.id).where(_due(mailbox_id, epoch, now)))
            ).where(Mailbox.id == mailbox_id)
        )
    ).one_or_none()
    if found is None or found[0] != epoch:
        return Look.NOT_OURS
    if not found[1]:
        return Look.INACTIVE
    return Look.DUE if found[2] else Look.EMPTY


async def claim(
    session: AsyncSession, mailbox_id: UUID, epoch: int, now: datetime, limit: int, *, per_domain: int | None = None
) -> list[Claimed]:
    """Up to `limit` due mails, oldest first, now `sending` under this epoch; none if a later epoch was taken.

    `per_domain`: how many may leave to one recipient domain within a minute.
    """
    due = _due(mailbox_id, epoch, now)
    ours = exists(select(Mailbox.id).where(Mailbox.id == mailbox_id, Mailbox.outbox_epoch == epoch))
    wanted_now: Select[UUID] | list[UUID] = select(Outbox.id).where(due).order_by(Outbox.id).limit(limit)
    if per_domain is not None:
        wanted_now = await within_limit(session, due, mailbox_id, now, limit, per_domain)
    claimed = list(
        await session.scalars(
            update(Outbox)
            # `due` once more: PostgreSQL looks again at a row that it had to wait for, but not at the inner select, and
            # its author may just have taken it back.
            .where(Outbox.id.in_(wanted_now), due, ours)
            .values(state=OutboxState.SENDING, attempts=Outbox.attempts + 1, epoch=epoch)
            .returning(Outbox)
        )
    )
    wanted = [row.message_id for row in claimed]
    if not wanted:
        return []
    messages = {row.id: row for row in await session.scalars(select(EmailMessage).where(EmailMessage.id.in_(wanted)))}
    attachments: dict[UUID, list[Attachment]] = {}
    for attachment in await session.scalars(
        select(Attachment).where(Attachment.message_id.in_(wanted)).order_by(Attachment.position)
    ):
        if attachment.message_id is not None:
            attachments.setdefault(attachment.message_id, []).append(attachment)
    suppressed = await suppressed_among(session, {address for row in claimed for address in row.envelope_to})
    return [
        Claimed(
            id=row.id,
            case_id=row.case_id,
            envelope_from=row.envelope_from,
            envelope_to=list(row.envelope_to),
            attempts=row.attempts,
            message=messages[row.message_id],
            attachments=attachments.get(row.message_id, []),
            suppressed=suppressed.intersection(row.envelope_to),
        )
        for row in sorted(claimed, key=lambda row: row.id)
    ]


def _ours(epoch: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Outbox.state == OutboxState.SENDING, Outbox.epoch == epoch


async def mark_sent(session: AsyncSession, ids: Iterable[UUID], epoch: int, now: datetime) -> None:
    wanted = list(ids)
    if wanted:
        await session.execute(
            update(Outbox)
            .where(Outbox.id.in_(wanted), *_ours(epoch))
            # A report may have been quicker than we, or than the last of its recipients.
            .values(
                state=case((Outbox.bounced_on.is_(None), OutboxState.SENT), else_=OutboxState.BOUNCED),
                sent_on=now,
                not_before=None,
            )
        )


async def mark_again(
    session: AsyncSession, id: UUID, epoch: int, recipients: list[str], not_before: datetime, error: str
) -> bool:
    """Queued again for those recipients alone; False if the row is another sender's by now."""
    return await _changed(
        session,
        update(Outbox)
        .where(Outbox.id == id, *_ours(epoch))
        .values(
            state=OutboxState.QUEUED, not_before=not_before, envelope_to=recipients, last_error=error[:ERROR_LENGTH]
        ),
    )


async def mark_failed(session: AsyncSession, id: UUID, epoch: int, error: str, *, suppressed: bool = False) -> bool:
    """Final; `suppressed`: it was not even handed in, because nobody may get it.

    Unless a report about it came in: then a sender that died had handed it in, and it bounced. That very report may be
    why nobody may get it any more.
    """
    facts: dict[str, object] = {"state": OutboxState.FAILED, "last_error": error[:ERROR_LENGTH]}
    if suppressed:
        bounced = Outbox.bounced_on.is_not(None)
        facts["state"] = case((bounced, OutboxState.BOUNCED), else_=OutboxState.SUPPRESSED)
        facts["last_error"] = case((bounced, Outbox.last_error), else_=error[:ERROR_LENGTH])
    return await _changed(
        session, update(Outbox).where(Outbox.id == id, *_ours(epoch)).values(not_before=None, **facts)
    )


async def take_back(session: AsyncSession, id: UUID) -> bool:
    """Undone, unless a sender has claimed it (ever): then its author is too late."""
    return await _changed(
        session,
        update(Outbox)
        .where(Outbox.id == id, Outbox.state == OutboxState.QUEUED, Outbox.attempts == 0)
        .values(state=OutboxState.UNDONE, not_before=None),
    )


async def release(session: AsyncSession, ids: Iterable[UUID], epoch: int) -> None:
    """Claimed, but the server was not asked: as if it had never been claimed."""
    await session.execute(
        update(Outbox)
        .where(Outbox.id.in_(list(ids)), *_ours(epoch))
        .values(state=OutboxState.QUEUED, attempts=case((Outbox.attempts > 0, Outbox.attempts - 1), else_=0))
    )


async def add_delivery(session: AsyncSession, case_id: UUID, kind: str, subject_id: UUID) -> NewDelivery | None:
    """What the case must hear of, once; None if it was told before."""
    told = await session.scalar(
        select(Delivery.id).where(Delivery.case_id == case_id, Delivery.kind == kind, Delivery.subject_id == subject_id)
    )
    if told is not None:
        return None
    number, origin = (await session.execute(select(Case.number, Case.origin).where(Case.id == case_id))).one()
    delivery = Delivery(id=new_id(), case_id=case_id, number=number, kind=kind, subject_id=subject_id)
    session.add(delivery)
    return NewDelivery(delivery.id, number, origin)


async def note_trouble(session: AsyncSession, mailbox_id: UUID, error: str) -> None:
    await session.execute(
        update(Mailbox).where(Mailbox.id == mailbox_id).values(last_error=f"{UNSENDABLE}{error}"[:ERROR_LENGTH])
    )


async def forget_trouble(session: AsyncSession, mailbox_id: UUID) -> None:
    """It could be sent again. Trouble with reading is not ours to forget."""
    await session.execute(
        update(Mailbox)
        .where(Mailbox.id == mailbox_id, Mailbox.last_error.startswith(UNSENDABLE))
        .values(last_error=None)
    )


async def _changed(session: AsyncSession, statement: object) -> bool:
    result = await session.execute(statement)  # type: ignore[call-overload]
    return isinstance(result, CursorResult) and result.rowcount == 1
