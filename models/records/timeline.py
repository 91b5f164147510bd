"""What happened on a case, in its order: entries, activities, articles that were linked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String


class TimelineEntry(Keyed, Record):
    """What happened, in the case's own order. `data` explains: which rule matched, which deadline follows."""

    __tablename__ = "timeline_entry"
    __table_args__ = (UniqueConstraint("case_id", "key"), Index("ix_timeline_case", "case_id", "at"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    key: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    subject_id: Mapped[UUID | None]
    """The activity, message or article that the entry is about."""
    text: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changes: Mapped[dict[str, Any] | None]
    """What it changed of the case: `{field: [old, new]}`, for the audit."""


FREE = "case_id IS NULL AND status = 'open'"
"""Activities that housekeeping reminds of."""


class Activity(Keyed, Record):
    """Phone call, task, appointment, ...; emails are `EmailMessage`, resolutions `CaseResolution`.

    Those of a case are written by its run. One that belongs to no case is written by the desk, until it becomes a case.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_case", "case_id", "status"),
        Index("ix_activity_owner", "owner_id", "status", "due"),
        Index("ix_activity_free", "due", sqlite_where=text(FREE), postgresql_where=text(FREE)),
    )
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    """Whom one without a case is about."""
    queue: Mapped[str | None] = mapped_column(String(63))
    """Slug of the queue that it arrived in, if it did."""
    sender: Mapped[str | None] = mapped_column(String(300))
    sender_name: Mapped[str | None] = mapped_column(String(200))
    """Who it is from, as it was said when it arrived: an address or a number."""
    creation: Mapped[dict[str, Any] | None]
    """What a record creation rule made of it (domain 6.6): `{rule, item, outcome, reason, why}`."""
    kind: Mapped[str] = mapped_column(String(63))
    status: Mapped[str] = mapped_column(String(10))
    """open, completed or cancelled."""
    reason: Mapped[str | None] = mapped_column(String(63))
    """How it ended, if its type lists reasons."""
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Of its type, by name."""
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str | None]
    duration_minutes: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None]
    reminded_for: Mapped[datetime | None]
    """The `due` of which its owner has been reminded; another one reminds again."""
    created_on: Mapped[datetime]
    closed_on: Mapped[datetime | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))


class CaseArticle(Keyed, Record):
    __tablename__ = "case_article"
    __table_args__ = (UniqueConstraint("case_id", "article_id"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id"), index=True)
    linked_on: Mapped[datetime]
