"""What each agent has seen of a case, so that lists and pages can say what is new to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Record


class CaseReading(Record):
    """An agent's last look at a case. Without a row they have never opened it."""

    __tablename__ = "case_reading"
    __table_args__ = (
        Index("ix_case_reading_unread", "agent_id", sqlite_where=text("unread = 1"), postgresql_where=text("unread")),
    )
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"), primary_key=True)
    seen_until: Mapped[datetime]
    """The instant of the newest entry of the timeline that was on the page."""
    seen_entry_id: Mapped[UUID]
    """That entry: of two at one instant, the one with the greater key comes later."""
    unread: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Marked as unread by hand; opening the case takes the mark away."""
