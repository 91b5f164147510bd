"""Accounts and contacts: who the customers are, and how each is reached (domain 9.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import Changes
from desk.errors import Conflict, Invalid
from desk.reference.bodies import as_stored
from desk.reference.mailboxes import check_not_ours
from desk.reference.phones import phone_faults
from desk.reference.records import AnyKind, Edit, Kind
from desk.reference.references import slugs_of
from desk.reference.uses import check_not_named
from models.messages.cases import OPEN_STATUSES
from models.messages.reference import AccountBody, ContactBody
from models.messages.said import said, word
from models.messages.storable import path_text
from models.records.cases import Case
from models.records.customers import ContactAddress, CustomerPhone
from models.records.reference import Account, Contact
from policies.phone_numbers import normal_number
from storage.definitions import Definitions
from storage.fulltext.entries import keep, of_contact

OWNERS: dict[Any, Any] = {Account: CustomerPhone.account_id, Contact: CustomerPhone.contact_id}
"""By table the column of the table of numbers that names its rows."""


class Accounts(Kind[AccountBody]):
    name = "account"
    body = AccountBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Account]) -> list[AccountBody]:
        parents = await slugs_of(session, "account", [row.parent_id for row in rows])
        phones = await phones_of(session, CustomerPhone.account_id, rows)
        return [
            as_stored(
                AccountBody,
                slug=row.slug,
                name=row.name,
                tier=row.tier,
                language=row.language,
                time_zone=row.time_zone,
                parent=parents[row.parent_id],
                phones=phones.get(row.id, ()),
            )
            for row in rows
        ]

    async def facts(self, session: AsyncSession, rows: Sequence[Account]) -> list[Mapping[str, Any]]:
        return await _merged_into(session, self.name, rows)

    async def replace(self, edit: Edit, row: Account, old: AccountBody, new: AccountBody) -> Changes:
        with edit.names.keeping("account", old.parent, row.parent_id if new.parent == old.parent else None):
            return await super().replace(edit, row, old, new)

    async def columns(self, edit: Edit, body: AccountBody) -> dict[str, Any]:
        parent = await edit.names.require("account", body.parent, "parent")
        return {**body.model_dump(exclude={"parent", "phones"}), "parent_id": parent}

    async def check(self, edit: Edit, body: AccountBody, row: Account | None) -> None:
        if row is not None:
            check_not_merged(self.name, row)
        await self.check_parent(edit, body.slug, body.parent, row)
        if row is None:
            await _check_other_kind(edit, Contact, body.slug)
        await _check_phones(edit, CustomerPhone.account_id, row, body.phones)

    async def check_unused(self, edit: Edit, row: Account) -> None:
        await _check_served(edit, self.name, row, Case.account_id)

    async def check_active(self, edit: Edit, row: Account) -> None:
        check_not_merged(self.name, row)

    async def relate(self, edit: Edit, row: Account, body: AccountBody) -> None:
        await _keep_phones(edit, CustomerPhone.account_id, row.id, body.phones)


class Contacts(Kind[ContactBody]):
    name = "contact"
    body = ContactBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Contact]) -> list[ContactBody]:
        accounts = await slugs_of(session, "account", [row.account_id for row in rows])
        phones = await phones_of(session, CustomerPhone.contact_id, rows)
        addresses = await further_addresses(session, [row.id for row in rows])
        return [
            as_stored(
                ContactBody,
                slug=row.slug,
                name=row.name,
                email=row.email,
                addresses=tuple(addresses.get(row.id, ())),
                phones=phones.get(row.id, ()),
                account=accounts[row.account_id],
                language=row.language,
            )
            for row in rows
        ]

    async def facts(self, session: AsyncSession, rows: Sequence[Contact]) -> list[Mapping[str, Any]]:
        return await _merged_into(session, self.name, rows)

    async def check(self, edit: Edit, body: ContactBody, row: Contact | None) -> None:
        if row is not None:
            check_not_merged(self.name, row)
        if body.slug is not None and (row is None or row.slug is None):
            await _check_other_kind(edit, Account, body.slug)
        mine = await edit.session.execute(
            select(ContactAddress.address, ContactAddress.contact_id).where(
                ContactAddress.address.in_([body.email, *body.addresses])
            )
        )
        owners = {each.address: each.contact_id for each in mine}
        for field, address in _addresses(body):
            owner = owners.get(address)
            if owner is None:
                await check_not_ours(edit.session, address, field)
            elif row is None or owner != row.id:
                raise Conflict(
                    "already-exists", said("another contact has {address!r} already", address=address), field=field
                )
        await _check_phones(edit, CustomerPhone.contact_id, row, body.phones)

    async def check_unused(self, edit: Edit, row: Contact) -> None:
        await _check_served(edit, self.name, row, Case.contact_id)

    async def check_active(self, edit: Edit, row: Contact) -> None:
        check_not_merged(self.name, row)

    async def replace(self, edit: Edit, row: Contact, old: ContactBody, new: ContactBody) -> Changes:
        with edit.names.keeping("account", old.account, row.account_id if new.account == old.account else None):
            return await super().replace(edit, row, old, new)

    async def columns(self, edit: Edit, body: ContactBody) -> dict[str, Any]:
        account = await edit.names.require("account", body.account, "account")
        return {**body.model_dump(exclude={"account", "addresses", "phones"}), "account_id": account}

    async def relate(self, edit: Edit, row: Contact, body: ContactBody) -> None:
        wanted = [body.email, *body.addresses]
        await edit.session.execute(
            delete(ContactAddress).where(ContactAddress.contact_id == row.id, ContactAddress.address.not_in(wanted))
        )
        present = {
            each.address: each
            for each in await edit.session.scalars(select(ContactAddress).where(ContactAddress.contact_id == row.id))
        }
        for position, address in enumerate(wanted):
            if address in present:
                present[address].position = position
            else:
                edit.session.add(ContactAddress(address=address, contact_id=row.id, position=position))
        await _keep_phones(edit, CustomerPhone.contact_id, row.id, body.phones)
        keep(edit.session, of_contact(row.id, row.name, " ".join((*wanted, *body.phones))))


async def _check_other_kind(edit: Edit, table: Any, slug: str) -> None:
    """Accounts and contacts share their slugs: `customer` of a case or an activity names either by it."""
    if await edit.session.scalar(select(table.id).where(table.slug == slug)) is not None:
        other = "an account" if table is Account else "a contact"
        raise Conflict(
            "already-exists",
            said("{other} has {slug!r} already, and a case's customer is named by it", other=other, slug=slug),
            field="slug",
        )


def _addresses(body: ContactBody) -> list[tuple[str, str]]:
    """Each with the field that holds it."""
    return [("email", body.email), *((f"addresses[{n}]", address) for n, address in enumerate(body.addresses))]


async def further_addresses(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The addresses of contacts beside their primary ones, in the contact's order."""
    rows = await session.execute(
        select(ContactAddress.contact_id, ContactAddress.address)
        .where(ContactAddress.contact_id.in_(ids), ContactAddress.position > 0)
        .order_by(ContactAddress.position)
    )
    found: dict[UUID, list[str]] = {}
    for id, address in rows:
        found.setdefault(id, []).append(address)
    return found


