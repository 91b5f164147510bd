"""An organisation file, applied once in a run and then copied into each database that wants it.

Applying the tests' organisation takes a fifth of a second of processor time, more than most tests themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from bootstrap import keyring
from desk.organisation import apply, load
from settings import Settings
from storage.engines import Database

ROOT = Path(__file__).parents[2]
KEYS = "keys"


@dataclass(frozen=True)
class Applied:
    """What an organisation's database holds: a SQLite file's pages, or the rows of PostgreSQL's tables that have any."""

    keys: str
    """The keyring that the mailboxes' passwords are encrypted with."""
    pages: bytes = b""
    tables: Mapping[str, bytes] | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)
    """The last value of each of PostgreSQL's sequences that has given one."""


_KEPT: dict[tuple[str, str], Applied] = {}


async def in_force(settings: Settings, organisation: str) -> None:
    """Have the organisation of this file, named from the project's root, in an empty, migrated database.

    The data folder gets the keyring that belongs to it; where it has one, as a desk that opens again does, the file is
    applied once more.
    """
    url = make_url(settings.database)
    kind = url.get_backend_name()
    path = settings.data / KEYS
    if path.exists():
        await _apply(settings, organisation)
        return
    kept = _KEPT.get((kind, organisation))
    if kept is None:
        await _apply(settings, organisation)
        keys = path.read_text()
        if kind == "sqlite":
            _KEPT[kind, organisation] = Applied(keys, pages=_pages(str(url.database)))
        else:
            tables, numbers = await _rows(settings.database)
            _KEPT[kind, organisation] = Applied(keys, tables=tables, numbers=numbers)
        return
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(kept.keys)
    path.chmod(0o600)
    if kept.tables is None:
        _restore(str(url.database), kept.pages)
    else:
        await _fill(settings.database, kept.tables, kept.numbers)


async def _apply(settings: Settings, organisation: str) -> None:
    database = Database(settings.database)
    try:
        await apply(
            database,
            load((ROOT / organisation).read_text(), organisation),
            actor="test",
            now=datetime.now(UTC),
            keyring=keyring(settings),
            secret=lambda source, name: "a mailbox password",
        )
    finally:
        await database.close()


def _pages(file: str) -> bytes:
    with closing(sqlite3.connect(file)) as source:
        pages = source.serialize()
    # The write-ahead log is for files: what is read from memory must say that it has none.
    return pages[:18] + b"\x01\x01" + pages[20:]


def _restore(file: str, pages: bytes) -> None:
    with closing(sqlite3.connect(":memory:")) as source, closing(sqlite3.connect(file)) as target:
        source.deserialize(pages)
        source.backup(target)


async def _rows(url: str) -> tuple[dict[str, bytes], dict[str, int]]:
    connection = await _connect(url)
    try:
        found: dict[str, bytes] = {}
        for (name,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            if name == "alembic_version" or not await connection.fetchval(f'SELECT EXISTS (SELECT FROM "{name}")'):  # noqa: S608 - a name that the database gave
                continue
            rows = BytesIO()
            await connection.copy_from_table(name, output=rows, format="binary")
            found[name] = rows.getvalue()
        given = (
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        )
        return found, dict(await connection.fetch(given))
    finally:
        await connection.close()


async def _fill(url: str, tables: Mapping[str, bytes], numbers: Mapping[str, int]) -> None:
    connection = await _connect(url)
    try:
        async with connection.transaction():
            # Without the checks of foreign keys, so that the order of the tables does not matter.
            await connection.execute("SET LOCAL session_replication_role = replica")
            for name, rows in tables.items():
                await connection.copy_to_table(name, source=BytesIO(rows), format="binary")
            for name, last in numbers.items():
                await connection.execute("SELECT setval($1::regclass, $2)", name, last)
            # What numbers its rows itself goes on behind those that it has got.
            await connection.execute(
                """
                DO $$ DECLARE each record; BEGIN
                    FOR each IN SELECT table_name AS name, column_name AS numbered FROM information_schema.columns
                        WHERE table_schema = 'public' AND is_identity = 'YES' LOOP
                        EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), max(%I)) FROM %I HAVING max(%3$I) > 0',
                            each.name, each.numbered, each.numbered, each.name);
                    END LOOP;
                END $$
                """
            )
    finally:
        await connection.close()


async def _connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace("+asyncpg", ""))
