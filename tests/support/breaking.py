"""A step whose nth write to the database fails: a value that cannot be, a fault of ours, or a database that is away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DataError, OperationalError

from cases import attempts
from cases.attempts import Attempt
from models.messages.cases import Outcome
from storage.engines import Database

WRITES = ("INSERT", "UPDATE", "DELETE")
_attempt: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


class Break(StrEnum):
    DATA = "data"
    FAULT = "fault"
    AWAY = "away"


class _Refused(Exception):
    """What a driver raises for a value that is too long for its column (SQLSTATE 22001)."""

    sqlstate = "22001"


def error(kind: Break) -> Exception:
    match kind:
        case Break.DATA:
            return DataError("INSERT", {}, _Refused())
        case Break.FAULT:
            return RuntimeError("injected")
        case Break.AWAY:
            return OperationalError("INSERT", {}, ConnectionRefusedError())


class Breaker:
    """Counts the writes of steps, and makes the nth of each try fail until a careful try has met it too.

    Only a step's own work counts, not what is written when it is set aside: that is another transaction.
    """

    def __init__(self) -> None:
        self.seen = self.hits = 0
        self.at: int | None = None
        self.kind = Break.FAULT

    def arm(self, at: int, kind: Break) -> None:
        self.seen, self.hits, self.at, self.kind = 0, 0, at, kind

    def disarm(self) -> None:
        self.at, self.seen = None, 0

    def _write(self, connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        attempt = _attempt.get()
        if attempt is None or not statement.startswith(WRITES):
            return
        self.seen += 1
        if self.seen == self.at:
            self.hits += 1
            if attempt.careful:
                self.at = None
            raise error(self.kind)

    def begins(self) -> None:
        self.seen = 0


@contextmanager
def breaking(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Breaker]:
    """A breaker over this database's writer, for the length of the block."""
    breaker, engine, attempted = Breaker(), database.writer.sync_engine, attempts.attempted

    async def marked(
        work: Callable[[Attempt], Awaitable[Outcome]],
        set_aside: Callable[[Exception], Awaitable[Outcome]],
        *,
        last: bool,
    ) -> Outcome:
        async def inside(attempt: Attempt) -> Outcome:
            token = _attempt.set(attempt)
            breaker.begins()
            try:
                return await work(attempt)
            finally:
                _attempt.reset(token)

        return await attempted(inside, set_aside, last=last)

    monkeypatch.setattr("activities.case.attempted", marked)
    event.listen(engine, "before_cursor_execute", breaker._write)
    try:
        yield breaker
    finally:
        event.remove(engine, "before_cursor_execute", breaker._write)
