"""A case, and the records that it names, as they stood at some moment: today's rows, with what was changed since taken back."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.changes import Changes
from models.records.base import Record, UtcInstant, table_of
from models.records.cases import Case
from models.records.reference import Account, Agent, Audit, Contact, Entitlement

KEPT: Mapping[str, tuple[type[Record], tuple[str, ...]]] = {
    "account": (Account, ("id", "slug", "name", "tier", "language")),
    "contact": (Contact, ("id", "slug", "name", "email", "language")),
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


def _stored(name: str, told: Any) -> Any:
    """A value of the audit, as the column has it."""
    if told is None:
        return None
    kind = _TYPES[name]
    return (
        UUID(told) if isinstance(kind, Uuid) else datetime.fromisoformat(told) if isinstance(kind, UtcInstant) else told
    )


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

    def owner(self, case: Any) -> Any:
        return self._agents.get(case.owner_id)
