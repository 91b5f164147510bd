"""The plain kinds: agents, teams, queues, accounts, contacts, products, subjects and mailboxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.reference.bodies import as_stored
from desk.reference.mailboxes import Mailboxes, check_not_ours
from desk.reference.people import Agents, Queues, Teams
from desk.reference.products import PRODUCTS
from desk.reference.records import Edit, Kind
from desk.reference.references import slugs_of
from desk.reference.uses import check_not_named
from models.messages.reference import (
    AccountBody,
    ContactBody,
    SubjectBody,
)
from models.records.reference import (
    Account,
    Contact,
    Subject,
)


class Accounts(Kind[AccountBody]):
    name = "account"
    body = AccountBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Account]) -> list[AccountBody]:
        return [
            as_stored(AccountBody, slug=row.slug, name=row.name, tier=row.tier, language=row.language) for row in rows
        ]

    async def columns(self, edit: Edit, body: AccountBody) -> dict[str, Any]:
        return body.model_dump()


class Contacts(Kind[ContactBody]):
    name = "contact"
    unique = ("slug", "email")
    body = ContactBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Contact]) -> list[ContactBody]:
        accounts = await slugs_of(session, "account", [row.account_id for row in rows])
        return [
            as_stored(
                ContactBody,
                slug=row.slug,
                name=row.name,
                email=row.email,
                account=accounts[row.account_id],
                language=row.language,
            )
            for row in rows
        ]

    async def check(self, edit: Edit, body: ContactBody, row: Contact | None) -> None:
        if row is None or row.email != body.email:
            await check_not_ours(edit.session, body.email)

    async def columns(self, edit: Edit, body: ContactBody) -> dict[str, Any]:
        account = await edit.names.require("account", body.account, "account")
        return {**body.model_dump(exclude={"account"}), "account_id": account}


class Subjects(Kind[SubjectBody]):
    name = "subject"
    body = SubjectBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Subject]) -> list[SubjectBody]:
        parents = await slugs_of(session, "subject", [row.parent_id for row in rows])
        return [as_stored(SubjectBody, slug=row.slug, name=row.name, parent=parents[row.parent_id]) for row in rows]

    async def check_unused(self, edit: Edit, row: Subject) -> None:
        await check_not_named(edit.session, "subject", row.slug)

    async def columns(self, edit: Edit, body: SubjectBody) -> dict[str, Any]:
        parent = await edit.names.require("subject", body.parent, "parent")
        return {"slug": body.slug, "name": body.name, "parent_id": parent}

    async def check(self, edit: Edit, body: SubjectBody, row: Subject | None) -> None:
        above = await edit.names.find("subject", body.parent) if body.parent else None
        while above is not None and row is not None:
            if above == row.id:
                raise Invalid("parent", f"{body.parent!r} lies below {body.slug!r} itself")
            above = await edit.session.scalar(select(Subject.parent_id).where(Subject.id == above))


AGENTS = Agents()
TEAMS = Teams()
QUEUES = Queues()
ACCOUNTS = Accounts()
CONTACTS = Contacts()
SUBJECTS = Subjects()
MAILBOXES = Mailboxes()

__all__ = [
    "ACCOUNTS",
    "AGENTS",
    "CONTACTS",
    "MAILBOXES",
    "PRODUCTS",
    "QUEUES",
    "SUBJECTS",
    "TEAMS",
]
