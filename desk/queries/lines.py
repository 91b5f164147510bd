"""Cases as lines: the records that many cases name, each loaded once for the whole page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.util import identity_key

from models.messages.api_case_views import CaseLine, ContactView, CustomerView, OwnerView, Ref
from models.records.cases import Case, QueueItem
from models.records.reference import Account, Agent, Contact, Team

R = TypeVar("R", Agent, Team, Account, Contact)


LINE = (
    Case.id,
    Case.number,
    Case.title,
    Case.status,
    Case.status_reason,
    Case.priority,
    Case.origin,
    Case.queue,
    Case.owner_id,
    Case.owner_team_id,
    Case.account_id,
    Case.contact_id,
    Case.sla_state,
    Case.first_response_by,
    Case.resolve_by,
    Case.next_due,
    Case.stage,
    Case.escalated,
    Case.customer_replied_last,
    Case.version,
    Case.created_on,
    Case.modified_on,
)
"""The columns that a line is made of."""


async def lines_at(session: AsyncSession, ids: Sequence[UUID]) -> list[CaseLine]:
    """The cases of these keys, in their order, read without descriptions and custom fields, which lists do not show."""
    if not ids:
        return []
    rows = {row.id: row for row in await session.execute(select(*LINE).where(Case.id.in_(ids)))}
    return await lines_of(session, [rows[id] for id in ids])


async def lines_of(session: AsyncSession, cases: Sequence[Case | Row[*tuple[Any, ...]]]) -> list[CaseLine]:
    """The cases as lists show them, in their order: five statements, however many cases."""
    workers = await _workers(session, [case.id for case in cases])
    agents = await _by_id(session, Agent, [*(case.owner_id for case in cases), *workers.values()])
    teams = await _by_id(session, Team, [case.owner_team_id for case in cases])
    accounts = await _by_id(session, Account, [case.account_id for case in cases])
    contacts = await _by_id(session, Contact, [case.contact_id for case in cases])
    lines = []
    for case in cases:
        worker = agents.get(workers[case.id]) if case.id in workers else None
        account = accounts.get(case.account_id) if case.account_id else None
        contact = contacts.get(case.contact_id) if case.contact_id else None
        lines.append(
            CaseLine(
                id=case.id,
                number=case.number,
                title=case.title,
                status=case.status,
                status_reason=case.status_reason,
                priority=case.priority,
                origin=case.origin,
                queue=case.queue,
                owner=_owner(case, agents, teams),
                worked_by=worker.slug if worker else None,
                customer=CustomerView(
                    account=Ref(slug=account.slug, name=account.name) if account else None,
                    contact=ContactView(id=contact.id, slug=contact.slug, name=contact.name, email=contact.email)
                    if contact
                    else None,
                ),
                sla_state=case.sla_state,
                first_response_by=case.first_response_by,
                resolve_by=case.resolve_by,
                next_due=case.next_due,
                stage=case.stage,
                escalated=case.escalated,
                customer_replied_last=case.customer_replied_last,
                version=case.version,
                created_on=case.created_on,
                modified_on=case.modified_on,
            )
        )
    return lines


def _owner(case: Case | Row[*tuple[Any, ...]], agents: dict[UUID, Agent], teams: dict[UUID, Team]) -> OwnerView | None:
    if case.owner_id is not None and (agent := agents.get(case.owner_id)):
        return OwnerView(kind="agent", slug=agent.slug, name=agent.name)
    if case.owner_team_id is not None and (team := teams.get(case.owner_team_id)):
        return OwnerView(kind="team", slug=team.slug, name=team.name)
    return None


async def _workers(session: AsyncSession, cases: Sequence[UUID]) -> dict[UUID, UUID]:
    if not cases:
        return {}
    rows = await session.execute(
        select(QueueItem.case_id, QueueItem.worked_by).where(
            QueueItem.case_id.in_(cases), QueueItem.live, QueueItem.worked_by.is_not(None)
        )
    )
    return {row.case_id: row.worked_by for row in rows if row.worked_by is not None}


async def _by_id(session: AsyncSession, record: type[R], ids: Sequence[UUID | None]) -> dict[UUID, R]:
    wanted = {each for each in ids if each is not None}
    known = {id: row for id in wanted if (row := _at_hand(session, record, id)) is not None}
    missing = wanted - known.keys()
    if not missing:
        return known
    return known | {row.id: row for row in await session.scalars(select(record).where(record.id.in_(missing)))}


def _at_hand(session: AsyncSession, record: type[R], id: UUID) -> R | None:
    """What this session has loaded already."""
    found: R | None = session.sync_session.identity_map.get(identity_key(record, id))
    return found
