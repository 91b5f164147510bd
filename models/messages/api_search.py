"""What a search answers."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from models.messages.base import Instant, Message


class SearchKind(StrEnum):
    CASE = "case"
    MAIL = "mail"
    NOTE = "note"
    """What an agent wrote on a case: notes, resolutions, reasons."""
    ACTIVITY = "activity"
    ACCOUNT = "account"
    CONTACT = "contact"
    ARTICLE = "article"
    """A published version."""
    DRAFT = "draft"
    """A version of an article that is not published yet: found where it is asked for."""


class SnippetPiece(Message):
    """A piece of a passage. It is text, to be shown as such; `hit`: it is a word that was asked for."""

    text: str
    hit: bool = False


class FoundCase(Message):
    """The case that something found belongs to."""

    number: str
    title: str
    status: str
    queue: str | None
    priority: str


class SearchHit(Message):
    kind: SearchKind
    id: UUID
    """Of the case, message, timeline entry, activity, account, contact or article."""
    at: Instant
    """When it was made; a mail, when it came."""
    title: str
    """The title, a mail's subject or a customer's name; of a note the case's title."""
    key: str | None = Field(default=None, description="A case's or article's number; an account's or contact's slug.")
    snippet: tuple[SnippetPiece, ...]
    case: FoundCase | None = None


class SearchPage(Message):
    items: tuple[SearchHit, ...]
    next: str | None
