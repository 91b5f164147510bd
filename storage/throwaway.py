"""An empty database for as long as something is tried, in a folder that goes with it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from models.records import Record
from storage.engines import Database

ENTRIES = "CREATE TABLE search_entry (id INTEGER PRIMARY KEY, kind, object_id UNIQUE, case_id, at, head, body)"
"""Whoever writes a row writes what it is found by as well (`storage.fulltext`); nobody looks for it here."""


@asynccontextmanager
async def throwaway_database() -> AsyncIterator[Database]:
    """SQLite with every table and no row; no index of words is made."""
    with tempfile.TemporaryDirectory(prefix="caseloom-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'tried.db'}")
        try:
            async with database.writer.begin() as connection:
                await connection.run_sync(Record.metadata.create_all)
                await connection.exec_driver_sql(ENTRIES)
            yield database
        finally:
            await database.close()
