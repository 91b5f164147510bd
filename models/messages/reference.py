"""Bodies of plain reference records: what `POST` takes, what an organisation file lists, what an audit row compares.

A record is named by its slug; where another record is meant, the field holds that record's slug. A contact that arrived
by mail has no slug, and is named by its id in the same places.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from models.messages.base import EmailAddress, Message, Name, Slug

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", max_length=12)]


class Role(StrEnum):
    """What a token may do (domain 11)."""

    AGENT = "agent"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    KNOWLEDGE_MANAGER = "knowledge-manager"


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("an entry is listed twice")
    return values


class AgentBody(Message):
    """A person who works cases. `capacity`: cases worked on at once; none: unlimited."""

    slug: Slug
    name: Name
    email: EmailAddress
    roles: tuple[Role, ...] = Field(default=(Role.AGENT,), min_length=1)
    capacity: int | None = Field(default=None, ge=0, le=10_000)

    _roles_once = field_validator("roles")(_once)


class TeamBody(Message):
    slug: Slug
    name: Name
    members: tuple[Slug, ...] = ()

    _members_once = field_validator("members")(_once)


class QueueBody(Message):
    """Replies on a queue's cases leave from `mailbox`; a released case goes back to `owner` (domain 2)."""

    slug: Slug
    name: Name
    owner: Slug
    private: bool = False
    members: tuple[Slug, ...] = ()
    mailbox: Slug | None = None
    signature: str | None = Field(default=None, max_length=2_000)

    _members_once = field_validator("members")(_once)


class AccountBody(Message):
    slug: Slug
    name: Name
    tier: Slug | None = None
    language: Language | None = None


class ContactBody(Message):
    """`slug` is absent only where a contact was made from a mail's sender."""

    slug: Slug | None = None
    name: Name
    email: EmailAddress
    account: Slug | None = None
    language: Language | None = None


class ProductBody(Message):
    slug: Slug
    name: Name


class SubjectBody(Message):
    """A node of the tree shared by cases, articles and products (domain 1.1)."""

    slug: Slug
    name: Name
    parent: Slug | None = None

    @model_validator(mode="after")
    def _check(self) -> SubjectBody:
        if self.parent == self.slug:
            raise ValueError("a subject cannot be its own parent")
        return self


class ArticleBody(Message):
    """One version's content. `content` is plain text with blank lines between paragraphs; `keywords` are words."""

    slug: Slug
    title: Annotated[
        str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
    ]
    """One line: it becomes the subject of the mail that carries the article."""
    content: str = Field(min_length=1, max_length=200_000)
    keywords: str = Field(default="", max_length=500)
    subject: Slug | None = None
    internal: bool = False
    language: Language = "en"


class MailServer(Message):
    """`tls`: encrypted from the first byte, upgraded by STARTTLS, or in the clear."""

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(ge=1, le=65535)
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str | None = None


class ImapServer(MailServer):
    user: str = Field(min_length=1, max_length=254)
    folder: str = Field(default="INBOX", min_length=1, max_length=255)


class SmtpServer(MailServer):
    """Without `user` nothing is authenticated."""

    user: str | None = Field(default=None, min_length=1, max_length=254)


class MailboxSettings(Message):
    """A mail account; the password, one for both servers, is never part of what is read back."""

    slug: Slug
    address: EmailAddress
    display_name: Name
    queue: Slug | None = None
    """The queue that its mail arrives in, and whose record creation rule applies."""
    imap: ImapServer
    smtp: SmtpServer


class MailboxBody(MailboxSettings):
    """`password` is write-only; left out on a change, the one that is kept stays."""

    password: SecretStr | None = None


class MailboxEntry(MailboxSettings):
    """A mailbox in an organisation file, which holds no secret: it names where the password is to be found."""

    password_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    password_file: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _check(self) -> MailboxEntry:
        if self.password_env and self.password_file:
            raise ValueError("the password comes from 'password_env' or 'password_file', not from both")
        return self
