"""Mails that are on no case, held or filed, and what an operator does with one: read it, run it again, release it, file it
on a case, or file it without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.attachments import content_of
from desk.errors import Conflict, FileLost, Invalid, NotFound
from desk.identity import Identity
from desk.reference.kinds import MAILBOXES
from mailroom.placing import Also
from mailroom.quarantine import DecidedMeanwhile, NoSuchCase, NotFetched, NotHeld, OnACase, Quarantine, Stand
from mailroom.quarantine import dismiss as dismiss_held
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason, MailVerdict
from models.messages.said import said
from models.records.cases import Case
from models.records.mails import Attachment, EmailMessage, InboundMail
from models.records.reference import Mailbox
from storage.engines import Database
from storage.files import FileDamaged, FileStore
from storage.repositories.threads import last_survivor

KIND = "held-mail"
"""Of its audit rows."""
Seen = Stand
"""What had become of a mail when somebody looked at it."""
DECIDED = "decided-meanwhile"
"""Type of the conflict with what somebody else has decided since one has looked."""


async def waiting(
    session: AsyncSession,
    mailbox: str | None,
    after: UUID | None,
    limit: int,
    reason: HoldReason | FileReason | None = None,
    verdict: MailVerdict = MailVerdict.HELD,
) -> tuple[list[dict[str, Any]], UUID | None]:
    """A page of what a mailbox holds, or has filed without a case, or of all mailboxes, the oldest first; and the next
    one's cursor if there is more."""
    wanted = (
        select(InboundMail, Mailbox.slug, EmailMessage.sender, EmailMessage.subject)
        .join(Mailbox, Mailbox.id == InboundMail.mailbox_id)
        .outerjoin(EmailMessage, EmailMessage.id == InboundMail.message_id)
        .where(InboundMail.verdict == verdict, InboundMail.case_id.is_(None))
        .order_by(InboundMail.id)
        .limit(limit + 1)
    )
    if mailbox is not None:
        wanted = wanted.where(InboundMail.mailbox_id == (await MAILBOXES.row(session, mailbox)).id)
    if reason is not None:
        wanted = wanted.where(InboundMail.reason == reason)
    if after is not None:
        wanted = wanted.where(InboundMail.id > after)
    found = [_shown(mail, slug, sender, subject) for mail, slug, sender, subject in await session.execute(wanted)]
    return found[:limit], found[limit - 1]["id"] if len(found) > limit else None


def _shown(mail: InboundMail, mailbox: str, sender: str | None, subject: str | None) -> dict[str, Any]:
    return {
        "id": mail.id,
        "mailbox": mailbox,
        "received_on": mail.received_on,
        "uid": mail.uid,
        "reason": mail.reason,
        "explanation": mail.explanation,
        "sender": sender or None,
        "subject": subject,
        "raw_size": mail.raw_size,
    }


async def mailbox_of(session: AsyncSession, id: UUID) -> str:
    """The slug of the mailbox that a mail came in by. `NotFound`."""
    slug = await session.scalar(
        select(Mailbox.slug).join(InboundMail, InboundMail.mailbox_id == Mailbox.id).where(InboundMail.id == id)
    )
    if slug is None:
        raise NotFound("mail", id)
    return slug


async def entry(session: AsyncSession, mailbox: str, id: UUID) -> InboundMail:
    """A mail of this mailbox's log. `NotFound`."""
    row = await MAILBOXES.row(session, mailbox)
    found = await session.get(InboundMail, id)
    if found is None or found.mailbox_id != row.id:
        raise NotFound("mail", id)
    return found


async def read(session: AsyncSession, mailbox: str, id: UUID) -> dict[str, Any]:
    """One mail as it was understood, whatever became of it. `NotFound`."""
    mail = await entry(session, mailbox, id)
    message = await session.get(EmailMessage, mail.message_id) if mail.message_id else None
    number = await _number(session, mail)
    shown = _shown(mail, mailbox, message.sender if message else None, message.subject if message else None)
    shown |= {"verdict": mail.verdict, "rule": mail.rule, "item": mail.item, "case": number}
    shown |= {"uidvalidity": mail.uidvalidity, "recipients": {}, "attachments": [], "defects": []}
    if message is None:
        return shown | dict.fromkeys(("message_id", "sender_name", "date", "automatic", "text"))
    files = await session.scalars(
        select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.position)
    )
    names = ("message_id", "sender_name", "date", "automatic", "text", "recipients", "defects")
    told = {name: getattr(message, name) for name in names}
    listed = [{"filename": file.filename, "content_type": file.content_type, "size": file.size} for file in files]
    return shown | told | {"message_id": message.message_id or None, "attachments": listed}


async def raw(database: Database, files: FileStore, mailbox: str, id: UUID) -> bytes:
    """The bytes as the mail server gave them. `NotFound`; `Conflict` of a mail whose bytes are not here."""
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
    seen: Seen | None = None,
) -> dict[str, Any]:
    """Decide again, by the rules of today, or with `release` past them; what became of the mail. `seen`: what had become of it
    when whoever decides looked at it; `Conflict` if somebody has decided otherwise meanwhile."""
    action = "release" if release else "rerun"
    return await _decided(
        database,
        identity,
        mailbox,
        id,
        now,
        action,
        lambda also: quarantine.rerun(id, now, release=release, still=seen, also=also),
    )


