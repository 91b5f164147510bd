"""A case's rows: after the opener's insert, written by that case's workflow alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, false, text, true
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


class TimelineEntry(Keyed, Record):
    """What happened, in the case's own order. `data` explains: which rule matched, which deadline follows."""

    __tablename__ = "timeline_entry"
    __table_args__ = (UniqueConstraint("case_id", "key"), Index("ix_timeline_case", "case_id", "at"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    key: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    subject_id: Mapped[UUID | None]
    """The activity, message or article that the entry is about."""
    text: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changes: Mapped[dict[str, Any] | None]
    """What it changed of the case: `{field: [old, new]}`, for the audit."""


FREE = "case_id IS NULL AND status = 'open'"
"""Activities that housekeeping reminds of."""


class Activity(Keyed, Record):
    """Phone call, task, appointment, ...; emails are `EmailMessage`, resolutions `CaseResolution`.

    Those of a case are written by its run. One that belongs to no case is written by the desk, until it becomes a case.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_case", "case_id", "status"),
        Index("ix_activity_owner", "owner_id", "status", "due"),
        Index("ix_activity_free", "due", sqlite_where=text(FREE), postgresql_where=text(FREE)),
    )
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_case.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    """Whom one without a case is about."""
    queue: Mapped[str | None] = mapped_column(String(63))
    """Slug of the queue that it arrived in, if it did."""
    sender: Mapped[str | None] = mapped_column(String(300))
    sender_name: Mapped[str | None] = mapped_column(String(200))
    """Who it is from, as it was said when it arrived: an address or a number."""
    creation: Mapped[dict[str, Any] | None]
    """What a record creation rule made of it (domain 6.6): `{rule, item, outcome, reason, why}`."""
    kind: Mapped[str] = mapped_column(String(63))
    status: Mapped[str] = mapped_column(String(10))
    """open, completed or cancelled."""
    reason: Mapped[str | None] = mapped_column(String(63))
    """How it ended, if its type lists reasons."""
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Of its type, by name."""
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str | None]
    duration_minutes: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None]
    reminded_for: Mapped[datetime | None]
    """The `due` of which its owner has been reminded; another one reminds again."""
    created_on: Mapped[datetime]
    closed_on: Mapped[datetime | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))


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


class CaseArticle(Keyed, Record):
    __tablename__ = "case_article"
    __table_args__ = (UniqueConstraint("case_id", "article_id"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id"), index=True)
    linked_on: Mapped[datetime]


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
