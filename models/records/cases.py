"""A case's rows: after the opener's insert, written by that case's workflow alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from models.messages.case_fields import CASE_FIELDS
from models.records.base import Keyed, Record, String
from models.records.columns import add_columns


class CaseNumber(Record):
    """The sequence behind case numbers: one row for each number. Gaps are allowed."""

    __tablename__ = "case_number"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)


LIST_ORDERS = {
    "due": ("next_due", "id"),
    "created": ("created_on", "id"),
    "modified": ("modified_on", "id"),
    "number": ("number",),
    "priority": ("priority", "id"),
}
"""What lists of cases are sorted by, and by the key where that leaves a choice: the last columns of an index each."""


LISTED_BY = {
    "owner": "owner_id",
    "team": "owner_team_id",
    "account": "account_id",
    "contact": "contact_id",
    "priority": "priority",
    "sla": "sla_state",
    "reason": "status_reason",
}
"""What lists are filtered by, beside status and queue: the first column of an index each."""


UNOWNED = "owner_id IS NULL AND owner_team_id IS NULL"


UNCOUNTED = "counted_version <> version"


ACTIVE = "service_case.status = 'active'"


BOARD = "ix_service_case_board"
"""The index of active cases that has all that boards count."""


LIVE = "queue_item.live"


AVAILABLE = "queue_item.live AND queue_item.worked_by IS NULL"
"""Of queue items: somebody may pick the case. Said in these words, because SQLite takes a partial index for no parameter."""


def _list_indexes() -> Iterator[Index]:
    """An index for every order by itself, behind a status, and behind a queue and a status; and for every other filter
    one by deadline. Status is second because it has four values: who asks for all of them walks four ranges."""
    for order, columns in LIST_ORDERS.items():
        if order != "number":  # it is unique, and has its index by that
            yield Index(f"ix_service_case_{order}", *columns)
        yield Index(f"ix_service_case_status_{order}", "status", *columns)
        yield Index(f"ix_service_case_queue_{order}", "queue", "status", *columns)
    for name, column in LISTED_BY.items():
        yield Index(f"ix_service_case_{name}_due", column, "status", *LIST_ORDERS["due"])
    for name in ("parent_id", "merged_into"):
        given = text(f"{name} IS NOT NULL")
        yield Index(f"ix_service_case_{name}", name, sqlite_where=given, postgresql_where=given)
    where = text(UNCOUNTED)
    yield Index("ix_service_case_uncounted", "id", sqlite_where=where, postgresql_where=where)
    where = text("status = 'active'")
    # All that boards count, so that no row is read for it.
    board = ("queue", "owner_id", "owner_team_id", "sla_state", "status_reason", "next_due", "created_on")
    yield Index(BOARD, *board, sqlite_where=where, postgresql_where=where)
    where = text(UNOWNED)
    yield Index(
        "ix_service_case_unowned_due", "status", *LIST_ORDERS["due"], sqlite_where=where, postgresql_where=where
    )


class Case(Keyed, Record):
    __tablename__ = "service_case"
    __table_args__ = tuple(_list_indexes())
    number: Mapped[str] = mapped_column(
        # Compared sign by sign, as SQLite does, whatever the language of the database.
        String(30).with_variant(String(30, collation="C"), "postgresql"),
        unique=True,
    )
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str | None]
    origin: Mapped[str] = mapped_column(String(63))
    status: Mapped[str] = mapped_column(String(10))
    status_reason: Mapped[str] = mapped_column(String(63))
    priority: Mapped[str] = mapped_column(String(63), default="normal")
    severity: Mapped[str | None] = mapped_column(String(63))
    case_type: Mapped[str | None] = mapped_column(String(63))
    subject: Mapped[str | None] = mapped_column(String(63))
    product: Mapped[str | None] = mapped_column(String(63))
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    skills: Mapped[dict[str, Any] | None]
    """What whoever gets it from a queue must hold, each at that level or higher."""
    route: Mapped[bool] = mapped_column(default=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    owner_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    queue: Mapped[str | None] = mapped_column(String(63))
    """Slug of the queue of the live queue item, repeated here for lists."""
    entitlement_id: Mapped[UUID | None] = mapped_column(ForeignKey("entitlement.id"), index=True)
    entitlement_note: Mapped[str | None] = mapped_column(String(63))
    """Why there is none: `entitlement-exhausted`, or set when resolving took it below zero."""
    decrement: Mapped[bool] = mapped_column(default=True)
    sla: Mapped[str | None] = mapped_column(String(63))
    sla_version: Mapped[int | None]
    sla_source: Mapped[str | None] = mapped_column(String(20))
    """manual, automation, entitlement or default (domain 4.6)."""
    automatic_sla: Mapped[str | None] = mapped_column(String(63))
    """What a rule, a process or a promise has chosen last; it applies while nothing stronger does."""
    apply_sla: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether anything but an agent's hand gives it an SLA: an import may want none."""
    sla_state: Mapped[str] = mapped_column(String(30), default="none")
    first_response_sent: Mapped[bool] = mapped_column(default=False)
    first_response_by: Mapped[datetime | None]
    resolve_by: Mapped[datetime | None]
    next_due: Mapped[datetime | None]
    escalated: Mapped[bool] = mapped_column(default=False)
    escalated_on: Mapped[datetime | None]
    stage: Mapped[str | None] = mapped_column(String(63))
    opening_rule: Mapped[str | None] = mapped_column(String(63))
    """The record creation rule that opened it, for its auto-reply and entitlement gate."""
    opening_mail_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=0)
    counted_version: Mapped[int] = mapped_column(default=-1, server_default=text("-1"))
    """The version that the key figures know, written by housekeeping alone."""
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))
    linked_case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))
    """The case that a stranger's or a late mail spoke of: related, not joined."""
    merged_into: Mapped[str | None] = mapped_column(String(30))
    created_on: Mapped[datetime]
    modified_on: Mapped[datetime]
    resolved_on: Mapped[datetime | None]
    reactivated_on: Mapped[datetime | None]
    last_resolved_on: Mapped[datetime | None]
    """Stays when the case is reactivated."""
    answered_on: Mapped[datetime | None]
    """When the customer was answered last, by whatever counts as an answer."""
    last_on_hold: Mapped[datetime | None]
    follow_up_by: Mapped[datetime | None]
    customer_replied_last: Mapped[bool] = mapped_column(default=False)
    open_incidents: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many of its incidents are open."""
    life: Mapped[int] = mapped_column(default=0)
    """Ordinal of the current life: one more with each reactivation; part of ledger keys."""


# A row of the table of case fields is a column as well; those that the code names stand above.


add_columns(Case, (field for field in CASE_FIELDS if field.stored))


class CaseResolution(Keyed, Record):
    """One row for each time that the case was resolved. Reopening the case keeps it."""

    __tablename__ = "case_resolution"
    __table_args__ = (UniqueConstraint("case_id", "life"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    life: Mapped[int]
    resolution_type: Mapped[str] = mapped_column(String(63))
    resolution: Mapped[str]
    total_minutes: Mapped[int]
    billable_minutes: Mapped[int]
    resolved_on: Mapped[datetime]
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))


class QueueItem(Keyed, Record):
    """A case's place in a queue. A unique partial index allows one live item for each case (domain 2)."""

    __tablename__ = "queue_item"
    __table_args__ = (
        Index(
            "uq_queue_item_live", "case_id", unique=True, sqlite_where=text("live = 1"), postgresql_where=text("live")
        ),
        Index("ix_queue_item_queue", "queue_id", "live", "entered_on"),
        Index("ix_queue_item_case", "case_id", "queue_id"),
        Index(
            "ix_queue_item_worked", "queue_id", "worked_by", sqlite_where=text("live"), postgresql_where=text("live")
        ),
        Index(
            "ix_queue_item_available",
            "case_id",
            sqlite_where=text("live AND worked_by IS NULL"),
            postgresql_where=text("live AND worked_by IS NULL"),
        ),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    worked_by: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    live: Mapped[bool] = mapped_column(default=True)
    entered_on: Mapped[datetime]
    picked_on: Mapped[datetime | None]
    left_on: Mapped[datetime | None]
    released_by: Mapped[UUID | None]
    """Who worked on it last, and gave it back: the queue does not assign it to them again."""
    overflowed_from: Mapped[UUID | None]
    """The queue that overflowed into this one with it: a case goes on so only once."""
