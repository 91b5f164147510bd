"""What happened to cases, read from their rows: each kind of fact is one statement, and each figure counts one kind.

A statement gives a row for each fact, with `case_id`, `at` (the instant that puts it into a period), and of these what it has:
`began` and `ended` (how long it took), `agent_id`, `queue`, `channel` (its own, else the case's), `detail`, `outcome`, `amount`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    CompoundSelect,
    Executable,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from models.messages.cases import CaseStatus
from models.messages.organisation import EMAIL
from models.messages.slas import KpiStatus
from models.records.base import String
from models.records.cases import Case, CaseResolution, QueueItem
from models.records.mails import EmailMessage
from models.records.promises import KpiRow
from models.records.reference import Queue
from models.records.surveys import SurveyAnswer
from models.records.timeline import Activity, TimelineEntry
from policies.activities import COMPLETED

CASES = bindparam("cases", type_=Uuid(), expanding=True)
"""The keys of the cases that a statement is asked about."""
TASK = "task"
"""The kind of activity that is no contact with anybody: the work after one."""
OPEN, CLOSED = (
    (CaseStatus.OPENING.value, CaseStatus.ACTIVE.value),
    (CaseStatus.RESOLVED.value, CaseStatus.CANCELLED.value),
)


class FactKind(StrEnum):
    OPENED = "opened"
    BALANCE = "balance"
    CONTACT = "contact"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    QUEUED = "queued"
    PROMISED = "promised"
    HANDLED = "handled"
    SURVEYED = "surveyed"


class Waited(StrEnum):
    """How a case's stay in a queue ended."""

    WAITING = "waiting"
    PICKED = "picked"
    TRANSFERRED = "transferred"
    """It was picked, and then moved on to another queue."""
    MOVED = "moved"
    """It moved on to another queue before anybody picked it."""
    ABANDONED = "abandoned"
    """The case was cancelled before anybody picked it."""
    LEFT = "left"
    """It was resolved, merged or taken out of the queue before anybody picked it."""


ESCALATED = "escalated"
FIRST_CONTACT, FURTHER_CONTACT = "first-contact", "further-contact"
REOPENED = "-reopened"
"""Ends the outcome of a resolution that did not last."""

OUTCOMES: dict[FactKind, tuple[str, ...]] = {
    FactKind.OPENED: (ESCALATED,),
    FactKind.RESOLVED: tuple(way + end for way in (FIRST_CONTACT, FURTHER_CONTACT) for end in ("", REOPENED)),
    FactKind.QUEUED: tuple(Waited),
    FactKind.PROMISED: tuple(KpiStatus),
}
"""What can become of facts of these kinds; of the others nothing becomes."""

_last, _queue = aliased(QueueItem), aliased(Queue)
OF_CASES = select(
    Case.id,
    Case.origin.label("channel"),
    Case.account_id,
    Case.priority,
    Case.product,
    Case.stage,
    Case.owner_id.label("agent_id"),
    func.coalesce(
        Case.queue,
        select(_queue.slug)
        .join(_last, _last.queue_id == _queue.id)
        .where(_last.case_id == Case.id)
        .order_by(_last.entered_on.desc(), _last.id.desc())
        .limit(1)
        .scalar_subquery(),
    ).label("queue"),
).where(Case.id.in_(CASES))
"""What every fact of a case is grouped by: as the case is now, and by the queue that it was in last."""


def _changed(entry: Any, field: str, place: int) -> Any:
    """What an entry of the timeline says that a field was before (0) or became (1)."""
    return type_coerce(entry.changes, JSON)[(field, place)]


def _closing(entry: Any) -> ColumnElement[bool]:
    before, after = (_changed(entry, "status", place).as_string() for place in (0, 1))
    return and_(before.in_(OPEN), after.in_(CLOSED))


def _reopening(entry: Any) -> ColumnElement[bool]:
    before, after = (_changed(entry, "status", place).as_string() for place in (0, 1))
    return and_(before.in_(CLOSED), after.in_(OPEN))


# ---- cases: opened, open, closed --------------------------------------------------------------------------------------

_opened = select(
    Case.id.label("case_id"),
    Case.created_on.label("at"),
    case((Case.escalated_on.is_not(None), ESCALATED)).label("outcome"),
).where(Case.id.in_(CASES))

_step, _told = aliased(TimelineEntry), aliased(TimelineEntry)
_balance = union_all(
    select(Case.id.label("case_id"), Case.created_on.label("at"), literal_column("1").label("amount")).where(
        Case.id.in_(CASES)
    ),
    select(_step.case_id, _step.at, case((_closing(_step), -1), else_=1)).where(
        _step.case_id.in_(CASES), or_(_closing(_step), _reopening(_step))
    ),
    # Of a case that was closed before the timeline told of changes, or was brought along from elsewhere.
    select(Case.id, func.coalesce(Case.resolved_on, Case.modified_on), literal_column("-1")).where(
        Case.id.in_(CASES),
        Case.status.in_(CLOSED),
        ~exists().where(_told.case_id == Case.id, or_(_closing(_told), _reopening(_told))),
    ),
)

# ---- contacts ---------------------------------------------------------------------------------------------------------

