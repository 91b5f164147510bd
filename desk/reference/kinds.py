"""The plain kinds: agents, teams, queues, accounts, contacts, products, subjects and mailboxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from desk.reference.bodies import as_stored
from desk.reference.customers import Accounts, Contacts
from desk.reference.mailboxes import Mailboxes
from desk.reference.people import Agents, Queues, Teams
from desk.reference.products import PRODUCTS
from desk.reference.records import Edit, Kind
from desk.reference.references import slugs_of
from desk.reference.uses import check_not_named
from models.messages.reference import (
    SubjectBody,
)
from models.records.reference import (
    Subject,
)


class Subjects(Kind[SubjectBody]):
    name = "subject"
    body = SubjectBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Subject]) -> list[SubjectBody]:
        parents = await slugs_of(session, "subject", [row.parent_id for row in rows])
        return [as_stored(SubjectBody, slug=row.slug, name=row.name, parent=parents[row.parent_id]) for row in rows]

    async def check_unused(self, edit: Edit, row: Subject) -> None:
        await check_not_named(edit.session, "subject", row.slug, edit.leaving)

    async def columns(self, edit: Edit, body: SubjectBody) -> dict[str, Any]:
        parent = await edit.names.require("subject", body.parent, "parent")
        return {"slug": body.slug, "name": body.name, "parent_id": parent}

    async def check(self, edit: Edit, body: SubjectBody, row: Subject | None) -> None:
        await self.check_parent(edit, body.slug, body.parent, row)


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
