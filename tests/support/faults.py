"""Damage to a desk's database that a person could have done, and its repair."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from tests.support.desks import Desk


@asynccontextmanager
async def missing(desk: Desk, table: str) -> AsyncIterator[None]:
    """The table is away for the length of the block: every statement on it fails, as after a botched migration."""
    await _rename(desk, table, f"{table}_away")
    try:
        yield
    finally:
        await _rename(desk, f"{table}_away", table)


async def _rename(desk: Desk, old: str, new: str) -> None:
    async with desk.house.database.write() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def failing(desk: Desk, number: str) -> dict[str, int]:
    """Activities under way that have failed, by type, with how often: what the Temporal UI shows."""
    description = await desk.handle(number).describe()
    return {
        each.activity_type.name: each.attempt - 1
        for each in description.raw_description.pending_activities
        if each.HasField("last_failure")
    }