_mail, _case = aliased(EmailMessage), aliased(Case)
_heard = aliased(TimelineEntry)
_contact: CompoundSelect[Any] = union_all(
    select(
        Case.id.label("case_id"),
        Case.created_on.label("at"),
        Case.origin.label("channel"),
        # The mail that a merged case was opened by is its survivor's now.
    ).where(Case.id.in_(CASES), or_(Case.merged_into.is_(None), Case.opening_mail_id.is_(None))),
    select(_heard.case_id, func.min(_heard.at), literal(EMAIL, String()))
    .join(_mail, (_mail.id == _heard.subject_id) & (_mail.case_id == _heard.case_id))
    .join(_case, _case.id == _heard.case_id)
    .where(
        _heard.case_id.in_(CASES),
        _heard.kind == "mail",
        _mail.direction == "in",
        _mail.automatic.is_(None),
        or_(_case.opening_mail_id.is_(None), _mail.id != _case.opening_mail_id),
    )
    .group_by(_heard.case_id, _mail.id),
    select(Activity.case_id, Activity.created_on, Activity.kind)
    .join(_case, _case.id == Activity.case_id)
    .where(Activity.case_id.in_(CASES), Activity.sender.is_not(None), Activity.created_on > _case.created_on),
)

_handled = select(
    Activity.case_id,
    Activity.closed_on.label("at"),
    Activity.owner_id.label("agent_id"),
    Activity.kind.label("detail"),
    Activity.duration_minutes.label("amount"),
).where(Activity.case_id.in_(CASES), Activity.status == COMPLETED, Activity.closed_on.is_not(None))

# ---- answers and resolutions ------------------------------------------------------------------------------------------

_answer, _later = aliased(TimelineEntry), aliased(TimelineEntry)


def _answers(entry: Any) -> ColumnElement[bool]:
    given: ColumnElement[bool] = _changed(entry, "first_response_sent", 1).as_boolean()
    return given


# One that was taken back was none: the last one stands.
_answered = (
    select(
        Case.id.label("case_id"),
        _answer.at.label("at"),
        Case.created_on.label("began"),
        _answer.at.label("ended"),
        func.coalesce(_answer.actor_id, Case.owner_id).label("agent_id"),
    )
    .join(
        _answer,
        _answer.id
        == select(_later.id)
        .where(_later.case_id == Case.id, _answers(_later))
        .order_by(_later.at.desc(), _later.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery(),
    )
    .where(Case.id.in_(CASES), Case.first_response_sent)
)

_reopened = aliased(TimelineEntry)
_resolved = (
    select(
        CaseResolution.case_id,
        CaseResolution.resolved_on.label("at"),
        Case.created_on.label("began"),
        CaseResolution.resolved_on.label("ended"),
        CaseResolution.agent_id,
        CaseResolution.resolution_type.label("detail"),
        CaseResolution.total_minutes.label("amount"),
        (Case.life > CaseResolution.life).label("reopened"),
        select(func.min(_reopened.at))
        .where(
            _reopened.case_id == CaseResolution.case_id,
            _reopened.at >= CaseResolution.resolved_on,
            _reopening(_reopened),
        )
        .correlate(CaseResolution)
        .scalar_subquery()
        .label("reopened_on"),
    )
    .join(Case, Case.id == CaseResolution.case_id)
    .where(CaseResolution.case_id.in_(CASES))
)

# ---- queues -----------------------------------------------------------------------------------------------------------

_next, _pick, _end = aliased(QueueItem), aliased(TimelineEntry), aliased(TimelineEntry)
_moved_on = exists().where(
    _next.case_id == QueueItem.case_id, _next.id != QueueItem.id, _next.entered_on == QueueItem.left_on
)
_cancelled = exists().where(
    _end.case_id == QueueItem.case_id,
    _end.at == QueueItem.left_on,
    _end.kind != "merged",
    _changed(_end, "status", 1).as_string() == CaseStatus.CANCELLED.value,
)
_first_pick = (
    select(func.min(_pick.at))
    .where(
        _pick.case_id == QueueItem.case_id,
        _pick.kind == "picked",
        _pick.at >= QueueItem.entered_on,
        _pick.at <= QueueItem.picked_on,
    )
    .correlate(QueueItem)
    .scalar_subquery()
)
_queued = (
    select(
        QueueItem.case_id,
        QueueItem.entered_on.label("at"),
        QueueItem.entered_on.label("began"),
        # A case that is given back and picked again keeps only the last time in its row.
        func.coalesce(_first_pick, QueueItem.picked_on, QueueItem.left_on).label("ended"),
        QueueItem.worked_by.label("agent_id"),
        Queue.slug.label("queue"),
        case(
            (QueueItem.picked_on.is_not(None) & _moved_on, Waited.TRANSFERRED.value),
            (QueueItem.picked_on.is_not(None), Waited.PICKED.value),
            (QueueItem.live, Waited.WAITING.value),
            (_moved_on, Waited.MOVED.value),
            (_cancelled, Waited.ABANDONED.value),
            else_=Waited.LEFT.value,
        ).label("outcome"),
    )
    .join(Queue, Queue.id == QueueItem.queue_id)
    .where(QueueItem.case_id.in_(CASES))
)

# ---- promises and surveys ---------------------------------------------------------------------------------------------

_promised = select(
    KpiRow.case_id,
    KpiRow.failure_at.label("at"),
    KpiRow.kpi.label("detail"),
    KpiRow.status.label("outcome"),
).where(KpiRow.case_id.in_(CASES), KpiRow.failure_at.is_not(None))

_surveyed = select(
    SurveyAnswer.case_id,
    SurveyAnswer.answered_on.label("at"),
    SurveyAnswer.kind.label("detail"),
    SurveyAnswer.score.label("amount"),
).where(SurveyAnswer.case_id.in_(CASES))

STATEMENTS: dict[FactKind, Executable] = {
    FactKind.OPENED: _opened,
    FactKind.BALANCE: _balance,
    FactKind.CONTACT: _contact,
    FactKind.ANSWERED: _answered,
    FactKind.RESOLVED: _resolved,
    FactKind.QUEUED: _queued,
    FactKind.PROMISED: _promised,
    FactKind.HANDLED: _handled,
    FactKind.SURVEYED: _surveyed,
}
"""By kind, in the order in which they are counted: what a resolution is depends on the contacts before it."""
