"""Names of those whom pages name by their slugs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.reference import Agent


async def names_of(session: AsyncSession, slugs: Collection[str]) -> dict[str, str]:
    """The agents' names by slug, in one statement."""
    if not slugs:
        return {}
    rows = await session.execute(select(Agent.slug, Agent.name).where(Agent.slug.in_(slugs)))
    return {row.slug: row.name for row in rows}
