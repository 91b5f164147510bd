"""A file that lists customers who have gone up in others since: told as a change made elsewhere, with what to write instead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from desk.organisation import ChangedElsewhere, OrganisationErrors, load, put_in_force
from desk.organisation.applied import Elsewhere
from models.records.reference import Account, Contact
from storage.engines import Database

NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
ACCOUNTS = "accounts:\n- {slug: birke, name: Birke}\n- {slug: birke-graz, name: Birke Graz}\n"
CONTACTS = "contacts:\n- {slug: anna, name: Anna, email: anna@birke.example, account: birke-graz}\n"


async def applied(database: Database, text: str, **how: bool) -> None:
    await put_in_force(database, load(text, "mine.yaml"), "organisation file", NOW, **how)  # type: ignore[arg-type]


async def refused(database: Database, text: str) -> list[Elsewhere]:
    with pytest.raises(ChangedElsewhere) as told:
        await applied(database, text)
    return list(told.value.changes)


async def test_a_merged_customer_is_a_change_made_elsewhere(database: Database) -> None:
    await applied(database, ACCOUNTS + CONTACTS)
    async with database.write() as session:
        rows = {row.slug: row for row in await session.scalars(select(Account))}
        into, gone = rows["birke"], rows["birke-graz"]
        gone.merged_into_id, gone.active = into.id, False
        (await session.scalars(select(Contact))).one().account_id = into.id

    for text, line in ((ACCOUNTS + CONTACTS, 3), (CONTACTS, 2)):
        (change,) = await refused(database, text)
        assert (change.kind, change.slug, change.line, change.fields) == (
            "account",
            "birke-graz",
            line,
            ("merged_into",),
        )
        assert change.differences == (
            "it is birke now, for good: take its entry out of the file, and name birke in its place",
        )
    # Nobody can bring it back: asked to overwrite that, or to look alone, it is a fault of the file.
    for how in ({"overwrite": True}, {"dry": True}):
        with pytest.raises(OrganisationErrors, match="the account birke-graz has gone up in another one"):
            await applied(database, ACCOUNTS + CONTACTS, **how)
    mended = "accounts:\n- {slug: birke, name: Birke}\n" + CONTACTS.replace("birke-graz", "birke")
    await applied(database, mended)
