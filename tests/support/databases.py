"""A fresh, migrated database for each test, on both engines: migrated once, then copied or emptied (a few milliseconds)."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import asyncpg
import pytest

from servers.postgres import PostgresServer

TEMPLATE = "caseloom_template"
MUCH = 2_000_000
"""Bytes by which a database may grow before it is not worth keeping: dead rows change what queries cost."""

T = TypeVar("T")


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[PostgresServer]:
    """One PostgreSQL server for the whole run, started when the first test needs it."""
    # Not pytest's own temporary folder: as root, PostgreSQL runs as another user, who may not enter that.
    folder = Path(tempfile.mkdtemp(prefix="caseloom-postgres-"))
    try:
        async with PostgresServer(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    await _migrate(sqlite_address(file))
    return file


@pytest.fixture(scope="session")
async def postgres_template(postgres: PostgresServer) -> str:
    """The name of a migrated PostgreSQL database, to be copied."""
    await _migrate(await postgres.create_database(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database of this test alone."""
    file = tmp_path / "caseloom.db"
    # SQLite's own copy, because the template's last pages may still be in its write-ahead log.
    with closing(sqlite3.connect(sqlite_template)) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
    return sqlite_address(file)


@pytest.fixture(scope="session")
async def postgres_databases(postgres: PostgresServer, postgres_template: str) -> EmptyDatabases:
    return EmptyDatabases(postgres, postgres_template)


@pytest.fixture
async def postgres_url(postgres_databases: EmptyDatabases) -> AsyncIterator[str]:
    """A migrated, empty PostgreSQL database of this test alone."""
    name = await postgres_databases.take()
    yield postgres_databases.server.url(name)
    await postgres_databases.give_back(name)


class EmptyDatabases:
    """Copies of the template, each for one test at a time: emptying one takes a tenth of making another."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self.server, self.template = server, template
        self._free: list[str] = []
        self._shape: str | None = None

    async def take(self) -> str:
        if self._free:
            return self._free.pop()
        name = f"test_{uuid4().hex}"
        await self.server.create_database(name, template=self.template)
        self._shape = self._shape or await self._with(name, _shape)
        return name

    async def give_back(self, name: str) -> None:
        """Kept if it is as it was once its rows are gone; else it is dropped, as after a test that loads a lot."""
        if await self._with(name, _emptied) and await self._with(name, _shape) == self._shape:
            self._free.append(name)
        else:
            await self.server.drop_database(name)

    async def _with(self, name: str, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        connection = await asyncpg.connect(self.server.url(name).replace("+asyncpg", ""))
        try:
            return await work(connection)
        finally:
            await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of this test alone; the test runs once on each engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def sqlite_address(file: Path) -> str:
    """SQLAlchemy's address of a SQLite file, for the driver aiosqlite."""
    return f"sqlite+aiosqlite:///{file}"


async def _migrate(url: str) -> None:
    from storage.migrate import upgrade

    # In a thread, because it is synchronous and may run an event loop of its own.
    await asyncio.to_thread(upgrade, url)


async def _emptied(connection: asyncpg.Connection) -> bool:
    """Whoever is still connected goes, as do all rows; whether the database has stayed small."""
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()"
    )
    # Without the checks of foreign keys, so that the order of the tables does not matter.
    await connection.execute(
        """
        SET session_replication_role = replica;
        DO $$ DECLARE each record; BEGIN
            FOR each IN SELECT tablename AS name FROM pg_tables
                WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
                EXECUTE format('DELETE FROM %I', each.name);
            END LOOP;
            FOR each IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public' LOOP
                EXECUTE format('ALTER SEQUENCE %I RESTART', each.name);
            END LOOP;
        END $$
        """
    )
    grown: int = await connection.fetchval(
        "SELECT pg_database_size(current_database()) - (SELECT pg_database_size(oid) FROM pg_database WHERE datname = $1)",
        TEMPLATE,
    )
    return grown < MUCH


async def _shape(connection: asyncpg.Connection) -> str:
    """Everything that a statement of data definition changes, in a few figures."""
    found: str = await connection.fetchval(
        """
        SELECT concat_ws(' ',
            (SELECT concat(count(*), '/', sum(relnatts), '/', max(oid)) FROM pg_class WHERE relkind <> 'S'),
            (SELECT concat(count(*), '/', max(oid)) FROM pg_trigger),
            (SELECT concat(count(*), '/', max(oid)) FROM pg_constraint),
            (SELECT concat(count(*), '/', max(oid)) FROM pg_proc),
            (SELECT concat(count(*), '/', sum(atttypmod), '/', sum(attnotnull::int)) FROM pg_attribute WHERE attnum > 0),
            (SELECT count(*) FROM pg_db_role_setting))
        """
    )
    return found
