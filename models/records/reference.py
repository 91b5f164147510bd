"""Reference data: written by the desk alone, with audit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Document, Keyed, Long, Record, String


class DefinitionRecord(Keyed, Record):
    """A versioned definition: one JSON document, validated by its message model. At most one active version each."""

    __tablename__ = "definition"
    __table_args__ = (
        UniqueConstraint("kind", "slug", "version"),
        Index(
            "uq_definition_active",
            "kind",
            "slug",
            unique=True,
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
    )
    kind: Mapped[str] = mapped_column(String(40))
    slug: Mapped[str] = mapped_column(String(63))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    """draft, active or inactive."""
    body: Mapped[dict[str, Any]]
    activated_on: Mapped[datetime | None]


class Agent(Keyed, Record):
    __tablename__ = "agent"
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    roles: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(default=True)
    capacity: Mapped[int | None]
    """How many cases the agent may work on at the same time; None: any number."""
    load: Mapped[int] = mapped_column(default=0)
    time_zone: Mapped[str | None] = mapped_column(String(63))
    """In which letters to the agent show instants; None: the organisation's."""
    calendar: Mapped[str | None] = mapped_column(String(63))
    """Slug of the calendar of their working hours; None: they work whenever they say that they are there."""
    skills: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """By skill the level that they hold."""
    presence: Mapped[str] = mapped_column(String(10), default="offline", server_default=text("'offline'"))
    """online, busy, away or offline: what they said last."""
    presence_on: Mapped[datetime | None]
    last_assigned_on: Mapped[datetime | None]
    """When they last began to work on a case, whichever way they got it."""
    version: Mapped[int] = mapped_column(default=1)


class AccessToken(Keyed, Record):
    """A bearer token: only its SHA-256 is kept."""

    __tablename__ = "access_token"
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    role: Mapped[str] = mapped_column(String(30))
    revoked_on: Mapped[datetime | None]


class Team(Keyed, Record):
    __tablename__ = "team"
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class TeamMember(Keyed, Record):
    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("team_id", "agent_id"),)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))


class Queue(Keyed, Record):
    __tablename__ = "queue"
    __table_args__ = (Index("uq_queue_default_of", "default_of", unique=True),)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    private: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    mailbox_id: Mapped[UUID | None] = mapped_column(ForeignKey("mailbox.id"))
    """The mailbox that its replies leave from."""
    signature: Mapped[str | None]
    default_of: Mapped[UUID | None]
    """The agent or the team whose default queue it is: what is routed to them waits there."""
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class QueueTeam(Keyed, Record):
    """Teams that belong to a queue: whoever is a member of the team is one of the queue, as long as they are."""

    __tablename__ = "queue_team"
    __table_args__ = (UniqueConstraint("queue_id", "team_id"),)
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))


class QueueMember(Keyed, Record):
    """The members that a queue lists itself, beside those of its teams. Only private queues ask for membership."""

    __tablename__ = "queue_member"
    __table_args__ = (UniqueConstraint("queue_id", "agent_id"),)
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))


