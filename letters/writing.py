"""The rows of a letter: the message with the Message-ID that it will always have, and its place in the outbox."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from letters.drafting import Draft
from letters.senders import Sender
from mail.keys import message_id_hash
from mail.tokens import ReplyTokens
from models.messages.addresses import ascii_domain, domain_of
from models.messages.mailflow import OutboxState
from models.records.base import new_id, table_of, values_of
from models.records.cases import Case
from models.records.mails import Attachment, EmailMessage, Outbox
from storage.fulltext.entries import keep, of_mail, people_of

_MESSAGE, _LETTER = insert(table_of(EmailMessage)), insert(table_of(Outbox))


async def write_letter(
    session: AsyncSession,
    tokens: ReplyTokens,
    case: Case | None,
    sender: Sender,
    draft: Draft,
    now: datetime,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """Write the letter in the caller's transaction; `attachments` become those of its message."""
    mailbox, case_id = sender.mailbox, case.id if case is not None else None
    unique = hashlib.sha256(draft.key.encode()).hexdigest()[:20]
    # What comes back of a letter of no case is known for our own by this, and is no case's.
    number = case.number if case is not None else f"NOTICE-0-{unique[:12].upper()}"
    message_id = tokens.message_id(number, unique, ascii_domain(domain_of(mailbox.address)))
    message = EmailMessage(
        id=new_id(),
        direction="out",
        case_id=case_id,
        mailbox_id=mailbox.id,
        message_id=message_id,
        message_id_hash=message_id_hash(message_id),
        content_hash=hashlib.sha256(f"{draft.subject}\0{draft.text}\0{draft.html or ''}".encode()).hexdigest(),
        in_reply_to=draft.in_reply_to,
        references=list(draft.references),
        sender=mailbox.address,
        sender_name=mailbox.display_name,
        recipients={"to": list(draft.to), "cc": list(draft.cc)},
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        date=now,
        automatic=draft.automatic,
        defects=[],
    )
    await session.execute(_MESSAGE, values_of(message))
    if draft.automatic is None:
        people = people_of(message.sender, message.sender_name, message.recipients)
        keep(session, of_mail(message.id, case_id, draft.subject, draft.text, people))
    for position, attachment in enumerate(attachments):
        attachment.message_id, attachment.position = message.id, position
    await session.execute(
        _LETTER,
        {
            "id": new_id(),
            "key": draft.key,
            "mailbox_id": mailbox.id,
            "case_id": case_id,
            "message_id": message.id,
            "envelope_from": mailbox.address,
            "envelope_to": [*draft.to, *draft.cc],
            "state": OutboxState.QUEUED,
            "kind": draft.kind,
            "not_before": draft.not_before,
        },
    )
    return message
