"""Facts of a mail on its way through the house, and what the long activities of mailbox and outbox are told."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from models.messages.base import Message


class DeliveryKind(StrEnum):
    """What a case must hear of."""

    OPEN = "open"
    MAIL = "mail"
    SEND_FAILED = "send-failed"
    RETIRE = "retire"
    """It turned out to be part of an older case's thread: the subject is that case."""
    ADOPT = "adopt"
    """Another case was merged into it: the subject is that one."""
    RETRY = "retry"
    """An incident is to be tried again: the subject is that incident."""
    DISMISS = "dismiss"
    """Somebody decided that an incident need not be done: the subject is that incident."""
    WEBHOOK = "webhook"
    """Another program was told, or could not be: the subject is that webhook."""
    GO_UP = "go-up"
    """Somebody merges it into another case: the subject is the command on the survivor."""
    CLOSE = "close"
    """Its parent was closed, and its children with it, or that was taken back: the subject is the command on the parent."""
    LINK = "link"
    """It is to become a child: the subject is the command on the parent."""
    NEW_PARENT = "new-parent"
    """Its parent was merged into another case: the subject is the case that was its parent."""
    SURVEY_ANSWER = "survey-answer"
    """The customer has said how we did: the subject is that answer."""
    SOLVED = "solved"
    """The customer says on their page that the matter is done: the subject is that saying."""
    BRAKED = "braked"
    """The sender wrote so much that further mail of theirs is held. The subject is the first mail that was held."""


class MailVerdict(StrEnum):
    """What intake decided about a mail; kept in its row of the mail log."""

    OPENED = "opened"
    ATTACHED = "attached"
    FILED = "filed"
    HELD = "held"
    DUPLICATE = "duplicate"


class HoldReason(StrEnum):
    """Why a mail waits in quarantine."""

    UNPARSEABLE = "unparseable"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TOO_MANY_PARTS = "too-many-parts"
    NO_SENDER = "no-sender"
    BLANK = "blank"
    LOOP = "loop"
    SENDER_UNKNOWN = "sender-unknown"
    NO_ENTITLEMENT = "no-entitlement"
    NO_RULE = "no-rule"
    FOREIGN_TOKEN = "foreign-token"  # noqa: S105 - a reason, not a secret
    INTAKE_FAILED = "intake-failed"
    NOT_DELIVERED = "not-delivered"
    """The mail server lists it, and does not give it: it is asked for again by itself."""


class OutboxState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    """Refused for good when it was handed in."""
    BOUNCED = "bounced"
    """Accepted, and reported as undeliverable later."""
    SUPPRESSED = "suppressed"
    """Every recipient is on the suppression list: nothing was handed in."""
    UNDONE = "undone"
    """Taken back by its author before it left."""


class MailboxJob(Message):
    """The argument of `MailboxWorkflow` and `OutboxWorkflow`: which mailbox; everything else is read from its row."""

    mailbox_id: UUID
    slug: str
    heartbeat_seconds: float = Field(default=60, ge=1)
    """After this time without a heartbeat a killed worker is replaced. Until then nobody reads its mailbox."""
