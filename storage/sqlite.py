"""SQLite connections that run in place.

aiosqlite gives every call to a thread: four hand-overs a statement, each of which waits for the interpreter's lock, and
together cost many times what SQLite itself takes. A statement of ours takes microseconds, and with a write-ahead log
hardly any has to wait: only BEGIN IMMEDIATE for another process, and the first read after a crash. A call that would
have to wait is repeated in the thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

CHUNK = 64
PATIENCE_MS = 30_000
"""How long a transaction waits for another process's to end."""


class InPlaceConnection(aiosqlite.Connection):
    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")
        try:
            return fn(*args, **kwargs)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        return await super()._execute(partial(_patiently, self._connection, fn), *args)  # type: ignore[no-untyped-call]


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """What `create_async_engine(connect_args={"async_creator_fn": connect})` calls."""

    def open_file() -> sqlite3.Connection:
        # Used by the event loop's thread and by aiosqlite's own, never by both at once. Its timeout is 0, because nobody
        # may wait in the event loop.
        opened: sqlite3.Connection = sqlite3.connect(database, **{**options, "check_same_thread": False, "timeout": 0})
        return opened

    connection = InPlaceConnection(open_file, CHUNK)
    connection._thread.daemon = True
    return connection


def _patiently(connection: sqlite3.Connection, fn: Callable[..., Any], *args: Any) -> Any:
    connection.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    try:
        return fn(*args)
    finally:
        connection.execute("PRAGMA busy_timeout=0")
