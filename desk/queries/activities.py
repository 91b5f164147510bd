"""Activities as people look for them: by sight of their case, and by what their type lets be read (domain 9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid, NotFound
from desk.identity import Identity
from desk.queries.named import agent_named, case_named, queue_named, word_of
from desk.queries.visibility import case_of_activity, sight_of
from models.messages.api_activity_views import ActivityItem, ActivityView, AgentTime, Creation, TimeView
from models.messages.organisation import OrganisationSettings
from models.messages.said import said
from models.records.base import keyed
from models.records.cases import Case
from models.records.reference import Account, Agent, Contact
from models.records.timeline import Activity
from policies.activities import COMPLETED, unreadable

_READ = (
    select(Activity, Case.number, Agent.slug, Account.slug, Contact.slug)
    .outerjoin(Case, Case.id == Activity.case_id)
    .outerjoin(Agent, Agent.id == Activity.owner_id)
    .outerjoin(Account, Account.id == Activity.account_id)
    .outerjoin(Contact, Contact.id == Activity.contact_id)
)


async def _seen(
    session: AsyncSession, identity: Identity, organisation: OrganisationSettings
) -> Select[*tuple[Any, ...]]:
    """Those of cases in sight, and those of no case, of types that this caller may read."""
    sight = await sight_of(session, identity)
    found = _READ.where(or_(sight.free_activities(), Activity.case_id.is_not(None) & sight.cases()))
    hidden = unreadable(organisation.activity_details, identity.roles)
    return found.where(Activity.kind.not_in(hidden)) if hidden else found


async def activities(
    session: AsyncSession,
    identity: Identity,
    organisation: OrganisationSettings,
    *,
    status: str | None,
    kind: str | None,
    owner: str | None,
    case: str | None,
    due_before: datetime | None,
    due_after: datetime | None = None,
    customer: str | None = None,
    queue: str | None = None,
    outcome: str | None = None,
    after: UUID | None,
    limit: int,
) -> list[ActivityItem]:
    """The oldest first; `owner` is a slug, `me` or `none`; `case` a number, or `none` for those that belong to no case."""
    found = await _seen(session, identity, organisation)
    which: list[ColumnElement[bool]] = []
    if status is not None:
        which.append(Activity.status == status)
    if kind is not None:
        word_of(kind, organisation.activity_types, "kind")
        which.append(Activity.kind == kind)
    if owner is not None:
        if owner not in ("me", "none"):
            await agent_named(session, owner, or_else=said("; or 'me', or 'none'"))
        mine = {"none": Activity.owner_id.is_(None), "me": Activity.owner_id == identity.agent_id}
        which.append(mine.get(owner, Agent.slug == owner))
    if case is not None:
        if case != "none":
            await case_named(session, identity, case)
        which.append(Activity.case_id.is_(None) if case == "none" else Case.number == case.upper())
    if due_before is not None:
        which.append(Activity.due < due_before)
    if due_after is not None:
        which.append(Activity.due >= due_after)
    if customer is not None:
        which.append(await _of_customer(session, customer))
    if queue is not None:
        which.append(Activity.queue == (await queue_named(session, identity, queue)).slug)
    if outcome is not None:
        which.append(Activity.creation["outcome"].as_string() == outcome)
    if after is not None:
        which.append(Activity.id > after)
    rows = await session.execute(found.where(*which).order_by(Activity.id).limit(limit))
    return [_item(*row) for row in rows]


async def _of_customer(session: AsyncSession, key: str) -> ColumnElement[bool]:
    """Of an account or a contact, whether they have a case or not. `Invalid` for one that there is not."""
    account = await session.scalar(select(Account.id).where(keyed(Account, key)))
    if account is not None:
        return or_(Activity.account_id == account, Case.account_id == account)
    contact = await session.scalar(select(Contact.id).where(keyed(Contact, key)))
    if contact is None:
        raise Invalid("customer", said("there is no account or contact {key!r}", key=key))
    return or_(Activity.contact_id == contact, Case.contact_id == contact)


async def activity(
    session: AsyncSession, identity: Identity, organisation: OrganisationSettings, id: UUID
) -> ActivityItem:
    """Raises NotFound, also for one that may not be known of."""
    found = (
        await session.execute((await _seen(session, identity, organisation)).where(Activity.id == id))
    ).one_or_none()
    if found is None:
        raise NotFound("activity", id)
    return _item(*found)


async def case_number_of(session: AsyncSession, identity: Identity, id: UUID) -> str | None:
    """The number of its case; None: it belongs to none. `NotFound` for one that may not be known of."""
    try:
        return (await case_of_activity(session, identity, id)).number
    except NotFound:
        sight = await sight_of(session, identity)
        if await session.scalar(select(Activity.id).where(Activity.id == id, sight.free_activities())) is None:
            raise
        return None


async def time_view(session: AsyncSession, case: Case) -> TimeView:
    spent = func.coalesce(func.sum(Activity.duration_minutes), 0)
    rows = await session.execute(
        select(Agent.slug, spent)
        .select_from(Activity)
        .outerjoin(Agent, Agent.id == Activity.owner_id)
        .where(Activity.case_id == case.id, Activity.status == COMPLETED)
        .group_by(Agent.slug)
        .order_by(Agent.slug)
    )
    agents = tuple(AgentTime(agent=slug, minutes=minutes) for slug, minutes in rows)
    return TimeView(minutes=sum(each.minutes for each in agents), agents=agents)


def activity_view(row: Activity, owner: str | None) -> ActivityView:
    return ActivityView(
        id=row.id,
        kind=row.kind,
        status=row.status,
        title=row.title,
        description=row.description,
        due=row.due,
        duration_minutes=row.duration_minutes,
        created_on=row.created_on,
        closed_on=row.closed_on,
        owner=owner,
        reason=row.reason,
        fields=row.fields,
        sender=row.sender,
        sender_name=row.sender_name,
    )


def _item(row: Activity, case: str | None, owner: str | None, account: str | None, contact: str | None) -> ActivityItem:
    return ActivityItem(
        **dict(activity_view(row, owner)),
        case=case,
        account=account,
        contact=contact or (str(row.contact_id) if row.contact_id else None),
        version=row.version,
        queue=row.queue,
        creation=None if row.creation is None else Creation.model_validate(row.creation),
    )
