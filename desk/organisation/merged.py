"""Customers of a file who have gone up in others since: no file brings them back, and none stops the house for it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from desk.organisation.applied import Elsewhere, kept
from desk.organisation.file import OrganisationFile
from desk.organisation.states import Key
from desk.reference.references import references
from models.messages.said import said
from models.records.reference import Account, Contact

TABLES: tuple[type[Account] | type[Contact], ...] = (Account, Contact)


async def merged_elsewhere(session: AsyncSession, file: OrganisationFile) -> list[Elsewhere]:
    """Those whom the file lists or names, each where it does so first (domain 9.2)."""
    lines: dict[Key, int] = {}
    for entry in file.entries:
        lines.setdefault((entry.kind, entry.slug), file.document.line(entry.path))
    for entry in file.entries:
        for named in references(entry.body):
            lines.setdefault((named.kind, named.slug), file.document.line((*entry.path, *named.path)))
    found: list[Elsewhere] = []
    for table in TABLES:
        kind, survivor = table.__tablename__, aliased(table)
        asked = [slug for named, slug in lines if named == kind]
        rows = await session.execute(
            select(table.slug, survivor.slug, survivor.id)
            .join(survivor, survivor.id == table.merged_into_id)
            .where(table.slug.in_(asked))
        )
        for slug, into, id in rows:
            way = said(
                "it is {into} now, for good: take its entry out of the file, and name {into} in its place",
                into=into or id,
            )
            found.append(Elsewhere(kind, slug or "", lines[kind, slug or ""], ("merged_into",), way=way))
    known = await kept(session, [(each.kind, each.slug) for each in found])
    return [
        replace(each, since=before.applied_on) if (before := known.get((each.kind, each.slug))) is not None else each
        for each in found
    ]
