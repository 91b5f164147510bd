"""What the key figures are counted from: facts of cases, and the sums of each day.

Nothing here is known here alone: all of it is counted from the rows of the cases, and can be counted anew from them. Written by
`storage/figures`.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Long, Record, String

ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column of plain INTEGER."""


class FigureFact(Record):
    """One thing that happened to a case, with what figures are grouped by: counted anew whenever the case changes."""

    __tablename__ = "figure_fact"
    __table_args__ = (Index("ix_figure_fact_kind", "kind", "day"), Index("ix_figure_fact_case", "case_id"))
    id: Mapped[int] = mapped_column(ROW_NUMBER, primary_key=True, autoincrement=True)
    case_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(10))
    """One of `storage.figures.facts.KINDS`."""
    at: Mapped[datetime]
    day: Mapped[date]
    """Of `at`, in the organisation's time zone."""
    queue: Mapped[str | None] = mapped_column(String(63))
    agent_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(63))
    account_id: Mapped[UUID | None]
    priority: Mapped[str] = mapped_column(String(63))
    product: Mapped[str | None] = mapped_column(String(63))
    stage: Mapped[str | None] = mapped_column(String(63))
    detail: Mapped[str | None] = mapped_column(String(63))
    """The KPI, the kind of activity or survey, the resolution type."""
    outcome: Mapped[str | None] = mapped_column(String(30))
    seconds: Mapped[int | None] = mapped_column(Long)
    """How long it took by the clock."""
    business_seconds: Mapped[int | None] = mapped_column(Long)
    """How long by the calendar that the organisation names for its figures."""
    amount: Mapped[int | None] = mapped_column(Long)
    """Minutes, a score, or one case more or less."""


class FigureDay(Record):
    """A figure of one day: of everything (`by` is empty), or of one queue, agent, ... (`member`)."""

    __tablename__ = "figure_day"
    figure: Mapped[str] = mapped_column(String(40), primary_key=True)
    by: Mapped[str] = mapped_column(String(10), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(String(63), primary_key=True)
    """Empty: of those that have none, or of everything."""
    numerator: Mapped[int] = mapped_column(Long)
    denominator: Mapped[int] = mapped_column(Long)
    median: Mapped[int | None] = mapped_column(Long)
    p90: Mapped[int | None] = mapped_column(Long)


class FigureDue(Record):
    """A day whose facts have changed since it was summed up."""

    __tablename__ = "figure_due"
    day: Mapped[date] = mapped_column(primary_key=True)


class FigureBasis(Record):
    """One row: by which settings the facts were counted. It is locked by whoever counts, so that one does at a time."""

    __tablename__ = "figure_basis"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[str] = mapped_column(String(64))
    """A digest; with other settings everything is counted anew."""
