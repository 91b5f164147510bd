"""The cases of an agent's queues by view: what stands behind the figures of `my_queues` (domain 2)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.lines import lines_at
from desk.queries.my_queues import is_theirs, is_worked_by, pausing_reasons, views
from desk.queries.visibility import sight_of
from models.messages.api_case_views import CasePage
from models.messages.cases import CaseStatus
from models.messages.said import said
from models.records.cases import Case, QueueItem
from models.records.reference import Queue
from storage.definitions import Definitions
from storage.sqlite import aside

ORDER = "next_due"


class QueueView(StrEnum):
    """Which cases of the agent's queues: all, or those that a figure of `GET /me/queues` counts."""

    ALL = "all"
    MINE = "mine"
    AVAILABLE = "available"
    DUE_WITHIN_THE_HOUR = "due-within-the-hour"
    BREACHED = "breached"
    WAITING_ON_CUSTOMER = "waiting-on-customer"


async def my_cases(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    view: QueueView,
    now: datetime,
    *,
    queue: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> CasePage:
    """The earliest deadline first, those without one last. `queue`: of that one alone, which must be among theirs.

    `Invalid` names a queue that is not theirs, or a cursor of another list.
    """
    me = identity.agent_id
    mine = select(Queue.id, Queue.slug).where(Queue.active, or_(is_theirs(me), is_worked_by(me)))
    queues = {row.slug: row.id for row in await session.execute(mine)}
    if queue is not None and queue not in queues:
        raise Invalid("queue", said("{queue!r} is none of your queues; GET /me/queues lists them", queue=queue))
    wanted = (
        select(Case.id, Case.next_due)
        .join(QueueItem, QueueItem.case_id == Case.id)
        .where(
            QueueItem.queue_id.in_([queues[queue]] if queue is not None else queues.values()),
            QueueItem.live,
            Case.status == CaseStatus.ACTIVE,
            # Whoever left a private queue still sees the case of it that they work on, and no other.
            (await sight_of(session, identity)).cases(),
        )
    )
    if view is not QueueView.ALL:
        wanted = wanted.where(views(me, await pausing_reasons(session, definitions), now)[view.replace("-", "_")])
    if cursor is not None:
        due, id = cursors.decode(cursor, ORDER, datetime)
        beyond = and_(Case.next_due == due, Case.id > id)
        wanted = wanted.where(
            or_(Case.next_due > due, beyond, Case.next_due.is_(None))
            if due is not None
            else and_(Case.next_due.is_(None), Case.id > id)
        )
    with aside():
        found = (
            await session.execute(wanted.order_by(Case.next_due.asc().nulls_last(), Case.id).limit(limit + 1))
        ).all()
    page = found[:limit]
    following = cursors.encode(ORDER, page[-1].next_due, page[-1].id) if len(found) > limit else None
    return CasePage(items=tuple(await lines_at(session, [row.id for row in page])), next=following)
