"""A mail as Caseloom reads it: what RFC 5322 and MIME say, decoded, bounded and harmless. It knows no case."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from mail.kinds import AttachmentKind, attachment_kind, calendar_method


class UnreadableReason(StrEnum):
    UNPARSEABLE = "unparseable"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TOO_MANY_PARTS = "too-many-parts"


class UnreadableMail(Exception):
    """A mail that is not read, and why. Its raw bytes are still the caller's to keep."""

    def __init__(self, reason: UnreadableReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


class AutomaticReason(StrEnum):
    """Why no person wrote a mail (RFC 3834). Nobody's answer, and it opens and reopens nothing."""

    OWN_LOOP = "own-loop"
    OWN_ADDRESS = "own-address"
    AUTO_SUBMITTED = "auto-submitted"
    REPORT = "report"
    NULL_SENDER = "null-sender"
    AUTORESPONDER = "autoresponder"
    ROBOT_SENDER = "robot-sender"
    OUT_OF_OFFICE = "out-of-office"
    """It says so in words, and answers a mail of ours."""


class UnanswerableReason(StrEnum):
    """Why a mail must not be answered automatically, although a person may have written it. It withholds our automatic
    answer and nothing else."""

    PRECEDENCE = "precedence"
    LIST = "list"
    RESPONSE_SUPPRESSED = "response-suppressed"
    UNSUBSCRIBE = "unsubscribe"
    """It can be unsubscribed from, as a newsletter, or as what a person writes through a program for customers' data."""
    LIST_ADDRESS = "list-address"
    """Its sender is where a list takes orders (RFC 3834 2)."""
    NO_REPLY = "no-reply"
    """Its sender's address says that nobody reads what is sent there."""
    AWAY = "away"
    """It says in words that its sender is away."""
    RECEIPT = "receipt"
    """It says in words that a program confirms that a mail was read, or that it came in."""


BULK = frozenset({UnanswerableReason.PRECEDENCE, UnanswerableReason.LIST})
"""Sent to many, or passed on by a list or a group."""


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


class Address(Model):
    """`address` is in lower case, without brackets; `name` is the decoded display name, or empty."""

    name: str = ""
    address: str


class MailAttachment(Model):
    """A part that is a file. `filename` names no folder and nothing that a file system reserves; `size` in bytes."""

    filename: str
    content_type: str
    """As declared, without parameters; but TNEF and a picture that the HTML shows by their content, a calendar with its METHOD,
    and a signature that wraps what it signs as such (mail/kinds.py)."""
    content_id: str | None = None
    """Without brackets: what `cid:` in the HTML refers to."""
    size: int
    sha256: str
    content: bytes = Field(repr=False)
    inline: bool = False
    """The HTML refers to it by its content id: it is part of the text, not a file beside it."""

    @property
    def kind(self) -> AttachmentKind:
        return attachment_kind(self.content_type, self.filename, inline=self.inline)

    @property
    def method(self) -> str | None:
        """METHOD of a calendar, e.g. "REQUEST" for an invitation."""
        return calendar_method(self.content_type)


class ParsedMail(Model):
    """Everything is decoded, free of NUL and of lone surrogates; ids are without their angle brackets."""

    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    """Oldest first."""
    from_: Address | None = None
    original_sender: Address | None = None
    """Who wrote it according to a group that put itself into From (X-Original-Sender, X-Original-From). Anybody can write
    these headers."""
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    """Addresses in Delivered-To, X-Original-To and Envelope-To: where the mail really came in."""
    subject: str = ""
    date: datetime | None = None
    """In UTC. What the sender claims, not when it arrived."""
    text: str = ""
    """text/plain if it says anything, else the HTML rendered as text; lines end with LF."""
    html: str | None = None
    """As it was sent, but that all pictures of the mail itself are named by content ids. Never to be shown unsanitised."""
    attachments: tuple[MailAttachment, ...] = ()
    automatic_reasons: tuple[AutomaticReason, ...] = ()
    """All that hold by its headers, in the order of `AutomaticReason`."""
    unanswerable_reasons: tuple[UnanswerableReason, ...] = ()
    """All that hold, in the order of `UnanswerableReason`."""
    return_path: str | None = None
    """The envelope sender that the last server noted; "" is the null sender of bounces; None: not noted."""
    auth_results: tuple[str, ...] = ()
    """Authentication-Results (RFC 8601), topmost first; only those of a trusted server mean anything."""
    headers: dict[str, tuple[str, ...]] = {}
    """Further headers of interest, by lower-case name (`mail.parse.HEADERS_OF_INTEREST`)."""
    defects: tuple[str, ...] = ()
    """What was wrong with the mail and was worked around; docs/parsing.md has the table."""

    @property
    def automatic_reason(self) -> AutomaticReason | None:
        return next(iter(self.automatic_reasons), None)

    @property
    def automatic(self) -> bool:
        """Whether no person wrote it."""
        return bool(self.automatic_reasons)

    @property
    def bulk(self) -> bool:
        """Whether it was sent to many, or came through a list or group."""
        return not BULK.isdisjoint(self.unanswerable_reasons)
