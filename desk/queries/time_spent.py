"""The time that was spent, by agent and case: what their completed activities lasted (domain 1.2, 9)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.named import agent_named, case_named
from desk.queries.visibility import sight_of
from models.messages.base import Message
from models.messages.said import said
from models.records.cases import Case
from models.records.reference import Agent
from models.records.timeline import Activity
from policies.activities import COMPLETED

ORDER = "agent"


class TimeSpent(Message):
    """What one agent spent on one case in the period."""

    agent: str
    case: str
    activities: int
    minutes: int


class TimeSpentPage(Message):
    items: tuple[TimeSpent, ...]
    next: str | None = None


async def time_spent(
    session: AsyncSession,
    identity: Identity,
    since: datetime,
    until: datetime,
    *,
    agent: str | None = None,
    case: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> TimeSpentPage:
    """Of activities that were completed from `since` until before `until`, on cases that the identity may see; by the agents
    who own them, by slug. `Invalid` names a period that is none, an unknown agent or case, a cursor of another list."""
    if since >= until:
        raise Invalid("to", said("after 'from'"))
    if agent is not None:
        await agent_named(session, agent, "agent")
    wanted = (
        select(
            Agent.slug,
            Case.id,
            Case.number,
            func.count().label("activities"),
            func.coalesce(func.sum(Activity.duration_minutes), 0).label("minutes"),
        )
        .select_from(Activity)
        .join(Agent, Agent.id == Activity.owner_id)
        .join(Case, Case.id == Activity.case_id)
        .where(
            Activity.status == COMPLETED,
            Activity.closed_on >= since,
            Activity.closed_on < until,
            (await sight_of(session, identity)).cases(),
        )
        .group_by(Agent.slug, Case.id, Case.number)
        .order_by(Agent.slug, Case.id)
        .limit(limit + 1)
    )
    if agent is not None:
        wanted = wanted.where(Agent.slug == agent)
    if case is not None:
        await case_named(session, identity, case)
        wanted = wanted.where(Case.number == case)
    if cursor is not None:
        slug, id = cursors.decode(cursor, ORDER, str)
        if slug is None:
            raise cursors.wrong()
        wanted = wanted.where(or_(Agent.slug > slug, and_(Agent.slug == slug, Case.id > id)))
    rows = (await session.execute(wanted)).all()
    page = rows[:limit]
    items = [TimeSpent(agent=row.slug, case=row.number, activities=row.activities, minutes=row.minutes) for row in page]
    following = cursors.encode(ORDER, page[-1].slug, page[-1].id) if len(rows) > limit else None
    return TimeSpentPage(items=tuple(items), next=following)
