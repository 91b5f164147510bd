"""What organisation files said last: so that a change made elsewhere is seen before a file overwrites it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String


class AppliedRecord(Keyed, Record):
    """One record of the organisation as it stood when a file that lists it was last applied. Never a secret."""

    __tablename__ = "applied_record"
    __table_args__ = (UniqueConstraint("kind", "slug"),)
    kind: Mapped[str] = mapped_column(String(40))
    slug: Mapped[str] = mapped_column(String(63))
    source: Mapped[str] = mapped_column(String(255))
    """The file's own name, without its folder."""
    state: Mapped[dict[str, Any]]
    """As `desk.organisation.states` reads it."""
    secret_source: Mapped[dict[str, Any]]
    """Of a mailbox, where the file says that its password is: `{"password_env": "SUPPORT_PASSWORD"}`."""
    applied_on: Mapped[datetime]
