"""What somebody needs to see of a customer before they open a case for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.identity import Identity
from desk.queries.choices import MOST_CHOICES, Choices, contacts_of
from desk.queries.similar import duplicates_of
from desk.reference.references import Names
from models.messages.api_similar import SimilarCase
from models.messages.said import said
from models.messages.terms import Terms
from models.records.base import new_id
from models.records.cases import Case
from models.records.reference import Account, Contact, Entitlement
from storage.definitions import Definitions


@dataclass(frozen=True, slots=True)
class ContractLeft:
    slug: str
    name: str
    remaining: Terms
    total: Terms
    restricted: bool
    default: bool
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a case is opened for: an account, a contact of one, or a contact alone. `key` names them to the desk."""

    key: str
    name: str
    account_id: UUID | None
    contact_id: UUID | None
    contracts: tuple[ContractLeft, ...]


async def caller(session: AsyncSession, key: str) -> Caller:
    """By slug or id. `Invalid` if there is no such customer, or none that is in use."""
    names = Names(session)
    account_id, contact_id = await names.find("account", key), None
    if account_id is None:
        contact_id = await names.find("contact", key)
        if contact_id is None:
            raise Invalid("customer", said("there is no active account or contact {key!r}", key=key))
        contact = await session.get_one(Contact, contact_id)
        account_id, name = contact.account_id, contact.name
    else:
        name = (await session.get_one(Account, account_id)).name
    return Caller(key, name, account_id, contact_id, await _contracts(session, account_id, contact_id))


async def people_of(session: AsyncSession, who: Caller) -> Choices:
    """Who can be the person of the case."""
    return await contacts_of(session, Case(account_id=who.account_id, contact_id=who.contact_id))


async def duplicates_for(
    session: AsyncSession, definitions: Definitions, identity: Identity, who: Caller, title: str, now: datetime
) -> list[SimilarCase]:
    """Cases of this customer that may be the same matter as one with this title."""
    draft = Case(
        id=new_id(), title=title, description=None, account_id=who.account_id, contact_id=who.contact_id, created_on=now
    )
    return await duplicates_of(session, definitions, identity, draft)


async def _contracts(
    session: AsyncSession, account_id: UUID | None, contact_id: UUID | None
) -> tuple[ContractLeft, ...]:
    """Those that are in force, the default one first."""
    theirs = [
        *((Entitlement.account_id == account_id,) if account_id else ()),
        *((Entitlement.contact_id == contact_id,) if contact_id else ()),
    ]
    rows = await session.scalars(
        select(Entitlement)
        .where(or_(*theirs), Entitlement.status == "active")
        .order_by(Entitlement.is_default.desc(), Entitlement.name, Entitlement.id)
        .limit(MOST_CHOICES)
    )
    return tuple(
        ContractLeft(
            *(row.slug, row.name, row.remaining_terms, row.total_terms, row.restricted, row.is_default),
            start=row.start,
            end=row.end,
        )
        for row in rows
    )
