"""A case, and the records that it names, as they stood at some moment: today's rows, with what was changed since taken back."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.changes import Changes
from models.records.base import Record, UtcInstant, table_of
from models.records.cases import Case
from models.records.customers import ContactAddress
from models.records.reference import Account, Agent, Audit, Contact, Entitlement
from models.records.timeline import TimelineEntry

KEPT: Mapping[str, tuple[type[Record], tuple[str, ...]]] = {
    "account": (Account, ("id", "slug", "name", "tier", "language")),
    "contact": (Contact, ("id", "slug", "name", "email", "language", "account_id")),
    "entitlement": (Entitlement, ("id", "slug", "name", "tier")),
}
"""Records that conditions look at, by the kind that the audit knows them by, with the columns that they look at."""

_TYPES = {column.name: column.type for column in table_of(Case).columns}


def rewound(case: Mapping[str, Any], changes: Iterable[Changes | None]) -> Any:
    """The case before these changes, the newest first."""
    values = dict(case)
    for each in changes:
        for name, (old, _) in (each or {}).items():
            if name in values:
                values[name] = _stored(name, old)
    return SimpleNamespace(**values)


async def changes_of(
    session: AsyncSession, cases: set[UUID], asked: frozenset[str]
) -> defaultdict[UUID, list[tuple[UUID, Changes]]]:
    """What was changed of these cases in the columns that are asked for, each with the key of the entry that tells it, the
    newest first."""
    told = cast(TimelineEntry.changes, Text)
    wanted = select(TimelineEntry.case_id, TimelineEntry.id, TimelineEntry.changes)
    # Most of what happens to a case changes nothing that a rule looks at, and need not be read.
    wanted = wanted.where(TimelineEntry.case_id.in_(cases), or_(*(told.contains(f'"{name}"') for name in asked)))
    found: defaultdict[UUID, list[tuple[UUID, Changes]]] = defaultdict(list)
    for case_id, id, changes in await session.execute(wanted.order_by(TimelineEntry.id.desc())):
        found[case_id].append((id, changes))
    return found


async def noted(session: AsyncSession, cases: set[UUID]) -> set[UUID]:
    """Those of them whose changes are noted at all."""
    wanted = select(TimelineEntry.case_id).where(TimelineEntry.case_id.in_(cases), TimelineEntry.changes.is_not(None))
    return set(await session.scalars(wanted.distinct()))


def _stored(name: str, told: Any) -> Any:
    """A value of the audit, as the column has it."""
    if told is None:
        return None
    kind = _TYPES[name]
    return (
        UUID(told) if isinstance(kind, Uuid) else datetime.fromisoformat(told) if isinstance(kind, UtcInstant) else told
    )


def _former(changes: Changes) -> tuple[str, ...]:
    """The addresses that a contact had before this change, of those that it changed."""
    email, further = changes.get("email"), changes.get("addresses")
    return (*(email[:1] if email else ()), *((further[0] or ()) if further else ()))


class RecordsThen:
    """Accounts, contacts and entitlements as they were; an agent by their slug, which never changes."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, UUID], Mapping[str, Any]] = {}
        self._asked: set[tuple[str, UUID]] = set()
        self._since: dict[tuple[str, str], tuple[list[datetime], list[Changes]]] = {}
        self._agents: dict[UUID, Any] = {}

    async def begin(self, session: AsyncSession, since: datetime) -> None:
        """Read what was changed of them since the period's beginning."""
        told: defaultdict[tuple[str, str], list[tuple[datetime, Changes]]] = defaultdict(list)
        wanted = select(Audit.kind, Audit.object_id, Audit.at, Audit.changes)
        wanted = wanted.where(Audit.kind.in_(KEPT), Audit.at >= since).order_by(Audit.at, Audit.id)
        for kind, key, at, changes in await session.execute(wanted):
            told[kind, key].append((at, changes))
        self._since = {key: ([at for at, _ in each], [changes for _, changes in each]) for key, each in told.items()}
        agents = await session.execute(select(Agent.id, Agent.slug))
        self._agents = {row.id: SimpleNamespace(slug=row.slug) for row in agents}

    async def load(self, session: AsyncSession, cases: Sequence[Any]) -> None:
        """Read the records that these cases name."""
        for kind, (record, columns) in KEPT.items():
            named = {getattr(case, f"{kind}_id") for case in cases} - {None}
            missing = [id for id in named if (kind, id) not in self._asked]
            self._asked |= {(kind, id) for id in missing}
            if missing:
                table = table_of(record).c
                rows = await session.execute(select(*(table[name] for name in columns)).where(table.id.in_(missing)))
                self._rows |= {(kind, row["id"]): dict(row) for row in rows.mappings()}

    async def load_all(
        self, session: AsyncSession, cases: Iterable[Mapping[str, Any]], told: Mapping[UUID, Any]
    ) -> None:
        """Read the records that these cases name, and those that they named before."""
        named = []
        for case in cases:
            today = {f"{kind}_id": case[f"{kind}_id"] for kind in KEPT}
            named.append(SimpleNamespace(**today))
            named += [rewound(today, [each.changes]) for each in told.get(case["id"], ())]
        await self.load(session, named)

    def named(self, case: Any, kind: str, at: datetime) -> Any:
        """The record of this kind that a case names, as it was at that instant."""
        id = getattr(case, f"{kind}_id")
        row = self._rows.get((kind, id)) if id else None
        if row is None:
            return None
        values = dict(row)
        instants, changes = self._since.get((kind, row["slug"] or str(id)), ([], []))
        for each in reversed(changes[bisect_right(instants, at) :]):
            values |= {name: pair[0] for name, pair in each.items() if name in values}
        return SimpleNamespace(**values)

    async def senders(self, session: AsyncSession, addresses: Iterable[str]) -> dict[str, list[UUID]]:
        """The contacts that have, or had since, each of these addresses; their records and those of their accounts are read."""
        wanted = set(addresses)
        renamed = {
            key
            for (kind, key), (_, changes) in self._since.items()
            if kind == "contact" and any(not wanted.isdisjoint(_former(each)) for each in changes)
        }
        table = table_of(Contact).c
        # One that has no slug is known to the audit by its key.
        keys = [UUID(key) for key in renamed if len(key) == len(str(UUID(int=0))) and key.count("-") == 4]
        today = select(ContactAddress.contact_id).where(ContactAddress.address.in_(wanted))
        rows = await session.execute(
            select(table.id, table.account_id, table.email, table.slug).where(
                or_(table.id.in_(today), table.slug.in_(renamed), table.id.in_(keys))
            )
        )
        theirs = {row.id: row for row in rows}
        listed: defaultdict[UUID, list[str]] = defaultdict(list)
        for id, address in await session.execute(
            select(ContactAddress.contact_id, ContactAddress.address).where(ContactAddress.contact_id.in_(theirs))
        ):
            listed[id].append(address)
        await self.load(
            session,
            [
                SimpleNamespace(contact_id=id, account_id=row.account_id, entitlement_id=None)
                for id, row in theirs.items()
            ],
        )
        found: defaultdict[str, list[UUID]] = defaultdict(list)
        for id, row in theirs.items():
            further = [address for address in listed[id] if address != row.email]
            self._rows["contact", id] = {**self._rows["contact", id], "addresses": further}
            told = self._since.get(("contact", row.slug or str(id)), ([], []))[1]
            for address in {row.email, *further, *(former for each in told for former in _former(each))} & wanted:
                found[address].append(id)
        return found

    def sender(self, contacts: Iterable[UUID], address: str, at: datetime) -> tuple[Any, Any]:
        """Of these contacts the one that had the address at that instant, and their account."""
        for id in contacts:
            contact = self.named(SimpleNamespace(contact_id=id), "contact", at)
            if contact is not None and address in (contact.email, *contact.addresses):
                return contact, self.named(contact, "account", at)
        return None, None

    def owner(self, case: Any) -> Any:
        return self._agents.get(case.owner_id)
