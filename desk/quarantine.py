"""The mails that a mailbox holds, and what an operator does with one: run again, release, dismiss, read the raw bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.attachments import content_of
from desk.errors import Conflict, FileLost, NotFound
from desk.identity import Identity
from desk.reference.kinds import MAILBOXES
from mailroom.placing import Also
from mailroom.quarantine import NotHeld, Quarantine
from mailroom.quarantine import dismiss as dismiss_held
from models.messages.mailflow import HoldReason, MailVerdict
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import Mailbox
from storage.engines import Database
from storage.files import FileDamaged, FileStore

KIND = "held-mail"
"""Of its audit rows."""


async def held(
    session: AsyncSession, mailbox: str | None, after: UUID | None, limit: int, reason: HoldReason | None = None
) -> tuple[list[dict[str, Any]], UUID | None]:
    """A page of a mailbox's quarantine, or of all of them, the oldest first; and the next one's cursor if there is more."""
    wanted = (
        select(InboundMail, Mailbox.slug, EmailMessage.sender, EmailMessage.subject)
        .join(Mailbox, Mailbox.id == InboundMail.mailbox_id)
        .outerjoin(EmailMessage, EmailMessage.id == InboundMail.message_id)
        .where(InboundMail.verdict == MailVerdict.HELD)
        .order_by(InboundMail.id)
        .limit(limit + 1)
    )
    if mailbox is not None:
        wanted = wanted.where(InboundMail.mailbox_id == (await MAILBOXES.row(session, mailbox)).id)
    if reason is not None:
        wanted = wanted.where(InboundMail.reason == reason)
    if after is not None:
        wanted = wanted.where(InboundMail.id > after)
    found: list[dict[str, Any]] = [
        {
            "id": mail.id,
            "mailbox": slug,
            "received_on": mail.received_on,
            "reason": mail.reason,
            "explanation": mail.explanation,
            "sender": sender or None,
            "subject": subject,
            "raw_size": mail.raw_size,
        }
        for mail, slug, sender, subject in await session.execute(wanted)
    ]
    return found[:limit], found[limit - 1]["id"] if len(found) > limit else None


async def mailbox_of(session: AsyncSession, id: UUID) -> str:
    """The slug of the mailbox that a mail came in by, held or not. `NotFound`."""
    slug = await session.scalar(
        select(Mailbox.slug).join(InboundMail, InboundMail.mailbox_id == Mailbox.id).where(InboundMail.id == id)
    )
    if slug is None:
        raise NotFound("mail", id)
    return slug


async def entry(session: AsyncSession, mailbox: str, id: UUID) -> InboundMail:
    """A held mail of this mailbox. `NotFound`, or `Conflict` if it is not held (any more)."""
    row = await MAILBOXES.row(session, mailbox)
    found = await session.get(InboundMail, id)
    if found is None or found.mailbox_id != row.id:
        raise NotFound("mail", id)
    if found.verdict != MailVerdict.HELD:
        raise _not_held(id)
    return found


async def raw(database: Database, files: FileStore, mailbox: str, id: UUID) -> bytes:
    """The bytes as the mail server gave them. `Conflict` of a mail that was left there."""
    async with database.read() as session:
        mail = await entry(session, mailbox, id)
    if not mail.raw_sha256:
        raise _not_kept(mail)
    return await content_of(files, mail.raw_sha256)


async def rerun(
    database: Database,
    quarantine: Quarantine,
    identity: Identity,
    mailbox: str,
    id: UUID,
    now: datetime,
    *,
    release: bool = False,
) -> dict[str, Any]:
    """Decide again, by the rules of today, or with `release` past their gates; what became of the mail."""
    action = "release" if release else "rerun"
    return await _decided(
        database, identity, mailbox, id, now, action, lambda also: quarantine.rerun(id, now, release=release, also=also)
    )


async def dismiss(database: Database, identity: Identity, mailbox: str, id: UUID, now: datetime) -> dict[str, Any]:
    """File it without a case: spam, blank, what nobody needs to see. Its row in the log and its bytes stay."""
    return await _decided(
        database, identity, mailbox, id, now, "dismiss", lambda also: dismiss_held(database, id, also)
    )


async def _decided(
    database: Database,
    identity: Identity,
    mailbox: str,
    id: UUID,
    now: datetime,
    action: str,
    do: Callable[[Also], Awaitable[object]],
) -> dict[str, Any]:
    async with database.read() as session:
        mail = await entry(session, mailbox, id)
    decided: dict[str, Any] = {}

    async def note(session: AsyncSession, after: InboundMail) -> None:
        number = await session.scalar(select(Case.number).where(Case.id == after.case_id))
        decided.update(verdict=after.verdict, reason=after.reason, explanation=after.explanation, case=number)
        old = {"verdict": mail.verdict, "reason": mail.reason}
        new = {"verdict": after.verdict, "reason": after.reason, "case": number}
        audit.record(session, now, identity.slug, KIND, str(id), action, audit.difference(old, new))

    try:
        await do(note)
    except NotHeld:
        raise _not_held(id) from None
    except FileNotFoundError:
        raise FileLost(mail.raw_sha256, altered=False) if mail.raw_sha256 else _not_kept(mail) from None
    except FileDamaged as error:
        raise FileLost(error.sha256, altered=True) from None
    return {"id": id, **decided}


def _not_held(id: UUID) -> Conflict:
    return Conflict("not-held", f"the mail {str(id)!r} is not held, or not any more")


def _not_kept(mail: InboundMail) -> Conflict:
    if mail.reason == HoldReason.NOT_DELIVERED:
        return Conflict("not-fetched", f"the mail server did not deliver it (UID {mail.uid}): {mail.explanation}")
    why = f"its {mail.raw_size} bytes were too many to fetch, so it lies on the mail server alone, with the UID {mail.uid}"
    return Conflict("not-fetched", why)
