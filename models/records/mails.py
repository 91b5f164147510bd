"""Stored mail: the log of what arrived, the messages themselves, and what is to leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Long, Record, String


class InboundMail(Keyed, Record):
    """The mail log: one row for each UID, so that no message is taken in twice or forgotten."""

    __tablename__ = "inbound_mail"
    __table_args__ = (
        UniqueConstraint("mailbox_id", "uidvalidity", "uid"),
        Index(
            "ix_inbound_unflagged",
            "mailbox_id",
            "uid",
            sqlite_where=text("flagged = 0"),
            postgresql_where=text("NOT flagged"),
        ),
        Index("ix_inbound_held", "mailbox_id", "verdict"),
        Index(
            "ix_inbound_apart",
            "verdict",
            "id",
            sqlite_where=text("case_id IS NULL"),
            postgresql_where=text("case_id IS NULL"),
        ),
    )
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    uidvalidity: Mapped[int] = mapped_column(Long)
    """The server's numbers. They should have 32 bits (RFC 3501 2.3.1.1), and some servers send 64."""
    uid: Mapped[int] = mapped_column(Long)
    raw_sha256: Mapped[str] = mapped_column(String(64))
    raw_size: Mapped[int] = mapped_column(Long)
    """Bytes; of a mail that was not fetched, what its server says."""
    received_on: Mapped[datetime]
    flagged: Mapped[bool] = mapped_column(default=False)
    verdict: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    """Why the mail is held, or why it was filed without a case."""
    explanation: Mapped[str | None]
    """Which rule matched or failed, in words."""
    rule: Mapped[str | None] = mapped_column(String(63))
    item: Mapped[str | None] = mapped_column(String(200))
    """The item of the rule that matched."""
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("email_message.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))


class EmailMessage(Keyed, Record):
    """A message, in or out. Incoming ones are unique by Message-ID and content hash (email promise 4)."""

    __tablename__ = "email_message"
    __table_args__ = (
        UniqueConstraint("direction", "message_id_hash", "content_hash"),
        Index("ix_email_case", "case_id", "id"),
        Index("ix_email_message_id_hash", "message_id_hash"),
        Index("ix_email_sender", "sender", "recorded_at"),
    )
    direction: Mapped[str] = mapped_column(String(3))
    """in or out."""
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))
    """Set by the case that took it in (incoming), or that wrote it."""
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    message_id: Mapped[str] = mapped_column(String(998))
    message_id_hash: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    in_reply_to: Mapped[str | None] = mapped_column(String(998))
    references: Mapped[list[str]]
    sender: Mapped[str] = mapped_column(String(320))
    sender_name: Mapped[str | None] = mapped_column(String(200))
    recipients: Mapped[dict[str, Any]]
    """`{"to": [...], "cc": [...]}`."""
    subject: Mapped[str] = mapped_column(String(998))
    text: Mapped[str]
    html: Mapped[str | None]
    date: Mapped[datetime | None]
    automatic: Mapped[str | None] = mapped_column(String(60))
    """Why no person wrote it (RFC 3834); of ours: auto-replied or auto-generated."""
    unanswerable: Mapped[str | None] = mapped_column(String(60))
    """Why nothing automatic may answer it, whoever wrote it."""
    via: Mapped[str | None] = mapped_column(String(320))
    """The group or form of ours that passed it on."""
    sender_proof: Mapped[str] = mapped_column(String(10), default="unknown", server_default="unknown")
    """proven, unknown or unproven (`models.messages.mail_facts.SenderProof`)."""
    raw_sha256: Mapped[str | None] = mapped_column(String(64))
    link_method: Mapped[str | None] = mapped_column(String(30))
    defects: Mapped[list[str]]


class MessageLink(Record):
    """What a stored mail names in In-Reply-To and References, for parents that arrive after their children."""

    __tablename__ = "message_link"
    message_id: Mapped[UUID] = mapped_column(ForeignKey("email_message.id"), primary_key=True)
    named_hash: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class Attachment(Keyed, Record):
    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("message_id", "position"), Index("ix_attachment_message", "message_id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("email_message.id"))
    position: Mapped[int]
    filename: Mapped[str] = mapped_column(String(300))
    content_type: Mapped[str] = mapped_column(String(200))
    content_id: Mapped[str | None] = mapped_column(String(998))
    inline: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    entry_id: Mapped[UUID | None] = mapped_column(index=True)
    """The note on the timeline that it belongs to, if it belongs to none of the mails."""


REMAINING = "outbox.state <> 'sent'"
"""Of letters: they wait, or never arrived."""


class Outbox(Keyed, Record):
    """What is to leave the house. Its Message-ID is fixed before the first attempt (email promise 12)."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "mailbox_id", "state", "not_before"),
        Index("ix_outbox_sent", "sent_on"),
        Index("ix_outbox_message", "message_id"),
        Index(
            "ix_outbox_remaining", "id", sqlite_where=text("state <> 'sent'"), postgresql_where=text("state <> 'sent'")
        ),
    )
    key: Mapped[str] = mapped_column(String(160), unique=True)
    """What the letter is for, so that a repeated step writes no second one: `ack/<case>`, `reply/<command>`, ..."""
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"), index=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("email_message.id"))
    envelope_from: Mapped[str] = mapped_column(String(320))
    envelope_to: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    """reply, article, acknowledgement or notice."""
    attempts: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    """Wall time."""
    sent_on: Mapped[datetime | None]
    bounced_on: Mapped[datetime | None]
    last_error: Mapped[str | None]


class Suppression(Keyed, Record):
    """An address that gets no mail of ours until somebody lifts it (email promise 8)."""

    __tablename__ = "suppression"
    address: Mapped[str] = mapped_column(String(320), unique=True)
    """Lower case."""
    reason: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str | None] = mapped_column(String(500))
    """The server's words, or the operator's."""
    outbox_id: Mapped[UUID | None] = mapped_column(ForeignKey("outbox.id"))
    """The letter that bounced."""
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    added_on: Mapped[datetime]
