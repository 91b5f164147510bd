"""Database engines and sessions: one writer and one reader engine, the same calls on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from storage.fulltext.entries import send_kept
from storage.sqlite import Compiler, connect

# `hide_parameters` below: what a failed statement carried (subjects, addresses) would go into Temporal's history with it.
READING = "reads alone"
"""In the `info` of a session of `Database.read`: what one question found may be kept for the next of the same session."""
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")


def _async_url(url: str) -> str:
    parsed = make_url(url)
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    name = parsed.drivername.partition("+")[0]
    if name not in drivers:
        raise ValueError(f"database URL: {parsed.drivername!r} is not supported; use sqlite:/// or postgresql://")
    return parsed.set(drivername=drivers[name]).render_as_string(hide_password=False)


def _sqlite_engine(url: str, *, begin: str, pragmas: tuple[str, ...], size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        connect_args={"isolation_level": None, "async_creator_fn": connect},
        pool_size=size,
        pool_timeout=60,
        max_overflow=0,
        hide_parameters=True,
    )
    engine.dialect.statement_compiler = Compiler

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # Without IMMEDIATE two read-then-write transactions lose updates or fail with "database is locked".
        connection.exec_driver_sql(begin)

    return engine


class Database:
    """Two ways in: `write()` is one transaction that commits at its end, `read()` sees a snapshot and cannot write."""

    def __init__(self, url: str) -> None:
        self.url = _async_url(url)
        self.sqlite = self.url.startswith("sqlite")
        if self.sqlite:
            read_only = (*SQLITE_PRAGMAS, "query_only=ON")
            self.writer = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", pragmas=SQLITE_PRAGMAS, size=1)
            self._reader = _sqlite_engine(self.url, begin="BEGIN", pragmas=read_only, size=8)
        else:
            self.writer = create_async_engine(
                self.url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True
            )
            self._reader = self.writer
        self._write_sessions = async_sessionmaker(self.writer, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(self._reader, expire_on_commit=False, info={READING: True})

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits at the end of the block. On SQLite the process's writers take turns for the one
        connection: waiting for it in a queue is fair and free, where waiting for the file's lock means sleeping."""
        session = self._write_sessions()
        try:
            yield session
            await send_kept(session)
            await session.commit()
        except BaseException:
            # In a task of its own: whoever is cancelled still gives the connection back.
            await asyncio.shield(asyncio.create_task(session.close()))
            raise
        # The commit gave it back already, and such a task costs more than a statement.
        session.expunge_all()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with self._read_sessions() as session:
            yield session

    async def harden(self) -> None:
        """What is committed so far survives a power cut, too. PostgreSQL's commits do so by themselves; SQLite with
        `synchronous=NORMAL` syncs its write-ahead log only now and then."""
        if self.sqlite:
            await asyncio.to_thread(_sync, Path(f"{make_url(self.url).database}-wal"))

    async def close(self) -> None:
        await self.writer.dispose()
        if self._reader is not self.writer:
            await self._reader.dispose()


def _sync(file: Path) -> None:
    # Absent where all of it is in the database file already, which was synced with it.
    with suppress(FileNotFoundError), file.open("rb") as opened:
        os.fsync(opened.fileno())