async def attach(
    database: Database, quarantine: Quarantine, identity: Identity, mailbox: str, id: UUID, number: str, now: datetime
) -> dict[str, Any]:
    """File it on the case of this number, or the one that this went up in. On that very case already, nothing changes.
    `Invalid` if there is none."""
    number = number.strip().upper()
    async with database.read() as session:
        await entry(session, mailbox, id)
        named = await session.scalar(select(Case).where(Case.number == number))
        if named is None:
            raise _no_case(number)
        onto = (await last_survivor(session, named)).number
        if (there := await _on(session, id, onto)) is not None:
            return there
    try:
        return await _decided(
            database, identity, mailbox, id, now, "attach", lambda also: quarantine.rerun(id, now, onto=onto, also=also)
        )
    except Conflict:
        # Perhaps two at once put it on the same case: both have what they asked for.
        async with database.read() as session:
            if (there := await _on(session, id, onto)) is not None:
                return there
        raise


async def _on(session: AsyncSession, id: UUID, onto: str) -> dict[str, Any] | None:
    """The mail as it stands on that very case; None if it does not."""
    mail = await session.get_one(InboundMail, id)
    if await _number(session, mail) != onto:
        return None
    told = {"verdict": mail.verdict, "reason": mail.reason, "explanation": mail.explanation}
    return {"id": id, **told, "case": onto}


async def dismiss(
    database: Database,
    identity: Identity,
    mailbox: str,
    id: UUID,
    now: datetime,
    because: str = "",
    seen: Seen | None = None,
) -> dict[str, Any]:
    """File it without a case: spam, blank, what nobody needs to see. Its row in the log and its bytes stay, and it can be
    released as before. `because`: why, for whoever looks at it later; `seen`: as of `rerun`."""
    words = " ".join(because.split())
    return await _decided(
        database,
        identity,
        mailbox,
        id,
        now,
        "dismiss",
        lambda also: dismiss_held(database, id, also, because=words, still=seen),
        because=words or None,
    )


async def _decided(
    database: Database,
    identity: Identity,
    mailbox: str,
    id: UUID,
    now: datetime,
    action: str,
    do: Callable[[Also], Awaitable[object]],
    **given: str | None,
) -> dict[str, Any]:
    async with database.read() as session:
        mail = await entry(session, mailbox, id)
    decided: dict[str, Any] = {}

    async def note(session: AsyncSession, after: InboundMail) -> None:
        number = await session.scalar(select(Case.number).where(Case.id == after.case_id))
        decided.update(verdict=after.verdict, reason=after.reason, explanation=after.explanation, case=number)
        old = {"verdict": mail.verdict, "reason": mail.reason}
        new = {"verdict": after.verdict, "reason": after.reason, "case": number, **given}
        audit.record(session, now, identity.slug, KIND, str(id), action, audit.difference(old, new))

    try:
        await do(note)
    except OnACase as error:
        raise _on_a_case(id, error.number) from None
    except DecidedMeanwhile:
        raise Conflict(DECIDED, said("somebody has decided about this mail meanwhile")) from None
    except NotHeld:
        raise NotFound("mail", id) from None
    except NotFetched as error:
        raise Conflict("not-fetched", str(error)) from None
    except NoSuchCase as error:
        raise _no_case(str(error)) from None
    except FileNotFoundError:
        raise FileLost(mail.raw_sha256, altered=False) from None
    except FileDamaged as error:
        raise FileLost(error.sha256, altered=True) from None
    return {"id": id, **decided}


async def _number(session: AsyncSession, mail: InboundMail) -> str | None:
    """Of the case that the mail is on, after all merges."""
    message = await session.get(EmailMessage, mail.message_id) if mail.message_id else None
    case_id = (message.case_id if message else None) or mail.case_id
    return None if case_id is None else (await last_survivor(session, await session.get_one(Case, case_id))).number


def _no_case(number: str) -> Invalid:
    return Invalid("case", said("there is no case {number!r}", number=number), path=("case",))


def _on_a_case(id: UUID, number: str) -> Conflict:
    return Conflict(
        "on-a-case",
        said("the mail {id!r} is on the case {number} already, and is not moved from there", id=str(id), number=number),
    )


def _not_kept(mail: InboundMail) -> Conflict:
    if mail.reason == HoldReason.TOO_LARGE:
        size = mail.raw_size
        why = said(
            "its {size} bytes were too many to fetch, so it lies on the mail server alone, with the UID {uid}",
            size=size,
            uid=mail.uid,
        )
    else:
        why = said(
            "the mail server did not deliver it (UID {uid}): {explanation}", uid=mail.uid, explanation=mail.explanation
        )
    return Conflict("not-fetched", why)
