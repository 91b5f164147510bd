"""Letters on their way out, for operators: what waits, what was refused, and what has bounced; never their text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.mailflow import OutboxState
from models.records.cases import Case
from models.records.mails import REMAINING, EmailMessage, Outbox
from models.records.reference import Mailbox


@dataclass(frozen=True, slots=True)
class Letter:
    """`not_before`: not earlier, by the wall's clock; `detail`: the last that a server said of it."""

    id: UUID
    mailbox: str
    case: str | None
    kind: str
    to: tuple[str, ...]
    subject: str
    state: OutboxState
    attempts: int
    written_on: datetime
    not_before: datetime | None
    detail: str | None


async def letters(
    session: AsyncSession, states: tuple[OutboxState, ...], after: UUID | None, limit: int
) -> tuple[list[Letter], UUID | None]:
    """A page of those in these states, the newest first, and the cursor of the next one if there is more."""
    # Of all years' letters few are in another state, and those have an index, which SQLite takes for no parameter.
    remaining = () if OutboxState.SENT in states else (text(REMAINING),)
    wanted = (
        select(Outbox, Mailbox.slug, Case.number, EmailMessage.subject)
        .join(Mailbox, Mailbox.id == Outbox.mailbox_id)
        .join(EmailMessage, EmailMessage.id == Outbox.message_id)
        .outerjoin(Case, Case.id == Outbox.case_id)
        .where(Outbox.state.in_([state.value for state in states]), *remaining)
        .order_by(Outbox.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        wanted = wanted.where(Outbox.id < after)
    found = [
        Letter(
            id=row.id,
            mailbox=mailbox,
            case=number,
            kind=row.kind,
            to=tuple(row.envelope_to),
            subject=subject,
            state=OutboxState(row.state),
            attempts=row.attempts,
            written_on=row.recorded_at,
            not_before=row.not_before,
            detail=row.last_error,
        )
        for row, mailbox, number, subject in await session.execute(wanted)
    ]
    return found[:limit], found[limit - 1].id if len(found) > limit else None
