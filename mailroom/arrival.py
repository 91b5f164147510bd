"""One mail as it was fetched: its bytes in the file store, read as far as it can be read."""

from __future__ import annotations

from dataclasses import dataclass

from mail.isolated import parse_safely, suspicious
from mail.keys import message_id_hash, missing_id_hash
from mail.message import (
    Address,
    AutomaticReason,
    MailAttachment,
    ParsedMail,
    UnanswerableReason,
    UnreadableMail,
    UnreadableReason,
)
from mail.parse import content_hash, parse
from models.messages.mail_facts import MailFacts
from models.messages.mailflow import HoldReason
from storage.files import FileStore

SMALL = 64 * 1024
"""Bytes up to which a mail is parsed in place: about a millisecond, less than a thread costs."""
LARGEST_MAIL = 50 * 1024 * 1024
"""Bytes; a larger one is held unread."""

HOLD_FOR = {
    UnreadableReason.UNPARSEABLE: HoldReason.UNPARSEABLE,
    UnreadableReason.TOO_LARGE: HoldReason.TOO_LARGE,
    UnreadableReason.TOO_DEEP: HoldReason.TOO_DEEP,
    UnreadableReason.TOO_MANY_PARTS: HoldReason.TOO_MANY_PARTS,
}


@dataclass(frozen=True)
class HeldUnread:
    """Why a mail is held without being read."""

    reason: HoldReason
    explanation: str


@dataclass(frozen=True)
class Incoming:
    """A mail that could be read, with the keys that it is known by.

    What follows the first two fields is found out by `mailroom.authors` from what the mailbox declares.
    """

    parsed: ParsedMail
    content_hash: str
    writer: Address | None = None
    """Who wrote it, where a group or a form stands in From."""
    via: str | None = None
    """The group or form that passed it on."""
    reasons: tuple[AutomaticReason, ...] = ()
    """Why no person wrote it: all that hold."""
    unanswerable: UnanswerableReason | None = None
    """Why nothing automatic may answer it, the first reason."""
    came_back: bool = False
    """We sent it ourselves."""

    @property
    def message_id_hash(self) -> str:
        named = self.parsed.message_id
        return message_id_hash(named) if named else missing_id_hash(self.content_hash)

    @property
    def named_ids(self) -> tuple[str, ...]:
        """In-Reply-To first, then References, newest first."""
        parent = (self.parsed.in_reply_to,) if self.parsed.in_reply_to else ()
        return tuple(dict.fromkeys([*parent, *reversed(self.parsed.references)]))

    @property
    def named_hashes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(message_id_hash(named) for named in self.named_ids))

    @property
    def author(self) -> Address | None:
        return self.writer or self.parsed.from_

    @property
    def sender(self) -> str | None:
        return self.author.address if self.author else None

    @property
    def sender_name(self) -> str:
        return self.author.name if self.author else ""

    @property
    def automatic(self) -> AutomaticReason | None:
        """Why no person wrote it, the first reason; None: a person did."""
        return next(iter(self.reasons), None)

    @property
    def attachments(self) -> tuple[MailAttachment, ...]:
        return self.parsed.attachments

    @property
    def recipients(self) -> tuple[str, ...]:
        """Who the mail names: To first, then Cc, then where it was delivered to."""
        return (*(each.address for each in (*self.parsed.to, *self.parsed.cc)), *self.parsed.delivered_to)

    def facts(self, *, known_sender: bool) -> MailFacts:
        return MailFacts(
            sender=self.sender,
            automatic=self.automatic,
            has_subject=bool(self.parsed.subject.strip()),
            has_text=bool(self.parsed.text.strip()),
            has_attachments=bool(self.parsed.attachments),
            known_sender=known_sender,
        )


@dataclass(frozen=True)
class Arrived:
    """A message of the server by its UID. `raw_sha256` is "" where it could not be fetched; `raw_size` in bytes."""

    uid: int
    raw_sha256: str
    raw_size: int
    mail: Incoming | None = None
    refusal: HeldUnread | None = None

    @property
    def delivered(self) -> bool:
        """False: the server lists it, and does not give it."""
        return self.refusal is None or self.refusal.reason is not HoldReason.NOT_DELIVERED


async def read_mail(uid: int, raw: bytes, files: FileStore, own_addresses: frozenset[str], largest: int) -> Arrived:
    """Keep the bytes, read them, keep the files within. What cannot be read comes with its refusal."""
    sha256 = await files.put(raw)
    if len(raw) > largest:
        return Arrived(
            uid, sha256, len(raw), refusal=HeldUnread(HoldReason.TOO_LARGE, f"{len(raw)} bytes, at most {largest}")
        )
    try:
        if len(raw) <= SMALL and not suspicious(raw):
            parsed = parse(raw, own_addresses)
        else:
            parsed = await parse_safely(raw, own_addresses)
    except UnreadableMail as error:
        return Arrived(uid, sha256, len(raw), refusal=HeldUnread(HOLD_FOR[error.reason], str(error)))
    for attachment in parsed.attachments:
        await files.put(attachment.content)
    mail = Incoming(parsed, content_hash(parsed), reasons=parsed.automatic_reasons)
    return Arrived(uid, sha256, len(raw), mail=mail)
