"""How a mailbox does, for its operators: counts, instants and reasons; nothing of a customer (email promise 14)."""

from __future__ import annotations

from enum import StrEnum

from models.messages.base import Instant, Message
from models.messages.mailflow import MailVerdict, OutboxState


class MailboxState(StrEnum):
    """One word for all the figures. If several hold, it is the one that should be dealt with first."""

    OK = "ok"
    UNTIDY = "untidy"
    """Mail is taken in, and cannot be flagged or moved on its server."""
    BEHIND = "behind"
    """Reading and sending work, but mail has been waiting for minutes."""
    CANNOT_SEND = "cannot-send"
    SEND_REFUSED = "send-refused"
    """Letters wait, because the SMTP server refuses us: login, right to send, quota."""
    NOT_READ = "not-read"
    """Nobody has looked into it for minutes, and nobody said why."""
    CANNOT_CONNECT = "cannot-connect"
    AUTH_FAILED = "auth-failed"
    CANNOT_STORE = "cannot-store"
    """The house itself takes no writes."""
    INACTIVE = "inactive"


class MailboxTrouble(StrEnum):
    """What `last_error` is about."""

    READING = "reading"
    LOGIN = "login"
    """The IMAP server refuses user or password."""
    TIDYING = "tidying"
    """The IMAP server does not let mail be flagged or moved once it is taken in."""
    SENDING = "sending"
    REFUSED = "refused"
    """The SMTP server is there, and takes nothing of ours."""


class HeldFigures(Message):
    """Mails in quarantine for one reason."""

    reason: str
    """A `HoldReason`."""
    count: int
    oldest: Instant


class SendQueue(Message):
    """What is to leave. A letter that is queued and not due waits for its next attempt, or may still be undone."""

    queued: int = 0
    due: int = 0
    sending: int = 0
    oldest_queued: Instant | None = None
    """When the oldest queued letter was written."""
    due_since: Instant | None = None
    """Since when the oldest due letter could have left."""
    retrying: int = 0
    """Refused for the moment at least once."""
    next_attempt: Instant | None = None
    failed_24h: int = 0
    """Letters of the last 24 hours that were refused for good; the suppressed ones are counted in the same way."""
    bounced_24h: int = 0
    """Reported as undeliverable in the last 24 hours."""
    suppressed_24h: int = 0


class MailboxFigures(Message):
    """Stored facts. `backlog` and `oldest_unfetched` are as of the reader's last look (`last_success`)."""

    mailbox: str
    address: str
    active: bool
    last_success: Instant | None
    last_error: str | None
    trouble: MailboxTrouble | None
    notice: str | None = None
    """What the IMAP server wants its people to read (`[ALERT]`)."""
    uidvalidity: int | None
    last_uid: int
    backlog: int
    """Messages on the server that are not taken in yet; the oldest of them came to it at `oldest_unfetched`."""
    oldest_unfetched: Instant | None
    quarantined: int
    quarantine: tuple[HeldFigures, ...]
    taken_in_24h: dict[MailVerdict, int]
    outbox: dict[OutboxState, int]
    send_queue: SendQueue
    suppressed_addresses: int
    """How many addresses the suppression list holds. There is one list for the whole house."""


class MailboxStatus(MailboxFigures):
    """`state` compares the facts with now; `advice` is what to do about it, in a sentence."""

    state: MailboxState
    advice: str
