"""What agents have begun on a case without having done it: drafts, and who has it open. No state of the case."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String


class ReplyDraft(Keyed, Record):
    """What an agent has begun to write on a case, one row for each kind. It is content and no state of the case, so the desk
    writes it without the case's workflow. The row stays when it has been sent, so that a late save finds that it is late."""

    __tablename__ = "reply_draft"
    __table_args__ = (
        UniqueConstraint("case_id", "agent_id", "kind"),
        Index("ix_reply_draft_agent", "agent_id", "unfinished"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    kind: Mapped[str] = mapped_column(String(10), default="reply", server_default="reply")
    """reply, reply-all, note or forward."""
    body: Mapped[dict[str, Any]]
    saved_on: Mapped[datetime]
    generation: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many drafts of this kind have been sent before this one."""
    written: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """The number of its latest save; one with a lower number comes too late."""
    unfinished: Mapped[bool] = mapped_column(default=True, server_default=true())
    """There is something in it that was not sent."""
    sent_as: Mapped[UUID | None]
    """The command that it was sent as. What became of that decides whether the draft is still there."""


class CasePresence(Record):
    """An agent who has a case open in front of them, and when they gave their last sign of life."""

    __tablename__ = "case_presence"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True, index=True)
    doing: Mapped[str] = mapped_column(String(10))
    """views or writes."""
    seen_on: Mapped[datetime]
