"""What forms offer to choose from: records that are in use, by slug and name, as far as the caller may know of them."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.visibility import sight_of
from models.messages.reference import CASE_ROLES
from models.records.cases import Case
from models.records.reference import Account, Agent, Contact, Entitlement, Product, Queue, Subject, Team
from storage.definitions import DefinitionKind, Definitions

MOST_CHOICES = 500
"""Of one list: a form with more would not be used, and weigh too much."""

Choices = tuple[tuple[str, str], ...]
"""Slug and name."""


class ContractChoice(NamedTuple):
    """Contracts of one customer may have the same name: their days tell them apart."""

    slug: str
    name: str
    start: date
    end: date


async def agents(session: AsyncSession) -> Choices:
    """Those who work cases."""
    rows = await session.execute(
        select(Agent.slug, Agent.name, Agent.roles).where(Agent.active).order_by(Agent.name, Agent.slug)
    )
    return tuple((row.slug, row.name) for row in rows if set(row.roles) & set(CASE_ROLES))[:MOST_CHOICES]


async def teams(session: AsyncSession) -> Choices:
    return await _active(session, Team)


async def queues(session: AsyncSession, identity: Identity) -> Choices:
    sight = await sight_of(session, identity)
    rows = await session.scalars(select(Queue).where(Queue.active).order_by(Queue.name, Queue.slug).limit(MOST_CHOICES))
    return tuple((row.slug, row.name) for row in rows if sight.queue(row))


async def products(session: AsyncSession) -> Choices:
    return await _active(session, Product)


async def subjects(session: AsyncSession) -> Choices:
    return await _active(session, Subject)


async def contacts_of(session: AsyncSession, case: Case) -> Choices:
    """The people of the case's account, and whoever it is about now."""
    own = Contact.id == case.contact_id
    theirs = own if case.account_id is None else or_(own, Contact.account_id == case.account_id)
    rows = await session.execute(
        select(Contact.slug, Contact.name)
        .where(theirs, Contact.active, Contact.slug.is_not(None))
        .order_by(Contact.name, Contact.slug)
        .limit(MOST_CHOICES)
    )
    return tuple((row.slug, row.name) for row in rows)


async def customers(session: AsyncSession, most: int) -> Choices | None:
    """Accounts, and contacts that have none; None if there are more than `most`."""
    found: list[tuple[str, str]] = []
    for table, where in ((Account, Account.active), (Contact, Contact.active & Contact.account_id.is_(None))):
        wanted = select(table.slug, table.name).where(where, table.slug.is_not(None)).order_by(table.name, table.slug)
        found += [(row.slug, row.name) for row in await session.execute(wanted.limit(most + 1))]
    return tuple(found) if len(found) <= most else None


async def contracts_of(session: AsyncSession, case: Case) -> tuple[ContractChoice, ...]:
    """The customer's contracts that are in force, and the case's own."""
    theirs = [Entitlement.id == case.entitlement_id]
    if case.account_id is not None:
        theirs.append((Entitlement.account_id == case.account_id) & (Entitlement.status == "active"))
    if case.contact_id is not None:
        theirs.append((Entitlement.contact_id == case.contact_id) & (Entitlement.status == "active"))
    rows = await session.execute(
        select(Entitlement.slug, Entitlement.name, Entitlement.start, Entitlement.end)
        .where(or_(*theirs))
        .order_by(Entitlement.name, Entitlement.slug)
        .limit(MOST_CHOICES)
    )
    return tuple(ContractChoice(*row) for row in rows)


async def slas(session: AsyncSession, definitions: Definitions) -> Choices:
    active: dict[str, Any] = (await definitions.active(session, DefinitionKind.SLA))[DefinitionKind.SLA]
    return tuple(sorted(((slug, each.body.name) for slug, each in active.items()), key=lambda each: each[1]))


async def _active(session: AsyncSession, record: Any) -> Choices:
    rows = await session.execute(
        select(record.slug, record.name).where(record.active).order_by(record.name, record.slug).limit(MOST_CHOICES)
    )
    return tuple((row.slug, row.name) for row in rows)
