"""SQLite connections without needless threads.

aiosqlite gives every call to a thread: four hand-overs a statement, which with a busy interpreter cost far more than the
statement. On the writer's connection only what may wait (BEGIN, COMMIT, ROLLBACK) goes there; a statement between them
takes microseconds, holds the lock already, and runs in place. A reader's query may take long and goes to the thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

CHUNK = 64


class WriterConnection(aiosqlite.Connection):
    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if _of_connection(fn) or _begins(args):
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return _in_place(self, fn, *args, **kwargs)


class ReaderConnection(aiosqlite.Connection):
    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if fn.__name__ in ("execute", "fetchall", "fetchmany", "fetchone") and not _begins(args):
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return _in_place(self, fn, *args, **kwargs)


def connect_with(kind: Callable[..., aiosqlite.Connection]) -> Callable[..., aiosqlite.Connection]:
    """What `create_async_engine(connect_args={"async_creator_fn": ...})` calls."""

    def connect(database: str, **options: Any) -> aiosqlite.Connection:
        def open_file() -> sqlite3.Connection:
            # Used by the event loop's thread and aiosqlite's own, never by both at once.
            opened: sqlite3.Connection = sqlite3.connect(database, **{**options, "check_same_thread": False})
            return opened

        connection = kind(open_file, CHUNK)
        connection._thread.daemon = True
        return connection

    return connect


def _begins(args: tuple[Any, ...]) -> bool:
    return bool(args) and isinstance(args[0], str) and args[0].startswith("BEGIN")


def _of_connection(fn: Callable[..., Any]) -> bool:
    """commit, rollback and close may wait for the disk; making a cursor does not."""
    return isinstance(getattr(fn, "__self__", None), sqlite3.Connection) and fn.__name__ != "cursor"


def _in_place(connection: aiosqlite.Connection, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    # As aiosqlite's own does.
    if not connection._running or connection._connection is None:
        raise ValueError("Connection closed")
    return fn(*args, **kwargs)
