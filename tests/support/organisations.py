"""More of an organisation for a desk under test: another file, or a few lines, applied to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from desk.organisation import apply, load
from models.records.promises import LedgerEntry
from models.records.reference import Account, Agent, Contact, Entitlement, EntitlementChannel, Queue
from storage.definitions import DefinitionKind
from tests.support.applied import ROOT
from tests.support.desks import Desk


class _InFull(yaml.SafeDumper):
    """What is named twice is written twice: files take no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


async def add(desk: Desk, source: str | dict[str, Any]) -> None:
    """Apply an organisation file below the project's root, or the lists given here."""
    name, text = ("lines", yaml.dump(source, Dumper=_InFull)) if isinstance(source, dict) else (source, read(source))
    await apply(desk.house.database, load(text, name), "test", datetime.now(UTC), keyring=desk.house.keyring)


def read(name: str) -> str:
    return Path(ROOT / name).read_text()


async def settings(desk: Desk, **changes: Any) -> None:
    """Other settings of the organisation, the rest as they are."""
    async with desk.house.database.read() as session:
        now = await desk.house.definitions.organisation(session)
    await add(desk, {"organisation": {**now.model_dump(mode="json", exclude={"slug"}, exclude_none=True), **changes}})


async def rule(desk: Desk, **changes: Any) -> None:
    """Another record creation rule of the inbox, the rest as it is."""
    kind = DefinitionKind.RECORD_CREATION_RULE
    async with desk.house.database.read() as session:
        found = (await desk.house.definitions.active(session, kind))[kind]["mail-to-support"]
    await add(desk, {"record_creation_rules": [{**found.body.model_dump(mode="json", exclude_none=True), **changes}]})


async def customer(desk: Desk, slug: str) -> dict[str, Any]:
    """The fields of a new case of this account's first contact."""
    async with desk.house.database.read() as session:
        account = (await session.scalars(select(Account).where(Account.slug == slug))).one()
        contact = (await session.scalars(select(Contact).where(Contact.account_id == account.id))).first()
    return {"account_id": account.id, "contact_id": contact.id if contact else None}


async def queue(desk: Desk, slug: str) -> Queue:
    async with desk.house.database.read() as session:
        return (await session.scalars(select(Queue).where(Queue.slug == slug))).one()


async def load_of(desk: Desk, agent: str) -> int:
    """Cases that the agent works on."""
    async with desk.house.database.read() as session:
        return (await session.scalars(select(Agent.load).where(Agent.slug == agent))).one()


async def balance(desk: Desk, slug: str) -> tuple[float, dict[str, float]]:
    """What remains of an entitlement, and of each of its channels; the ledger adds up to it (design)."""
    async with desk.house.database.read() as session:
        row = (await session.scalars(select(Entitlement).where(Entitlement.slug == slug))).one()
        moved = list(await session.scalars(select(LedgerEntry).where(LedgerEntry.entitlement_id == row.id)))
        channels = list(
            await session.scalars(select(EntitlementChannel).where(EntitlementChannel.entitlement_id == row.id))
        )
    assert row.remaining_terms == row.total_terms + sum(entry.terms for entry in moved)
    for channel in channels:
        mine = sum(entry.terms for entry in moved if entry.origin == channel.origin)
        assert channel.remaining_terms == channel.total_terms + mine
    return float(row.remaining_terms), {channel.origin: float(channel.remaining_terms) for channel in channels}
