"""Whether the house can keep what it takes in: found out by writing, because a full disk can still be read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storage.engines import Database
from storage.files import FileStore

WITHIN = 2.0
"""Seconds for each answer."""
FRESH = 1.0
"""Seconds that an answer holds: anybody may ask, and each look costs a write."""

# It changes nothing, is committed like any other change, and needs no table of its own.
WRITE = text("UPDATE alembic_version SET version_num = version_num")


@dataclass(frozen=True, slots=True)
class Beat:
    """What takes writes: the database, and the file store."""

    database: bool
    files: bool

    @property
    def ok(self) -> bool:
        return self.database and self.files


class Pulse:
    def __init__(self, database: Database, files: FileStore) -> None:
        self.database, self.files = database, files
        self._lock = asyncio.Lock()
        self._last: tuple[float, Beat] | None = None

    async def beat(self) -> Beat:
        """At most a second old, however many ask."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._last is None or now - self._last[0] > FRESH:
                database, files = await asyncio.gather(self._database_takes(), self._files_take())
                self._last = asyncio.get_running_loop().time(), Beat(database, files)
            return self._last[1]

    async def _database_takes(self) -> bool:
        try:
            async with asyncio.timeout(WITHIN), self.database.read() as session:
                await session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        try:
            async with asyncio.timeout(WITHIN), self.database.write() as session:
                await session.execute(WRITE)
        except TimeoutError:
            return True  # It answers, and others are writing.
        except (SQLAlchemyError, OSError):
            return False
        return True

    async def _files_take(self) -> bool:
        try:
            async with asyncio.timeout(WITHIN):
                await self.files.check()
        except TimeoutError:
            return True  # A slow disk is no full one.
        except OSError:
            return False
        return True
