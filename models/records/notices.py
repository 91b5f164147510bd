"""What agents want to be told of, and what waits until their next digest."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String

LONGEST_LINE = 1500
"""Characters of one line of a digest."""


class NoticeChoiceRow(Record):
    """How an agent wants to hear of one kind of event. Without a row the organisation's way holds."""

    __tablename__ = "notice_choice"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    way: Mapped[str] = mapped_column(String(10))
    """off, at-once, hourly or daily."""


class NoticeLine(Keyed, Record):
    """A piece of news that waits for its reader's next digest; the letter takes its place in one transaction."""

    __tablename__ = "notice_line"
    __table_args__ = (
        UniqueConstraint("agent_id", "key"),
        Index("ix_notice_line_due", "due_on"),
    )
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    key: Mapped[str] = mapped_column(String(120))
    """Of what happened, so that it is told once."""
    kind: Mapped[str] = mapped_column(String(20))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))
    """None: it is about an article."""
    line: Mapped[str] = mapped_column(String(LONGEST_LINE))
    """As it is read: instant, what happened, number and link."""
    at: Mapped[datetime]
    due_on: Mapped[datetime]
    """When the digest leaves."""


class AgentNotice(Record):
    """What concerns an agent of one case: one row, whatever happened to it, until the agent themselves has read it."""

    __tablename__ = "agent_notice"
    __table_args__ = (
        Index("ix_agent_notice_latest", "agent_id", "at"),
        Index(
            "ix_agent_notice_unread",
            "agent_id",
            "at",
            sqlite_where=text("read_on IS NULL"),
            postgresql_where=text("read_on IS NULL"),
        ),
    )
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """Of the latest: a `WorkEvent`, or `bounce`."""
    key: Mapped[str] = mapped_column(String(120))
    """Of the latest, so that it is told once."""
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    """Who did the latest, if it was one of the house's people."""
    count: Mapped[int] = mapped_column(default=1)
    """How much has happened since the agent has read of it."""
    read_on: Mapped[datetime | None]
