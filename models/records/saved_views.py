"""Lists of cases that agents keep by a name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String

LONGEST_ADDRESS = 2_000


class SavedView(Keyed, Record):
    """A list by its address. `shared`: every agent finds it among theirs; only its owner changes it."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("agent_id", "name"),)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(LONGEST_ADDRESS))
    """The query of its address."""
    shared: Mapped[bool] = mapped_column(default=False)
    saved_on: Mapped[datetime]
