"""What other programs are told of: a row in the case's own transaction, sent afterwards, as letters are."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String

LONGEST_ERROR = 500


class Webhook(Keyed, Record):
    """One notice to one address. `key` names what it tells of, so that it is written once; `id` is told along with it, so
    that a receiver who gets it twice knows."""

    __tablename__ = "webhook"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_webhook_case", "case_id"),
        Index(
            "ix_webhook_waiting",
            "not_before",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
    )
    key: Mapped[str] = mapped_column(String(120))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    url: Mapped[str] = mapped_column(String(2_000))
    body: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10))
    """queued, sending, delivered or failed."""
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    """Wall time of the next try. While it is being sent: when it may be tried again if nobody says what became of it."""
    answer: Mapped[int | None]
    """The HTTP status of the last answer."""
    last_error: Mapped[str | None] = mapped_column(String(LONGEST_ERROR))
    made_on: Mapped[datetime]
    ended_on: Mapped[datetime | None]
    """Wall time."""
