"""The outbox's rows: who may drain it, what is due, and what became of each mail. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CursorResult,
    Executable,
    Integer,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.mailflow import OutboxState
from models.records.base import new_id, table_of
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.reference import Mailbox
from storage.repositories.pacing import domains, within_limit
from storage.repositories.suppressions import suppressed_among

ERROR_LENGTH = 500
UNSENDABLE = "SMTP: "
"""How a mailbox's `last_error` begins while its mail cannot be handed in."""
REFUSED = f"{UNSENDABLE}refuses us: "
"""The same, where the server is there and takes nothing of ours: login, right to send, quota."""
LOOKED_THROUGH = 1_000
"""Mails in which one to another domain is looked for."""
FIRST_ID = UUID(int=0)
"""Before every row's."""


class Look(Enum):
    """What a look at an outbox found, without claiming anything."""

    NOT_OURS = auto()
    """Another sender took a later epoch, or the mailbox is gone."""
    INACTIVE = auto()
    EMPTY = auto()
    DUE = auto()


@dataclass(frozen=True)
class Claimed:
    """A mail that this epoch is sending."""

    id: UUID
    key: str
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


_rows, _mailboxes = table_of(Outbox).c, table_of(Mailbox).c


def _due(
    mailbox_id: UUID | BindParameter[UUID], epoch: int | BindParameter[int], now: datetime | BindParameter[datetime]
) -> ColumnElement[bool]:
    """Queued and not too early; or claimed by a sender of an earlier epoch, which may or may not have sent it."""
    return and_(
        _rows.mailbox_id == mailbox_id,
        _rows.state.in_((OutboxState.QUEUED, OutboxState.SENDING)),
        or_(
            and_(_rows.state == OutboxState.QUEUED, or_(_rows.not_before.is_(None), _rows.not_before <= now)),
            and_(_rows.state == OutboxState.SENDING, _rows.epoch < epoch),
        ),
    )


# Built once: letters leave a few at a time, and a statement that is built anew costs more than the database takes.
_MAILBOX, _EPOCH = bindparam("mailbox", type_=Uuid()), bindparam("ours", type_=Integer())
_DUE = _due(_MAILBOX, _EPOCH, bindparam("now"))
_OURS = and_(_rows.state == OutboxState.SENDING, _rows.epoch == _EPOCH)
_IDS = bindparam("ids", type_=Uuid(), expanding=True)
_LOOK = select(_mailboxes.outbox_epoch, _mailboxes.active, exists(select(_rows.id).where(_DUE))).where(
    _mailboxes.id == _MAILBOX
)
_CLAIM = (
    update(table_of(Outbox))
    # `_DUE` also where the rows are chosen already: PostgreSQL looks again at a row that it had to wait for, but not at
    # an inner select, and its author may just have taken it back.
    .where(_DUE, exists(select(_mailboxes.id).where(_mailboxes.id == _MAILBOX, _mailboxes.outbox_epoch == _EPOCH)))
    .values(state=OutboxState.SENDING, attempts=_rows.attempts + 1, epoch=_EPOCH)
    .returning(
        *(_rows[name] for name in ("id", "key", "case_id", "envelope_from", "envelope_to", "attempts", "message_id"))
    )
)
_CLAIM_THESE = _CLAIM.where(_rows.id.in_(_IDS))
_CLAIM_OLDEST = _CLAIM.where(
    _rows.id.in_(
        select(_rows.id)
        .where(_DUE, _rows.id > bindparam("after", type_=Uuid()))
        .order_by(_rows.id)
        .limit(bindparam("most", type_=Integer()))
    )
)
_MESSAGES = select(EmailMessage, exists(select(Attachment.id).where(Attachment.message_id == EmailMessage.id))).where(
    EmailMessage.id.in_(_IDS)
)
_ATTACHMENTS = select(Attachment).where(Attachment.message_id.in_(_IDS)).order_by(Attachment.position)
_MARK_SENT = (
    update(table_of(Outbox))
    .where(_rows.id.in_(_IDS), _OURS)
    # A report may have been quicker than we, or than the last of its recipients.
    .values(
        state=case((_rows.bounced_on.is_(None), OutboxState.SENT), else_=OutboxState.BOUNCED),
        sent_on=bindparam("now"),
        not_before=None,
    )
)
_RELEASE = (
    update(table_of(Outbox))
    .where(_rows.id.in_(_IDS), _OURS)
    .values(state=OutboxState.QUEUED, attempts=case((_rows.attempts > 0, _rows.attempts - 1), else_=0))
)


async def look(session: AsyncSession, mailbox_id: UUID, epoch: int, now: datetime) -> Look:
    found = (await session.execute(_LOOK, {"mailbox": mailbox_id, "ours": epoch, "now": now})).one_or_none()
    if found is None or found[0] != epoch:
        return Look.NOT_OURS
    if not found[1]:
        return Look.INACTIVE
    return Look.DUE if found[2] else Look.EMPTY


