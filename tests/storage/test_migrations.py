"""The migrations make the tables that the records describe, on both databases, and can be taken back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from models.records import Record
from servers.postgres import PostgresServer
from storage.engines import Database
from storage.migrate import config, upgrade_async
from tests.support.databases import sqlite_address


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    return sqlite_address(tmp_path / "empty.db")


@pytest.fixture
async def empty_postgres(postgres: PostgresServer) -> str:
    return await postgres.create_database("migrated_here")


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> str:
    """The address of a database without a table."""
    address: str = request.getfixturevalue(f"empty_{request.param}")
    return address


async def _tables(url: str) -> set[str]:
    database = Database(url)
    try:
        async with database.read() as session:
            connection = await session.connection()
            return set(await connection.run_sync(lambda here: sa.inspect(here).get_table_names()))
    finally:
        await database.close()


async def test_they_make_what_the_records_describe_and_take_it_back(empty: str) -> None:
    await upgrade_async(empty)
    # Raises where a table, a column, its type, an index or a constraint differs from its class.
    await asyncio.to_thread(command.check, config(empty))
    assert set(Record.metadata.tables) <= await _tables(empty)
    await asyncio.to_thread(command.downgrade, config(empty), "base")
    assert not set(Record.metadata.tables) & await _tables(empty)
