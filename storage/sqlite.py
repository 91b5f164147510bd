"""SQLite connections that run in place.

aiosqlite gives every call to a thread: four hand-overs a statement, each of which waits for the interpreter's lock, and
together cost many times what SQLite itself takes. A statement of ours takes microseconds, and with a write-ahead log
hardly any has to wait: only BEGIN IMMEDIATE for another process, and the first read after a crash. A call that would
have to wait is repeated in the thread.
A statement whose work grows with the number of rows belongs into `aside()`, and
runs in the thread from the beginning.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import FromClause
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from storage.folding import folded

CHUNK = 64
PATIENCE_MS = 30_000
"""How long a transaction waits for another process's to end."""

_ASIDE: ContextVar[bool] = ContextVar("aside", default=False)


@contextmanager
def aside() -> Iterator[None]:
    """Statements of this block do not hold the event loop up: on SQLite they run in the connection's own thread.

    SQLite lets the interpreter go on while it works. On PostgreSQL nothing changes.
    """
    token = _ASIDE.set(True)
    try:
        yield
    finally:
        _ASIDE.reset(token)


class InPlaceConnection(aiosqlite.Connection):
    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")
        work = partial(fn, *args, **kwargs)
        try:
            return await self._aside(work) if _ASIDE.get() else work()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        return await super()._execute(partial(_patiently, self._connection, work))  # type: ignore[no-untyped-call]  # aiosqlite has no types here

    async def _aside(self, work: Callable[[], Any]) -> Any:
        running = asyncio.ensure_future(super()._execute(work))  # type: ignore[no-untyped-call]
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # Whoever takes the connection back uses it in the event loop, so the thread must have let go of it.
            while self._connection is not None and not running.done():
                self._connection.interrupt()
                await asyncio.wait({running}, timeout=0.05)
            # Nobody waits for the interrupted statement any more: its error is looked at here, or asyncio complains
            # of it at some later moment, in the middle of whatever then runs.
            if running.done() and not running.cancelled():
                running.exception()
            raise


class Compiler(SQLiteCompiler):
    """SQLAlchemy's for SQLite, which also writes what `with_hint(table, "INDEXED BY ...")` says."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """What `create_async_engine(connect_args={"async_creator_fn": connect})` calls."""

    def open_file() -> sqlite3.Connection:
        # Used by the event loop's thread and by aiosqlite's own, never by both at once. Its timeout is 0, because nobody
        # may wait in the event loop.
        opened: sqlite3.Connection = sqlite3.connect(database, **{**options, "check_same_thread": False, "timeout": 0})
        opened.create_function("folded", 1, folded, deterministic=True)
        return opened

    connection = InPlaceConnection(open_file, CHUNK)
    connection._thread.daemon = True
    return connection


def _patiently(connection: sqlite3.Connection, fn: Callable[[], Any]) -> Any:
    connection.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    try:
        return fn()
    finally:
        connection.execute("PRAGMA busy_timeout=0")
