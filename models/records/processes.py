"""The processes that a case goes through."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String


class ProcessInstance(Keyed, Record):
    """A case's instance of a process. Switching to another process keeps this one with its state; `current` is the one shown."""

    __tablename__ = "process_instance"
    __table_args__ = (
        UniqueConstraint("case_id", "definition"),
        Index(
            "uq_process_current",
            "case_id",
            unique=True,
            sqlite_where=text("current = 1"),
            postgresql_where=text("current"),
        ),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    definition: Mapped[str] = mapped_column(String(63))
    version: Mapped[int]
    current: Mapped[bool] = mapped_column(default=True)
    state: Mapped[dict[str, Any]]
    started_on: Mapped[datetime]
    ended_on: Mapped[datetime | None]