class Account(Keyed, Record):
    __tablename__ = "account"
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    tier: Mapped[str | None] = mapped_column(String(63))
    language: Mapped[str | None] = mapped_column(String(12))
    time_zone: Mapped[str | None] = mapped_column(String(63))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Contact(Keyed, Record):
    __tablename__ = "contact"
    slug: Mapped[str | None] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """The primary one of their addresses (`ContactAddress`)."""
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    language: Mapped[str | None] = mapped_column(String(12))
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Product(Keyed, Record):
    __tablename__ = "product"
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10), default="product", server_default="product")
    draft: Mapped[bool] = mapped_column(default=False, server_default=false())
    family: Mapped[str | None] = mapped_column(String(63), index=True)
    """Slug of the family that it lies in."""
    products: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Slugs of what a bundle holds."""
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Subject(Keyed, Record):
    """The tree shared by cases, articles and products."""

    __tablename__ = "subject"
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("subject.id"))
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Entitlement(Keyed, Record):
    """A contract. `remaining_terms` = `total_terms` + the sum of its ledger rows: a checked invariant."""

    __tablename__ = "entitlement"
    __table_args__ = (
        Index(
            "ix_entitlement_due",
            "due_on",
            sqlite_where=text("status IN ('waiting', 'active')"),
            postgresql_where=text("status IN ('waiting', 'active')"),
        ),
    )
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"), index=True)
    start: Mapped[date]
    end: Mapped[date]
    restricted: Mapped[bool]
    allocation: Mapped[str] = mapped_column(String(10))
    decrease_on: Mapped[str] = mapped_column(String(10))
    total_terms: Mapped[Decimal]
    remaining_terms: Mapped[Decimal]
    sla: Mapped[str | None] = mapped_column(String(63))
    tier: Mapped[str | None] = mapped_column(String(63))
    is_default: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(10))
    products: Mapped[list[str]]
    contacts: Mapped[list[str]]
    description: Mapped[str | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    warnings: Mapped[list[Any]] = mapped_column(Document, default=list, server_default="[]")
    """As `ContractWarning` has them, in their order."""
    template: Mapped[str | None] = mapped_column(String(63))
    """Slug of the template that it was copied from; nothing follows from it later."""
    predecessor_id: Mapped[UUID | None] = mapped_column(ForeignKey("entitlement.id"))
    due_on: Mapped[datetime | None]
    """When its dates change its state, as its run of `EntitlementWorkflow` knows; None: it knows nothing of it yet."""
    version: Mapped[int] = mapped_column(default=1)


class EntitlementChannel(Keyed, Record):
    __tablename__ = "entitlement_channel"
    __table_args__ = (UniqueConstraint("entitlement_id", "origin"),)
    entitlement_id: Mapped[UUID] = mapped_column(ForeignKey("entitlement.id"))
    origin: Mapped[str] = mapped_column(String(63))
    total_terms: Mapped[Decimal]
    remaining_terms: Mapped[Decimal]


class WarnedRecord(Keyed, Record):
    """A warning of a contract that was given, or that there was nobody to give it to: once for each key, for ever."""

    __tablename__ = "contract_warning"
    __table_args__ = (UniqueConstraint("entitlement_id", "key"),)
    entitlement_id: Mapped[UUID] = mapped_column(ForeignKey("entitlement.id"))
    key: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime]
    told: Mapped[int]
    """How many were written to."""
    unsent: Mapped[str | None]
    """Why nobody was, if so."""


class Mailbox(Keyed, Record):
    """A mail account and the cursor of its intake. The password is encrypted with the keyring's key `secret_key_id`."""

    __tablename__ = "mailbox"
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    address: Mapped[str] = mapped_column(String(254), unique=True)
    display_name: Mapped[str] = mapped_column(String(200))
    queue: Mapped[str | None] = mapped_column(String(63))
    """Slug of the queue that its mail arrives in, and whose record creation rule applies."""
    settings: Mapped[dict[str, Any]]
    """Addresses, TLS and user of IMAP and SMTP; never a secret."""
    secret: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    uidvalidity: Mapped[int | None] = mapped_column(Long)
    last_uid: Mapped[int] = mapped_column(Long, default=0)
    intake_epoch: Mapped[int] = mapped_column(default=0)
    outbox_epoch: Mapped[int] = mapped_column(default=0)
    last_success: Mapped[datetime | None]
    last_error: Mapped[str | None]
    notice: Mapped[str | None] = mapped_column(String(500))
    """What the IMAP server wants its people to read (`[ALERT]`, RFC 3501 7.1)."""
    backlog: Mapped[int] = mapped_column(default=0)
    """Messages on the server past the cursor, when the reader looked last."""
    oldest_unfetched: Mapped[datetime | None]
    """When the oldest of them came to the server (INTERNALDATE)."""


class Audit(Keyed, Record):
    """Who changed what: reference data field by field, cases by command. Append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_object", "kind", "object_id"),)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    changes: Mapped[dict[str, Any]]
    """`{field: [old, new]}`."""


class AnsweredRequest(Record):
    """A request that changed reference data, by its Idempotency-Key, with the answer that it got."""

    __tablename__ = "answered_request"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made from the agent and the key."""
    request: Mapped[str] = mapped_column(String(160))
    """A keyed digest of method, path and body, with the id of its key: a body may hold a password."""
    headers: Mapped[dict[str, Any]]
    answer: Mapped[str]
    """JSON, as it left the house; what holds a secret is sealed with the keyring."""
    sealed: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
