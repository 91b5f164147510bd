"""How many definitions of each kind are in force, and how many drafts wait to be."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.reference import DefinitionRecord


async def counts_of_definitions(session: AsyncSession) -> dict[str, dict[str, int]]:
    """By kind and state: `{"sla": {"active": 3, "draft": 1, "inactive": 7}}`. A version counts for itself."""
    kind, status = DefinitionRecord.kind, DefinitionRecord.status
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for name, state, count in await session.execute(select(kind, status, func.count()).group_by(kind, status)):
        found[name][state] = count
    return dict(found)
