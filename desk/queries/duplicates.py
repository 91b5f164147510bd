"""Customers who may be there twice (domain 9.2). Nothing is decided here: people merge them, or leave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from letters.addresses import without_detail
from models.messages.customers import (
    CustomerKind,
    Duplicate,
    DuplicateReason,
    Duplicates,
    PossibleDuplicates,
    PossibleDuplicatesPage,
)
from models.messages.said import said
from models.records.customers import ContactAddress, CustomerPhone
from models.records.reference import Account, Contact
from policies.similar_names import are_alike

A_PAGE = 200
"""Customers whose duplicates are looked for at once, for the list of all."""
LOOKED_AT = 2_000
"""Names that one is compared with."""
SAME_BEGINNING = 3
"""Letters that names of accounts must share to be compared at all."""

Reasons = dict[UUID, dict[DuplicateReason, str]]


async def duplicates_of_contact(session: AsyncSession, contact: Contact) -> list[Duplicate]:
    found: Reasons = {}
    await _by_address(session, contact, found)
    await _by_number(session, CustomerPhone.contact_id, contact.id, found)
    if contact.account_id is not None:
        colleagues = select(Contact.id, Contact.name).where(Contact.account_id == contact.account_id)
        await _by_name(session, colleagues.order_by(Contact.id), contact, found)
    return await _shown(session, Contact, contact.id, found)


async def duplicates_of_account(session: AsyncSession, account: Account) -> list[Duplicate]:
    found: Reasons = {}
    await _by_number(session, CustomerPhone.account_id, account.id, found)
    beginning = account.name[:SAME_BEGINNING].lower()
    alike = select(Account.id, Account.name).where(
        func.lower(func.substr(Account.name, 1, len(beginning))) == beginning
    )
    await _by_name(session, alike.order_by(Account.id), account, found)
    return await _shown(session, Account, account.id, found)


async def _by_address(session: AsyncSession, contact: Contact, found: Reasons) -> None:
    mine = set(await session.scalars(select(ContactAddress.address).where(ContactAddress.contact_id == contact.id)))
    for address in sorted(mine):
        plain = without_detail(address)
        local, _, domain = plain.rpartition("@")
        others = await session.execute(
            select(ContactAddress.contact_id, ContactAddress.address).where(
                or_(
                    ContactAddress.address == plain,
                    ContactAddress.address.startswith(f"{local}+", autoescape=True)
                    & ContactAddress.address.endswith(f"@{domain}", autoescape=True),
                )
            )
        )
        for id, other in others:
            if without_detail(other) == plain:
                found.setdefault(id, {})[DuplicateReason.ADDRESS] = other


async def _by_number(session: AsyncSession, owner: Any, id: UUID, found: Reasons) -> None:
    mine = select(CustomerPhone.normal).where(owner == id)
    rows = await session.execute(
        select(owner, CustomerPhone.number).where(CustomerPhone.normal.in_(mine), owner.is_not(None))
    )
    for other, number in rows:
        found.setdefault(other, {})[DuplicateReason.NUMBER] = number


async def _by_name(session: AsyncSession, named: Any, row: Account | Contact, found: Reasons) -> None:
    for id, name in await session.execute(named.limit(LOOKED_AT)):
        if are_alike(name, row.name):
            found.setdefault(id, {})[DuplicateReason.NAME] = name


async def _shown(session: AsyncSession, record: Any, id: UUID, found: Reasons) -> list[Duplicate]:
    found.pop(id, None)
    rows: Sequence[Any] = (
        await session.execute(
            select(record.id, record.slug, record.name).where(record.id.in_(found), record.merged_into_id.is_(None))
        )
    ).all()
    shown = [Duplicate(id=row.id, slug=row.slug, name=row.name, reasons=found[row.id]) for row in rows]
    return sorted(shown, key=lambda each: (-len(each.reasons), each.name, str(each.id)))


def page_of(found: Sequence[Duplicate], after: UUID | None, limit: int) -> Duplicates:
    """The page behind the one that ended with this customer. `Invalid` if they are none of them (any more)."""
    places = [each.id for each in found]
    if after is not None and after not in places:
        raise Invalid("cursor", said("none of this list, which may have changed: begin anew"))
    begin = 0 if after is None else places.index(after) + 1
    page = tuple(found[begin : begin + limit])
    return Duplicates(items=page, next=str(page[-1].id) if begin + limit < len(found) else None)


async def all_duplicates(
    session: AsyncSession, kind: CustomerKind, after: UUID | None, limit: int
) -> PossibleDuplicatesPage:
    """Customers of a kind in the order in which they were made, each with those who came later and may be the same."""
    table: Any = Account if kind is CustomerKind.ACCOUNT else Contact
    wanted = select(table).where(table.merged_into_id.is_(None)).order_by(table.id).limit(A_PAGE + 1)
    rows = list(await session.scalars(wanted if after is None else wanted.where(table.id > after)))
    found: list[PossibleDuplicates] = []
    looked_at = None
    for row in rows[:A_PAGE]:
        if len(found) == limit:
            break
        alike = await (
            duplicates_of_account(session, row) if kind is CustomerKind.ACCOUNT else duplicates_of_contact(session, row)
        )
        later = tuple(each for each in alike if each.id > row.id)
        if later:
            found.append(PossibleDuplicates(kind=kind, id=row.id, slug=row.slug, name=row.name, duplicates=later))
        looked_at = row.id
    is_last = len(rows) <= A_PAGE and looked_at == (rows[-1].id if rows else None)
    return PossibleDuplicatesPage(items=tuple(found), next=None if is_last else str(looked_at))
