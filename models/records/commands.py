"""What a case must hear of and what is asked of it, and what of that could not be done."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String

OF_FAMILIES = "kind IN ('go-up', 'close', 'link', 'adopt', 'new-parent')"
"""Deliveries that a command on several cases leads to, and that are counted by what they are about."""


class Delivery(Keyed, Record):
    """ "Case N must hear of X": made with the fact itself, done in the case's own transaction."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "subject_id"),
        Index("ix_delivery_undone", "recorded_at", sqlite_where=text("done = 0"), postgresql_where=text("NOT done")),
        Index("ix_delivery_family", "subject_id", sqlite_where=text(OF_FAMILIES), postgresql_where=text(OF_FAMILIES)),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    number: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[UUID]
    """The email message, or the case itself for `open`."""
    done: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str | None] = mapped_column(String(40))


class Command(Keyed, Record):
    """An agent command: the intent, its idempotency and its audit, across runs. `id` is derived from actor and key."""

    __tablename__ = "command"
    __table_args__ = (
        Index("ix_command_case", "case_id"),
        Index(
            "ix_command_pending",
            "recorded_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(30))
    body: Mapped[dict[str, Any]]
    body_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    """pending, done, refused, or failed by a fault of ours, which is an incident."""
    result: Mapped[dict[str, Any] | None]
    """`{version, resource}` of a done one, the refusal of a refused one, `{incident}` of a failed one; of a pending one
    what its caller asked beside the body (`if_version`, ...), so that anybody can send it again as it was meant."""
    applied_on: Mapped[datetime | None]
    applied_version: Mapped[int | None]


class Incident(Keyed, Record):
    """Something that a case, a contract or an article could not do because of a fault of ours or an impossible value. One row
    for each cause, with a count; a contract and an article have one row.

    It holds no content: the step, the class of the error and the place in the code, never a value.
    """

    __tablename__ = "incident"
    __table_args__ = (UniqueConstraint("case_id", "key"), Index("ix_incident_state", "state", "last_on"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))
    entitlement_id: Mapped[UUID | None] = mapped_column(ForeignKey("entitlement.id"), unique=True)
    article_id: Mapped[UUID | None] = mapped_column(ForeignKey("article.id"), unique=True)
    key: Mapped[str] = mapped_column(String(160))
    """What failed, unique on the case: `command/<id>`, `delivery/<id>`, `opening/<part>`, `action/<key>`, `clocks`; of a
    contract or an article `dates`."""
    step: Mapped[str] = mapped_column(String(100))
    """The business step by the name that the Temporal UI shows, such as `pick` or `first-response warns`."""
    subject_id: Mapped[UUID | None]
    """The command or the delivery."""
    error: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(300))
    """Where in the code it was raised: file, line and function."""
    state: Mapped[str] = mapped_column(String(10))
    """open, done or dismissed."""
    count: Mapped[int] = mapped_column(default=1)
    retries: Mapped[int] = mapped_column(default=0)
    first_on: Mapped[datetime]
    last_on: Mapped[datetime]
    ended_on: Mapped[datetime | None]