async def claim(
    session: AsyncSession,
    mailbox_id: UUID,
    epoch: int,
    now: datetime,
    limit: int,
    *,
    per_domain: int | None = None,
    after: UUID = FIRST_ID,
    only: UUID | None = None,
) -> list[Claimed]:
    """Up to `limit` due mails, oldest first, now `sending` under this epoch; none if a later epoch was taken.

    `per_domain`: how many may leave to one recipient domain within a minute. `after`: only rows behind this one.
    `only`: this one, wherever it stands.
    """
    asked = {"mailbox": mailbox_id, "ours": epoch, "now": now}
    if per_domain is None and only is None:
        found = await session.execute(_CLAIM_OLDEST, {**asked, "most": limit, "after": after})
    elif per_domain is None:
        found = await session.execute(_CLAIM_THESE, {**asked, "ids": [only]})
    else:
        due = and_(_due(mailbox_id, epoch, now), _rows.id > after if only is None else _rows.id == only)
        chosen = await within_limit(session, due, mailbox_id, now, limit, per_domain)
        found = await session.execute(_CLAIM_THESE, {**asked, "ids": chosen})
    claimed = found.all()
    if not claimed:
        return []
    messages: dict[UUID, EmailMessage] = {}
    attachments: dict[UUID, list[Attachment]] = {}
    for message, with_files in await session.execute(_MESSAGES, {"ids": [row.message_id for row in claimed]}):
        messages[message.id] = message
        if with_files:
            attachments[message.id] = []
    if attachments:
        for attachment in await session.scalars(_ATTACHMENTS, {"ids": list(attachments)}):
            if attachment.message_id is not None:
                attachments[attachment.message_id].append(attachment)
    suppressed = await suppressed_among(session, {address for row in claimed for address in row.envelope_to})
    return [
        Claimed(
            id=row.id,
            key=row.key,
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


async def due_elsewhere(
    session: AsyncSession, mailbox_id: UUID, epoch: int, now: datetime, refused: Collection[str]
) -> UUID | None:
    """The oldest of the due mails that goes to none of these domains, among as many as are looked at."""
    waiting = select(_rows.id, _rows.envelope_to).where(_due(mailbox_id, epoch, now)).order_by(_rows.id)
    found = await session.execute(waiting.limit(LOOKED_THROUGH))
    return next((id for id, addresses in found if not domains(addresses) & set(refused)), None)


def _ours(epoch: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Outbox.state == OutboxState.SENDING, Outbox.epoch == epoch


async def mark_sent(session: AsyncSession, ids: Iterable[UUID], epoch: int, now: datetime) -> None:
    wanted = list(ids)
    if wanted:
        await session.execute(_MARK_SENT, {"ids": wanted, "ours": epoch, "now": now})


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


async def mark_waiting(session: AsyncSession, id: UUID, epoch: int, recipients: list[str], error: str) -> bool:
    """Due again for those recipients as if it had not been claimed: it was we who were refused, and not the letter."""
    return await _changed(
        session,
        update(Outbox)
        .where(Outbox.id == id, *_ours(epoch))
        .values(
            state=OutboxState.QUEUED,
            attempts=case((Outbox.attempts > 0, Outbox.attempts - 1), else_=0),
            envelope_to=recipients,
            last_error=error[:ERROR_LENGTH],
        ),
    )


async def put_off(session: AsyncSession, id: UUID, not_before: datetime) -> None:
    """A letter that waits is due later, and has had an attempt. It may have been taken back or claimed meanwhile."""
    waits = Outbox.state == OutboxState.QUEUED
    later = {"not_before": not_before, "attempts": Outbox.attempts + 1}
    await session.execute(update(Outbox).where(Outbox.id == id, waits).values(later))


async def sent_since(session: AsyncSession, mailbox_id: UUID, since: datetime) -> bool:
    """Whether a letter of this mailbox was accepted since then."""
    left = select(Outbox.id).where(Outbox.mailbox_id == mailbox_id, Outbox.sent_on >= since)
    return await session.scalar(left.limit(1)) is not None


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
    """Take the letter back, unless a sender has ever claimed it: then its author is too late."""
    return await _changed(
        session,
        update(Outbox)
        .where(Outbox.id == id, Outbox.state == OutboxState.QUEUED, Outbox.attempts == 0)
        .values(state=OutboxState.UNDONE, not_before=None),
    )


async def release(session: AsyncSession, ids: Iterable[UUID], epoch: int) -> None:
    """Claimed, but the server was not asked: as if it had never been claimed."""
    await session.execute(_RELEASE, {"ids": list(ids), "ours": epoch})


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


async def note_trouble(session: AsyncSession, mailbox_id: UUID, error: str, *, refused: bool = False) -> None:
    """`refused`: the server is there, and refuses us."""
    told = f"{REFUSED if refused else UNSENDABLE}{error}"[:ERROR_LENGTH]
    await session.execute(update(Mailbox).where(Mailbox.id == mailbox_id).values(last_error=told))


async def version(session: AsyncSession, mailbox_id: UUID) -> int | None:
    """Of the mailbox's settings; None if it is gone."""
    return await session.scalar(select(Mailbox.version).where(Mailbox.id == mailbox_id))


async def forget_trouble(session: AsyncSession, mailbox_id: UUID) -> None:
    """It could be sent again. A trouble with reading stays as it is: only the reader can take it back."""
    await session.execute(
        update(Mailbox)
        .where(Mailbox.id == mailbox_id, Mailbox.last_error.startswith(UNSENDABLE))
        .values(last_error=None)
    )


async def _changed(session: AsyncSession, statement: Executable) -> bool:
    result = await session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
