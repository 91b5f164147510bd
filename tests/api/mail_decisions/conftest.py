"""One desk on each database for all tests of a file: what they ask is about one mail each."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from servers.postgres import PostgresServer
from storage.engines import Database
from tests.api.conftest import make_world
from tests.api.mail_decisions.room import Room
from tests.support.databases import sqlite_address


@pytest.fixture(scope="module")
async def on_sqlite(
    sqlite_template: Path, temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Room]:
    folder = tmp_path_factory.mktemp("decisions")
    with closing(sqlite3.connect(sqlite_template)) as source, closing(sqlite3.connect(folder / "a.db")) as target:
        source.backup(target)
    async with begun(sqlite_address(folder / "a.db"), temporal, folder) as room:
        yield room


@pytest.fixture(scope="module")
async def on_postgres(
    postgres: PostgresServer,
    postgres_template: str,
    temporal: WorkflowEnvironment,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Room]:
    url = await postgres.create_database("decisions", template=postgres_template)
    async with begun(url, temporal, tmp_path_factory.mktemp("decisions")) as room:
        yield room
    await postgres.drop_database("decisions")


@asynccontextmanager
async def begun(url: str, temporal: WorkflowEnvironment, folder: Path) -> AsyncIterator[Room]:
    database = Database(url)
    try:
        room = Room(await make_world(database, temporal.client, folder))
        await room.begin()
        yield room
    finally:
        await database.close()


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def room(request: pytest.FixtureRequest) -> Room:
    """One desk for all tests of an engine."""
    found: Room = request.getfixturevalue(request.param)
    found.house.quarantine.ask = found.ask
    return found
