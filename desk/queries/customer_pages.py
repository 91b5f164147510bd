"""A customer's page: who they are, their people, their cases by the reader's sight, their contracts (domain 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import NotFound
from desk.identity import Identity
from desk.queries.cases import CaseFilter, list_cases
from desk.queries.duplicates import duplicates_of_account, duplicates_of_contact
from desk.reference.kinds import ACCOUNTS, CONTACTS
from desk.reference.records import Item
from models.messages.api_case_views import CasePage
from models.messages.cases import CaseStatus
from models.messages.customers import CustomerKind, Duplicate
from models.messages.entitlements import Allocation, EntitlementStatus
from models.records.reference import Account, Contact, Entitlement
from storage.definitions import Definitions
from storage.sqlite import aside

MOST_PEOPLE, MOST_OPEN, MOST_CLOSED = 50, 20, 10
MOST_CHOICES = 20


@dataclass(frozen=True, slots=True)
class Person:
    """`key`: what addresses name a contact by: the slug, or else the id."""

    key: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Named:
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ContractLine:
    slug: str
    name: str
    status: EntitlementStatus
    start: date
    end: date
    total: Decimal
    remaining: Decimal
    allocation: Allocation
    sla: str | None
    default: bool


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """`item`: the record as its form has it; `above`: the account that it belongs to; `below`: accounts that belong to it."""

    kind: CustomerKind
    key: str
    name: str
    item: Item[Any]
    above: Named | None
    below: tuple[Named, ...]
    people: tuple[Person, ...]
    further_people: bool
    contracts: tuple[ContractLine, ...]
    open: CasePage
    closed: CasePage
    duplicates: tuple[Duplicate, ...]


async def customer_page(session: AsyncSession, definitions: Definitions, identity: Identity, key: str) -> CustomerPage:
    """An account or a contact by slug or id. Raises NotFound."""
    kind, row = await _row(session, key)
    of_account = kind is CustomerKind.ACCOUNT
    item = (await (ACCOUNTS if of_account else CONTACTS).items(session, [row]))[0]
    above = await session.get(Account, row.parent_id if of_account else row.account_id) if _above(row) else None
    people = await _people(session, row.id) if of_account else []

    async def cases(*statuses: CaseStatus, sort: str, most: int) -> CasePage:
        wanted = CaseFilter(customer=str(row.id), status=statuses)
        return await list_cases(session, definitions, identity, wanted, sort=sort, limit=most)

    closed = (CaseStatus.RESOLVED, CaseStatus.CANCELLED)
    alike = await (duplicates_of_account(session, row) if of_account else duplicates_of_contact(session, row))
    return CustomerPage(
        kind=kind,
        key=row.slug or str(row.id),
        name=row.name,
        item=item,
        above=None if above is None else Named(above.slug, above.name),
        below=tuple(await _below(session, row.id)) if of_account else (),
        people=tuple(people[:MOST_PEOPLE]),
        further_people=len(people) > MOST_PEOPLE,
        contracts=tuple(await _contracts(session, kind, row)),
        open=await cases(CaseStatus.ACTIVE, CaseStatus.OPENING, sort="next_due", most=MOST_OPEN),
        closed=await cases(*closed, sort="modified", most=MOST_CLOSED),
        duplicates=tuple(alike),
    )


async def account_choices(session: AsyncSession, typed: str) -> list[Named]:
    """Accounts whose name or slug begins with what was typed."""
    begins = typed.strip().lower()
    if not begins:
        return []
    wanted = select(Account.slug, Account.name).where(
        Account.active,
        Account.merged_into_id.is_(None),
        or_(
            func.lower(Account.name).startswith(begins, autoescape=True),
            Account.slug.startswith(begins, autoescape=True),
        ),
    )
    with aside():
        rows = await session.execute(wanted.order_by(Account.name, Account.id).limit(MOST_CHOICES))
    return [Named(row.slug, row.name) for row in rows]


async def _row(session: AsyncSession, key: str) -> tuple[CustomerKind, Any]:
    try:
        return CustomerKind.ACCOUNT, await ACCOUNTS.row(session, key)
    except NotFound:
        try:
            return CustomerKind.CONTACT, await CONTACTS.row(session, key)
        except NotFound:
            raise NotFound("customer", key) from None


def _above(row: Any) -> UUID | None:
    found: UUID | None = row.parent_id if isinstance(row, Account) else row.account_id
    return found


async def _people(session: AsyncSession, account: UUID) -> list[Person]:
    wanted = (
        select(Contact)
        .where(Contact.account_id == account, Contact.merged_into_id.is_(None))
        .order_by(Contact.name, Contact.id)
        .limit(MOST_PEOPLE + 1)
    )
    return [Person(row.slug or str(row.id), row.name, row.email) for row in await session.scalars(wanted)]


async def _below(session: AsyncSession, account: UUID) -> list[Named]:
    wanted = (
        select(Account)
        .where(Account.parent_id == account, Account.merged_into_id.is_(None))
        .order_by(Account.name, Account.id)
        .limit(MOST_PEOPLE)
    )
    return [Named(row.slug, row.name) for row in await session.scalars(wanted)]


async def _contracts(session: AsyncSession, kind: CustomerKind, row: Any) -> Sequence[ContractLine]:
    """Their own, and of a contact those of the account; those in force first, then the latest."""
    owners = [Entitlement.account_id == row.id if kind is CustomerKind.ACCOUNT else Entitlement.contact_id == row.id]
    if kind is CustomerKind.CONTACT and row.account_id is not None:
        owners.append(Entitlement.account_id == row.account_id)
    wanted = select(Entitlement).where(or_(*owners)).order_by(Entitlement.end.desc(), Entitlement.id).limit(MOST_PEOPLE)
    found = [
        ContractLine(
            slug=each.slug,
            name=each.name,
            status=EntitlementStatus(each.status),
            start=each.start,
            end=each.end,
            total=each.total_terms,
            remaining=each.remaining_terms,
            allocation=Allocation(each.allocation),
            sla=each.sla,
            default=each.is_default,
        )
        for each in await session.scalars(wanted)
        if kind is CustomerKind.ACCOUNT or _covers(each, row)
    ]
    return sorted(found, key=lambda each: each.status is not EntitlementStatus.ACTIVE)


def _covers(contract: Entitlement, contact: Contact) -> bool:
    """A contract that lists contacts is theirs alone."""
    named = {contact.slug, str(contact.id)}
    return contract.contact_id == contact.id or not contract.contacts or bool(named.intersection(contract.contacts))
