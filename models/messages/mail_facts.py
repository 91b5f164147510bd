"""What policies are told of a mail: who sent it, what it names, whether a machine wrote it; and what they answer."""

from __future__ import annotations

from enum import StrEnum

from models.messages.base import Message
from models.messages.cases import CaseStatus

# ---- arriving: what it becomes ---------------------------------------------------------------------------------------

DMARC_FAILED = "dmarc-failed"
REUSED_ID = "message-id-reused"
"""Another mail with other content has the same Message-ID. It is not taken for a copy: a forged one would then hide the
real one."""


UNPROVEN_SENDER = "sender-unproven"
"""A group or form named the sender, which anybody can pretend."""


class SenderProof(StrEnum):
    """What speaks for the sender being who they say. Brakes count each apart, so that a forger stops nobody else."""

    PROVEN = "proven"
    """A receiving server of ours found DMARC passed for their domain."""
    UNKNOWN = "unknown"
    """Nothing was said about it."""
    UNPROVEN = "unproven"
    """DMARC failed or was about somebody else, or a group or form named them."""


class MailFacts(Message):
    """An incoming mail without a case, and what is known of its sender."""

    sender: str | None
    """The author's address, lower-cased; None if the mail names no usable one."""
    automatic: str | None = None
    """Why it counts as automatic (RFC 3834, email promise 6); None: a person wrote it."""
    has_subject: bool = True
    has_text: bool = True
    has_attachments: bool = False
    known_sender: bool = True
    """The sender is a contact or an account; a match on another kind of record does not count (domain 6.2)."""
    entitled: bool = True
    """An active entitlement applies to the sender's customer and is not exhausted (domain 6.3)."""

    @property
    def blank(self) -> bool:
        return not (self.has_subject or self.has_text or self.has_attachments)


class FileReason(StrEnum):
    """Why a mail was filed without opening a case."""

    AUTOMATIC = "automatic"
    BY_ITEM = "by-item"
    NO_ITEM = "no-item"
    DISMISSED = "dismissed"
    """It was held, and an operator found nothing in it that anybody must see."""
    GONE = "gone"
    """It was held because the mail server did not deliver it, and under this UID it never will."""


class CreationVerdict(StrEnum):
    OPEN = "open"
    FILE = "file"
    HOLD = "hold"


class RelatedAction(StrEnum):
    """What becomes of a mail about an existing case (domain 6.4)."""

    ATTACH = "attach"
    ATTACH_ONLY = "attach-only"
    """To a closed case, which stays closed."""
    REOPEN = "reopen"
    NEW_CASE = "new-case"


# ---- arriving: which case it belongs to ------------------------------------------------------------------------------


class TokenSource(StrEnum):
    """Where a reply token stood; earlier ones count first."""

    IN_REPLY_TO = "in-reply-to"
    REFERENCES = "references"
    REPLY_ADDRESS = "reply-address"


class VerifiedToken(Message):
    """A token of ours whose HMAC was found right. `number`: the case that it was issued for."""

    number: str
    source: TokenSource


class MailLinkFacts(Message):
    """Every case number that a mail's headers lead to, whether or not its sender may join (email promise 5)."""

    sender: str | None
    dmarc_failed: bool = False
    """The sender is unproven: according to `Authentication-Results` of the configured receiving server (email promise 11),
    or because a group or form named them."""
    tokens: tuple[VerifiedToken, ...] = ()
    in_reply_to_cases: tuple[str, ...] = ()
    """Cases of the stored messages that In-Reply-To names."""
    references_cases: tuple[str, ...] = ()
    """Cases of the stored messages that References names, newest first."""
    subject_case: str | None = None
    children_cases: tuple[str, ...] = ()
    """Cases of stored mails whose In-Reply-To or References name this mail, oldest first."""
    sibling_cases: tuple[str, ...] = ()
    """Cases of stored mails that name the same id as this mail does and have the same subject, "Re:" aside, where the mail of
    that id has not come; oldest first."""
    unlike_sibling_cases: tuple[str, ...] = ()
    """The same where the subjects differ: it joins none of them, but speaks of them."""
    doubles: tuple[frozenset[str], ...] = ()
    """Cases that hold one and the same Message-ID: a mail that opened one in each queue it addressed, or a forged id."""
    automatic: bool = False
    """A machine wrote it."""


class CandidateCase(Message):
    """A case that some header leads to, or the survivor of one."""

    number: str
    status: CaseStatus
    participants: frozenset[str] = frozenset()
    """Lower-cased addresses that wrote to or were written to on the case, and its contact's."""
    merged_into: str | None = None
    """The case that it was merged into, or is about to be."""
    worked_on: bool = False
    """Somebody has worked on it, so it is more than a consequence of the order in which mails arrived."""


class LinkMethod(StrEnum):
    """How a mail found its case; kept on the message."""

    TOKEN = "token"  # noqa: S105 - a method, not a secret
    IN_REPLY_TO = "in-reply-to"
    REFERENCES = "references"
    SUBJECT = "subject"
    CHILD = "child"
    SIBLING = "sibling"
    OPERATOR = "operator"
    """Somebody put it there by hand."""
    PAGE = "page"
    """It was written on the customer's page of the case."""


class ForeignReason(StrEnum):
    NOT_A_PARTICIPANT = "not-a-participant"
    DMARC_FAILED = "dmarc-failed"
    WEAK_EVIDENCE = "weak-evidence"
    """It only names the same unknown mail as another one does, and that case is closed or about something else."""


class Target(Message):
    """The case that a mail joins; or, if it only quotes one it may not join, that one as `foreign_of`."""

    number: str | None = None
    method: LinkMethod | None = None
    foreign_of: str | None = None
    foreign_reason: ForeignReason | None = None
    merges: tuple[str, ...] = ()
    """Younger cases that this mail shows to be parts of the same thread, and that go up in the one it joins."""
    apart: tuple[str, ...] = ()
    """Cases of the same thread that stay as they are: somebody works on them, or on the one that it joins."""


# ---- leaving ---------------------------------------------------------------------------------------------------------


class OutgoingKind(StrEnum):
    """What a mail of ours is; the outbox row's kind."""

    REPLY = "reply"
    ARTICLE = "article"
    ACKNOWLEDGEMENT = "acknowledgement"
    NOTICE = "notice"
    SURVEY = "survey"
    """It asks the customer how we did."""


class OutgoingFacts(Message):
    """A mail that is about to leave. Addresses are compared without regard to letter case."""

    kind: OutgoingKind
    by_agent: bool
    """An agent pressed send."""
    recipients: frozenset[str]
    """To and Cc."""
    customer_addresses: frozenset[str]
    """Of the case's contact and account, and those that its customer wrote from."""
