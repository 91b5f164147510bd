"""What is read back of reference data: its body, its key and version, and what only the database knows."""

from __future__ import annotations

from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, SkipValidation, create_model

from models.messages.articles import ArticleBody
from models.messages.assignment import Presence
from models.messages.base import Instant, Message
from models.messages.entitlements import EntitlementDefinition, EntitlementStatus
from models.messages.mailflow import MailVerdict
from models.messages.products import ProductBody
from models.messages.reference import (
    AccountBody,
    AgentBody,
    ContactBody,
    MailboxSettings,
    QueueBody,
    Role,
    SubjectBody,
    TeamBody,
)
from models.messages.terms import Terms

M = TypeVar("M", bound=Message)
UNCHECKED: Any = SkipValidation


def _view(name: str, body: type[BaseModel], facts: dict[str, Any], about: str | None = None) -> type[BaseModel]:
    """A body's fields with their description, but without its rules: stored rows are never refused by those of writing."""
    fields: dict[str, Any] = {
        key: (UNCHECKED[field.annotation], field.default if not field.is_required() else ...)
        for key, field in body.model_fields.items()
    }
    made: type[BaseModel] = create_model(name, __doc__=about, **(fields | facts))
    return made


_KEPT: dict[str, Any] = {"id": (UUID, ...), "active": (bool, ...), "version": (int, ...)}

AgentView = _view(
    "Agent", AgentBody, {**_KEPT, "load": (int, ...), "presence": (Presence, ...), "presence_on": (Instant | None, ...)}
)
TeamView = _view("Team", TeamBody, _KEPT)
QueueView = _view("Queue", QueueBody, _KEPT)
_CUSTOMER: dict[str, Any] = {**_KEPT, "merged_into": (str | None, ...)}

AccountView = _view("Account", AccountBody, _CUSTOMER)
ContactView = _view("Contact", ContactBody, _CUSTOMER)
ProductView = _view("Product", ProductBody, _KEPT)
SubjectView = _view("Subject", SubjectBody, _KEPT)
MailboxView = _view("Mailbox", MailboxSettings, {**_KEPT, "has_password": (bool, ...)})


class ChannelView(Message):
    """Terms of one origin."""

    origin: str
    total_terms: Terms
    remaining_terms: Terms


EntitlementView = _view(
    "Entitlement",
    EntitlementDefinition,
    {
        **_KEPT,
        "status": (EntitlementStatus, ...),
        "total_terms": (Terms, ...),
        "remaining_terms": (Terms, ...),
        "channels": (list[ChannelView], ...),
        "predecessor": (str | None, ...),
        "template": (str | None, ...),
    },
)


class MovedWhy(Message):
    """Why terms moved: the rule in words, the command that did it (null: none of an agent), and by whom (null: the house)."""

    rule: str
    cause: str | None
    by: str | None


class LedgerView(Message):
    """One movement: negative when terms are taken. `origin`: the channel line that moved along. `case` is null where it is
    of a private queue that the caller does not belong to."""

    id: UUID
    case: str | None
    event: str
    ordinal: int
    origin: str | None
    terms: Terms
    at: Instant
    remaining: Terms | None
    """What was left of all terms after it."""
    line_remaining: Terms | None
    """What was left of the channel's terms after it."""
    why: MovedWhy


ArticleView = _view(
    "ArticleView",
    ArticleBody,
    {
        "id": (UUID, ...),
        "number": (str, ...),
        "article_version": (str, ...),
        "version_id": (UUID, ...),
        "status": (str, ...),
        "allowed": (tuple[str, ...], ...),
        "languages": (tuple[str, ...], ...),
        "author": (str | None, ...),
        "reviewer": (str | None, ...),
        "reason": (str | None, ...),
        "modified_on": (Instant | None, ...),
        "published_on": (Instant | None, ...),
        "publish_on": (Instant | None, ...),
        "expires_on": (Instant | None, ...),
        "after_expiry": (str, ...),
        "views": (int, ...),
        "shares": (int, ...),
        "rating": (float | None, ...),
        "ratings": (int, ...),
        "helpful": (int, ...),
        "not_helpful": (int, ...),
        "linked_cases": (int, ...),
        "version": (int, ...),
        "snippet": (str | None, None),
        "rank": (int | None, None),
    },
    "One version (`article_version`) of an article in one language. `allowed`: what may be done with it now. `reason`: why it "
    "was rejected. Counts are of all its versions and languages. `snippet` is the passage that a search found, `rank` its "
    "place there.",
)


class SearchedView(BaseModel):
    """A search that was counted, by its `id`, and the articles that it found."""

    id: UUID
    items: list[ArticleView]  # type: ignore[valid-type]  # made of the body


class DefinitionView(Message, Generic[M]):
    """One version of a definition; `body` is what was written."""

    id: UUID
    slug: str
    version: int
    status: str
    activated_on: Instant | None
    body: SkipValidation[M]


class HeldMailView(Message):
    """A mail in quarantine. Sender and subject are null where it could not be read; `raw_size` in bytes; `uid` is its number
    on the mail server."""

    id: UUID
    mailbox: str
    received_on: Instant
    uid: int
    reason: str | None
    explanation: str | None
    sender: str | None
    subject: str | None
    raw_size: int


class MailFileView(Message):
    """A file of a mail; `size` in bytes."""

    filename: str
    content_type: str
    size: int


class MailReadView(HeldMailView):
    """A mail as it was understood, and what became of it. What could not be read has no text, no sender, no date.
    `recipients` by field: to, cc. `defects`: what was worked around when it was read."""

    uidvalidity: int
    verdict: MailVerdict
    rule: str | None
    item: str | None
    case: str | None
    message_id: str | None
    sender_name: str | None
    recipients: dict[str, list[str]]
    date: Instant | None
    automatic: str | None
    text: str | None
    attachments: list[MailFileView]
    defects: list[str]


class MailLogView(Message):
    """What became of a mail. `outcome`: what the case made of an attached one (attach, attach-only, reopen, new-case or
    passed-on), null until it did; `item`: the rule's that matched. What could not be read has no sender and no subject.
    """

    id: UUID
    received_on: Instant
    uid: int
    uidvalidity: int
    verdict: MailVerdict
    reason: str | None
    explanation: str | None
    rule: str | None
    item: str | None
    case: str | None
    outcome: str | None
    message_id: str | None
    sender: str | None
    subject: str | None
    automatic: str | None
    raw_size: int


class MailDecisionView(Message):
    """What became of a mail: opened, attached, filed or duplicate, or still held; `case` is its number."""

    id: UUID
    verdict: MailVerdict
    reason: str | None
    explanation: str | None
    case: str | None


class AuditView(Message):
    """Who changed what: `{field: [old, new]}`."""

    id: UUID
    at: Instant
    actor: str
    kind: str
    object: str
    action: str
    changes: dict[str, list[Any]]
    command: UUID | None = None
    """Of a case: the command that an agent gave."""
    because: dict[str, Any] | None = None
    """Of a case: what its timeline tells of it, such as the rule that matched."""


class TokenView(Message):
    """A new token. It is shown this once; only its SHA-256 is kept."""

    id: UUID
    agent: str
    role: Role
    token: str
