"""How mailboxes do, for their operators (email promise 14): six statements, however many mailboxes there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.reference.kinds import MAILBOXES
from models.messages.mailbox_status import HeldFigures, MailboxFigures, MailboxStatus, MailboxTrouble, SendQueue
from models.messages.mailflow import MailVerdict, OutboxState
from models.records.mails import InboundMail, Outbox, Suppression
from models.records.reference import Mailbox
from policies.mailboxes import ADVICE, mailbox_state
from storage.repositories.mails import LOGIN_REFUSED, UNREADABLE, UNTIDIED
from storage.repositories.outbox import REFUSED, UNSENDABLE

LATELY = timedelta(hours=24)
ENDED_BADLY = (OutboxState.FAILED, OutboxState.BOUNCED, OutboxState.SUPPRESSED)
TROUBLES = {
    LOGIN_REFUSED: MailboxTrouble.LOGIN,
    UNREADABLE: MailboxTrouble.READING,
    UNTIDIED: MailboxTrouble.TIDYING,
    REFUSED: MailboxTrouble.REFUSED,  # before the other, which it begins with
    UNSENDABLE: MailboxTrouble.SENDING,
}


async def mailbox_status(session: AsyncSession, key: str, now: datetime, *, storing: bool = True) -> MailboxStatus:
    """Of one mailbox, by slug or id; `storing`: whether the house takes writes just now. `NotFound`."""
    row: Mailbox = await MAILBOXES.row(session, key)
    return (await _statuses(session, [row], now, storing))[0]


async def mailbox_statuses(
    session: AsyncSession, now: datetime, *, storing: bool = True, sent: bool = True
) -> list[MailboxStatus]:
    """Of all mailboxes, by slug; inactive ones too. Without `sent`, letters that have left are not counted: there are as many of
    them as there were in all the years."""
    rows = list(await session.scalars(select(Mailbox).order_by(Mailbox.slug)))
    return await _statuses(session, rows, now, storing, sent=sent)


async def _statuses(
    session: AsyncSession, rows: Sequence[Mailbox], now: datetime, storing: bool, *, sent: bool = True
) -> list[MailboxStatus]:
    ids = [row.id for row in rows]
    held = await _held(session, ids)
    taken_in = await _taken_in(session, now - LATELY)
    outbox = await _outbox(session, ids, sent=sent)
    queues = await _send_queues(session, ids, now)
    suppressed = await session.scalar(select(func.count()).select_from(Suppression)) or 0
    found = []
    for row in rows:
        figures = MailboxFigures(
            mailbox=row.slug,
            address=row.address,
            active=row.active,
            last_success=row.last_success,
            last_error=row.last_error,
            trouble=_trouble(row.last_error),
            notice=row.notice,
            uidvalidity=row.uidvalidity,
            last_uid=row.last_uid,
            backlog=row.backlog,
            oldest_unfetched=row.oldest_unfetched,
            quarantined=sum(each.count for each in held[row.id]),
            quarantine=tuple(held[row.id]),
            taken_in_24h=taken_in[row.id],
            outbox=outbox[row.id],
            send_queue=queues.get(row.id, SendQueue()),
            suppressed_addresses=suppressed,
        )
        state = mailbox_state(figures, now, storing=storing)
        found.append(MailboxStatus(**dict(figures), state=state, advice=ADVICE[state]))
    return found


def _trouble(last_error: str | None) -> MailboxTrouble | None:
    return next((kind for begins, kind in TROUBLES.items() if (last_error or "").startswith(begins)), None)


async def _held(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, list[HeldFigures]]:
    found: dict[UUID, list[HeldFigures]] = defaultdict(list)
    rows = await session.execute(
        select(InboundMail.mailbox_id, InboundMail.reason, func.count(), func.min(InboundMail.received_on))
        .where(InboundMail.mailbox_id.in_(ids), InboundMail.verdict == MailVerdict.HELD)
        .group_by(InboundMail.mailbox_id, InboundMail.reason)
        .order_by(InboundMail.reason)
    )
    for mailbox, reason, count, oldest in rows:
        found[mailbox].append(HeldFigures(reason=reason or "unknown", count=count, oldest=oldest))
    return found


async def _taken_in(session: AsyncSession, since: datetime) -> dict[UUID, dict[MailVerdict, int]]:
    found: dict[UUID, dict[MailVerdict, int]] = defaultdict(dict)
    rows = await session.execute(
        select(InboundMail.mailbox_id, InboundMail.verdict, func.count())
        # The ids are in order of time: without this bound the whole mail log would be read.
        .where(InboundMail.id >= first_id(since), InboundMail.received_on >= since)
        .group_by(InboundMail.mailbox_id, InboundMail.verdict)
    )
    for mailbox, verdict, count in rows:
        found[mailbox][MailVerdict(verdict)] = count
    return found


def first_id(instant: datetime) -> UUID:
    """Below every id that `new_id` makes from that instant on (RFC 9562 5.7: 48 bits of milliseconds first)."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)


async def _outbox(session: AsyncSession, ids: Iterable[UUID], *, sent: bool) -> dict[UUID, dict[OutboxState, int]]:
    found: dict[UUID, dict[OutboxState, int]] = defaultdict(dict)
    states = [state.value for state in OutboxState if sent or state is not OutboxState.SENT]
    rows = await session.execute(
        select(Outbox.mailbox_id, Outbox.state, func.count())
        .where(Outbox.mailbox_id.in_(ids), Outbox.state.in_(states))
        .group_by(Outbox.mailbox_id, Outbox.state)
    )
    for mailbox, state, count in rows:
        found[mailbox][OutboxState(state)] = count
    return found


async def _send_queues(session: AsyncSession, ids: Iterable[UUID], now: datetime) -> dict[UUID, SendQueue]:
    queued = Outbox.state == OutboxState.QUEUED
    due = and_(queued, or_(Outbox.not_before.is_(None), Outbox.not_before <= now))
    retrying = and_(queued, Outbox.attempts > 0)
    # A bounce comes after the letter has left; the two others are known by when it was written.
    lately = func.coalesce(Outbox.bounced_on, Outbox.recorded_at) >= now - LATELY
    figures: dict[str, ColumnElement[Any]] = {
        "queued": func.count().filter(queued),
        "due": func.count().filter(due),
        "sending": func.count().filter(Outbox.state == OutboxState.SENDING),
        "oldest_queued": func.min(Outbox.recorded_at).filter(queued),
        "due_since": func.min(func.coalesce(Outbox.not_before, Outbox.recorded_at)).filter(due),
        "retrying": func.count().filter(retrying),
        "next_attempt": func.min(Outbox.not_before).filter(retrying),
        **{f"{state}_24h": func.count().filter(Outbox.state == state, lately) for state in ENDED_BADLY},
    }
    rows = await session.execute(
        select(Outbox.mailbox_id, *figures.values())
        .where(Outbox.mailbox_id.in_(ids), Outbox.state.in_((OutboxState.QUEUED, OutboxState.SENDING, *ENDED_BADLY)))
        .group_by(Outbox.mailbox_id)
    )
    return {row[0]: SendQueue(**dict(zip(figures, row[1:], strict=True))) for row in rows}
