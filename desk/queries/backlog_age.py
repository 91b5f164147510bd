"""How old the cases are that are open now (domain 10: backlog by age)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries import cursors
from desk.queries.lines import lines_at
from desk.queries.named import queue_named
from desk.queries.visibility import sight_of
from models.messages.api_case_views import CasePage
from models.messages.cases import CaseStatus
from models.records.cases import Case
from storage.sqlite import aside

BOUNDS = (0, 1, 3, 7, 14, 30, 90)
"""Days: the ages at which a group begins; the last one has no end."""


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """Cases that are open for `since` days or longer, and less than `until`; None: without end."""

    since: int
    until: int | None
    cases: int = 0


GROUPS = tuple(AgeGroup(since, until) for since, until in zip(BOUNDS, (*BOUNDS[1:], None), strict=True))
ORDER = "aged"


async def backlog_by_age(
    session: AsyncSession, identity: Identity, now: datetime, queue: str | None = None
) -> tuple[AgeGroup, ...]:
    """All groups, also the empty ones, the youngest first; `queue`: by slug, of that queue alone."""
    where = await _open(session, identity, queue)
    which = case(*((_aged(now, each.since, each.until), place) for place, each in enumerate(GROUPS)), else_=-1)
    with aside():
        rows = await session.execute(select(which.label("place"), func.count()).where(*where).group_by("place"))
    found = {row[0]: row[1] for row in rows}
    return tuple(replace(each, cases=found.get(place, 0)) for place, each in enumerate(GROUPS))


async def cases_of_age(
    session: AsyncSession,
    identity: Identity,
    now: datetime,
    group: AgeGroup,
    queue: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> CasePage:
    """The cases of a group, the oldest first. `Invalid` for a cursor that is none of this list's."""
    where = [*await _open(session, identity, queue), _aged(now, group.since, group.until)]
    if cursor is not None:
        where.append(tuple_(Case.created_on, Case.id) > tuple_(*cursors.decode(cursor, ORDER, datetime)))
    wanted = select(Case.id, Case.created_on).where(*where).order_by(Case.created_on, Case.id).limit(limit + 1)
    rows = (await session.execute(wanted)).all()
    following = cursors.encode(ORDER, rows[limit - 1].created_on, rows[limit - 1].id) if len(rows) > limit else None
    return CasePage(items=tuple(await lines_at(session, [row.id for row in rows[:limit]])), next=following)


async def _open(session: AsyncSession, identity: Identity, queue: str | None) -> list[ColumnElement[bool]]:
    sight = await sight_of(session, identity)
    where = [Case.status.in_((CaseStatus.OPENING.value, CaseStatus.ACTIVE.value)), sight.cases()]
    if queue is not None:
        where.append(Case.queue == (await queue_named(session, identity, queue)).slug)
    return where


def _aged(now: datetime, since: int, until: int | None) -> ColumnElement[bool]:
    """By the clock. The youngest group has no beginning: clocks may disagree by a moment."""
    opened: list[ColumnElement[bool]] = []
    if since:
        opened.append(Case.created_on <= now - timedelta(days=since))
    if until is not None:
        opened.append(Case.created_on > now - timedelta(days=until))
    return and_(*opened)
