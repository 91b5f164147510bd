"""An empty database for as long as something is tried, in a folder that goes with it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from models.records import Record
from storage.engines import Database


@asynccontextmanager
async def throwaway_database() -> AsyncIterator[Database]:
    """SQLite with every table and no row; what only searching needs is not made."""
    with tempfile.TemporaryDirectory(prefix="caseloom-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'tried.db'}")
        try:
            async with database.writer.begin() as connection:
                await connection.run_sync(Record.metadata.create_all)
            yield database
        finally:
            await database.close()