async def _merged_into(session: AsyncSession, kind: str, rows: Sequence[Any]) -> list[Mapping[str, Any]]:
    survivors = await slugs_of(session, kind, [row.merged_into_id for row in rows])
    return [{"merged_into": survivors[row.merged_into_id]} for row in rows]


async def _check_served(edit: Edit, kind: str, row: Account | Contact, customer: Any) -> None:
    """`Conflict` while cases of this customer are open, or contracts promise them something. `customer`: the cases' column."""
    opened = select(Case.number).where(customer == row.id, Case.status.in_(OPEN_STATUSES)).order_by(Case.number)
    number = await edit.session.scalar(opened.limit(1))
    if number is not None:
        raise Conflict(
            "in-use",
            said(
                "the {kind} {it} still has open cases, such as {number}",
                kind=word(kind),
                it=row.slug or row.id,
                number=number,
            ),
        )
    await check_not_named(edit.session, kind, row.slug or str(row.id), edit.leaving)


def check_not_merged(kind: str, row: Any) -> None:
    if row.merged_into_id is not None:
        raise Conflict(
            "merged",
            said(
                "the {kind} {it} has gone up in another one, and stays as it is", kind=word(kind), it=row.slug or row.id
            ),
        )


# ---- numbers ---------------------------------------------------------------------------------------------------------


async def phones_of(session: AsyncSession, owner: Any, rows: Sequence[Any]) -> dict[UUID, tuple[str, ...]]:
    """The numbers of each row as they were written. `owner`: the column of the table of numbers that names it."""
    found: dict[UUID, tuple[str, ...]] = {}
    wanted = select(owner, CustomerPhone.number).where(owner.in_([row.id for row in rows]))
    for id, number in await session.execute(wanted.order_by(CustomerPhone.position)):
        found[id] = (*found.get(id, ()), number)
    return found


async def numbers_from_abroad(session: AsyncSession, kind: AnyKind, rows: Sequence[Any]) -> dict[UUID, tuple[str, ...]]:
    """The numbers of customers, as anybody would understand them: one that was written as at home, in a country that is no
    longer the organisation's, in the one form of all countries. Only customers who have such a number."""
    if kind.table not in OWNERS:
        return {}
    owner, country = OWNERS[kind.table], (await Definitions().organisation(session)).country
    found: dict[UUID, tuple[str, ...]] = {}
    changed: set[UUID] = set()
    wanted = select(owner, CustomerPhone.number, CustomerPhone.normal).where(owner.in_([row.id for row in rows]))
    for id, number, normal in await session.execute(wanted.order_by(CustomerPhone.position)):
        understood = normal_number(number, country) == normal or normal_number(normal, None) is None
        found[id] = (*found.get(id, ()), number if understood else normal)
        if not understood:
            changed.add(id)
    return {id: numbers for id, numbers in found.items() if id in changed}


async def _country(edit: Edit) -> str | None:
    return (edit.settings or await Definitions().organisation(edit.session)).country


async def _check_phones(edit: Edit, owner: Any, row: Account | Contact | None, phones: Sequence[str]) -> None:
    stored = await _stored(edit, owner, row.id) if row is not None and phones else {}
    for path, rule in phone_faults(phones, await _country(edit) if phones else None, stored):
        raise Invalid(path_text(path), rule, path=path)


async def _stored(edit: Edit, owner: Any, id: UUID) -> dict[str, str]:
    found = select(CustomerPhone.number, CustomerPhone.normal).where(owner == id)
    return {row.number: row.normal for row in await edit.session.execute(found)}


async def _keep_phones(edit: Edit, owner: Any, id: UUID, phones: Sequence[str]) -> None:
    stored = await _stored(edit, owner, id)
    await edit.session.execute(delete(CustomerPhone).where(owner == id))
    country = await _country(edit) if phones else None
    for position, number in enumerate(phones):
        normal = stored.get(number) or normal_number(number, country) or number
        edit.session.add(CustomerPhone(**{owner.key: id}, position=position, number=number, normal=normal))
