"""All rows of a database, to be compared with those of another moment, some thousand times in a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from functools import cache

from sqlalchemy.ext.asyncio import AsyncSession

from models.records.base import Record

Rows = dict[str, Counter[Hashable]]
"""By table, as the driver gives them."""


async def all_rows(session: AsyncSession) -> Rows:
    """Asked of the driver itself: SQLAlchemy's work for a statement is a multiple of what reading a few rows takes."""
    driver = (await (await session.connection()).get_raw_connection()).driver_connection
    assert driver is not None
    if session.get_bind().dialect.name == "sqlite":
        return {table: Counter(await driver.execute_fetchall(statement)) for table, statement in _statements().items()}
    found: Rows = {table: Counter() for table in _statements()}
    for table, row in await driver.fetch(_one_statement()):
        found[table][row] += 1
    return found


@cache
def _statements() -> dict[str, str]:
    return {table.name: f"SELECT * FROM {table.name}" for table in Record.metadata.sorted_tables}  # noqa: S608 - our own tables


@cache
def _one_statement() -> str:
    return " UNION ALL ".join(f"SELECT '{table}', {table}::text FROM {table}" for table in _statements())  # noqa: S608
