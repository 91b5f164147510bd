"""A fresh, migrated database for each test, on both engines: migrated once, then copied (a few milliseconds each)."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from servers.postgres import PostgresServer

TEMPLATE = "caseloom_template"


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


@pytest.fixture
async def postgres_url(postgres: PostgresServer, postgres_template: str) -> AsyncIterator[str]:
    """A migrated, empty PostgreSQL database of this test alone."""
    name = f"test_{uuid4().hex}"
    yield await postgres.create_database(name, template=postgres_template)
    await postgres.drop_database(name)


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
