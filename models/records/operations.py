"""One action on many cases: what was asked, and what became of each case. Written by the operation's own run (design,
"Several cases at once")."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String

LEFT = "state IN ('pending', 'cancelling')"


class BulkOperation(Keyed, Record):
    """`id` is derived from agent and key, as a command's is."""

    __tablename__ = "operation"
    __table_args__ = (Index("ix_operation_left", "recorded_at", sqlite_where=text(LEFT), postgresql_where=text(LEFT)),)
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    key: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(30))
    """The kind of the command that each case is sent (`models.messages.operations.BulkAction`)."""
    body: Mapped[dict[str, Any]]
    """Of that command."""
    body_hash: Mapped[str] = mapped_column(String(64))
    target_id: Mapped[UUID | None]
    """The agent, team, queue or survivor that the action names."""
    state: Mapped[str] = mapped_column(String(10))
    """pending, cancelling, cancelled or done."""
    total: Mapped[int]
    asked_on: Mapped[datetime]
    ended_on: Mapped[datetime | None]


class BulkItem(Record):
    """One case of an operation, in the order in which they were asked for."""

    __tablename__ = "operation_item"
    __table_args__ = (Index("ix_operation_item_state", "operation_id", "state", "position"),)
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))
    """None: there is no such case, or none that the actor could know of."""
    state: Mapped[str] = mapped_column(String(10))
    """pending, done, refused, failed or cancelled."""
    result: Mapped[dict[str, Any] | None]
    """`{version}` of a done one, the refusal of a refused one, `{incident}` of a failed one."""
