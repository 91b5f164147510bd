"""What was promised for a case, and how it went: terms of contracts that moved, promises with their deadlines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String


class LedgerEntry(Keyed, Record):
    """One movement of terms, once: keyed by case, life-cycle event and ordinal."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("case_id", "event", "ordinal"), Index("ix_ledger_entitlement", "entitlement_id"))
    entitlement_id: Mapped[UUID] = mapped_column(ForeignKey("entitlement.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    event: Mapped[str] = mapped_column(String(20))
    ordinal: Mapped[int]
    origin: Mapped[str | None] = mapped_column(String(63))
    """The channel line that moved along, if the entitlement lists the origin."""
    terms: Mapped[Decimal]
    at: Mapped[datetime]
    remaining: Mapped[Decimal | None]
    """What was left of all terms after it."""
    line_remaining: Mapped[Decimal | None]
    """What was left of the channel's terms after it, if that moved along."""
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    """Who did what moved it; None: the house, as where a mail opened the case."""
    cause: Mapped[str | None] = mapped_column(String(40))
    """The command or the arrival that moved it."""


class KpiRow(Keyed, Record):
    """One promise on a case. A case has at most one open instance of each KPI."""

    __tablename__ = "kpi_instance"
    __table_args__ = (
        Index("ix_kpi_case", "case_id"),
        Index(
            "uq_kpi_open",
            "case_id",
            "kpi",
            unique=True,
            sqlite_where=text("status IN ('in-progress', 'nearing-noncompliance', 'paused')"),
            postgresql_where=text("status IN ('in-progress', 'nearing-noncompliance', 'paused')"),
        ),
        Index("ix_kpi_warning", "status", "warning_at"),
        Index("ix_kpi_failure", "status", "failure_at"),
        Index(
            "ix_kpi_escalates",
            "escalates_at",
            sqlite_where=text("escalates_at IS NOT NULL"),
            postgresql_where=text("escalates_at IS NOT NULL"),
        ),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    kpi: Mapped[str] = mapped_column(String(63))
    status: Mapped[str] = mapped_column(String(30))
    body: Mapped[dict[str, Any]]
    """The whole instance as its message model has it."""
    warning_at: Mapped[datetime | None]
    failure_at: Mapped[datetime | None]
    escalates_at: Mapped[datetime | None]
    """When the next step of its escalation is due; None while that stands still."""
    escalating: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether steps of its escalation are still to come."""


class KpiAction(Keyed, Record):
    """An action of an SLA item that ran; its key is (instance, event, position), so it runs once."""

    __tablename__ = "kpi_action"
    __table_args__ = (UniqueConstraint("key"),)
    key: Mapped[str] = mapped_column(String(120))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    action: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
