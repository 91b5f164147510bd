"""A stored letter as the bytes that leave: composed at every attempt from the same rows, with the same Message-ID."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

from mail.compose import MESSAGE_ID, OutgoingMail, compose
from mail.message import Address, MailAttachment
from mail.tokens import LONGEST_LOCAL_PART, TOKEN
from models.records.mails import Attachment, EmailMessage
from models.records.reference import Mailbox
from storage.files import FileStore

LARGE = 1024 * 1024
"""Bytes of attachments from which on composing leaves the event loop."""

LONGEST_ID = 900
"""Characters of an id of somebody else's that a header of ours repeats: with more, its line is longer than SMTP lets pass
(RFC 5321 4.5.3.1.6)."""

Automatic = Literal["auto-replied", "auto-generated"]


async def compose_outgoing(
    message: EmailMessage,
    attachments: Sequence[Attachment],
    mailbox: Mailbox,
    files: FileStore,
    sign: Callable[[str], str] = str,
) -> bytes:
    """`sign` makes the bare addresses of customers' pages open them. Raises HeaderRefused (a ValueError) or
    FileNotFoundError: that letter can never leave."""
    automatic = _automatic(message.automatic)
    mail = OutgoingMail(
        from_=Address(name=message.sender_name or "", address=message.sender),
        to=tuple(Address(address=address) for address in message.recipients.get("to", ())),
        cc=tuple(Address(address=address) for address in message.recipients.get("cc", ())),
        reply_to=_reply_to(message),
        subject=message.subject,
        text=sign(message.text),
        html=None if message.html is None else sign(message.html),
        message_id=message.message_id,
        in_reply_to=message.in_reply_to if _usable(message.in_reply_to) else None,
        references=tuple(each for each in message.references if _usable(each)),
        date=message.date or message.recorded_at,
        auto_submitted=automatic,
        loop=_token(message) if automatic else None,
        attachments=tuple([await _attachment(row, files) for row in attachments]),
    )
    large = sum(row.size for row in attachments) > LARGE
    return await asyncio.to_thread(compose, mail) if large else compose(mail)


def _reply_to(message: EmailMessage) -> Address | None:
    """The plus-address with the token that our Message-ID carries (RFC 5233), where it fits into a local part."""
    token = _token(message)
    local, _, domain = message.sender.rpartition("@")
    if token is None or len(f"{local}+{token}".encode()) > LONGEST_LOCAL_PART:
        return None
    return Address(name=message.sender_name or "", address=f"{local}+{token}@{domain}")


def _token(message: EmailMessage) -> str | None:
    match = TOKEN.match(message.message_id)
    return match[0] if match else None


def _usable(message_id: str | None) -> bool:
    """A customer's program may have written an id that no header of ours may hold."""
    if message_id is None or len(message_id) > LONGEST_ID:
        return False
    return message_id.isascii() and MESSAGE_ID.fullmatch(message_id) is not None


def _automatic(value: str | None) -> Automatic | None:
    match value:
        case None:
            return None
        case "auto-replied":
            return "auto-replied"
        case _:
            return "auto-generated"


async def _attachment(row: Attachment, files: FileStore) -> MailAttachment:
    return MailAttachment(
        filename=row.filename,
        content_type=row.content_type,
        content_id=row.content_id,
        size=row.size,
        sha256=row.sha256,
        content=await files.get(row.sha256),
        inline=row.inline,
    )
