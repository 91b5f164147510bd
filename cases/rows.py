"""The rows of one write of a case, sent without the ORM's unit of work.

To find out what depends on what, a flush of the ORM costs more than all its statements. Here an update names the columns
that were changed, what was made goes in one statement a table, in the order of the tables, and statements are built once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Update, Uuid, bindparam, insert, inspect, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history, set_committed_value

from models.records.base import Record, table_of, values_of
from storage.fulltext.entries import WATCHED, keep_rows


class LostWrite(RuntimeError):
    """A row that this transaction has read is gone, although nobody but its case may write it."""


class Rows:
    """Collects what a write makes, and sends it along with what it has changed; the session flushes nothing by itself."""

    def __init__(self, session: AsyncSession) -> None:
        session.sync_session.autoflush = False
        self._session = session
        self._amended: list[tuple[type[Record], UUID, dict[str, Any]]] = []
        self._made: list[Any] = []
        self._sent: list[Any] = []

    def add(self, row: Record) -> None:
        """A new row, which names its key. All that one flush sends of a table must name the same columns."""
        self._made.append(row)

    def amend(self, record: type[Record], id: UUID, **values: Any) -> None:
        """Change a row that this write has made, or that was not read as an entity."""
        for row in (*self._made, *self._sent):
            if (type(row), row.id) == (record, id):
                for name, value in values.items():
                    setattr(row, name, value)
                return
        self._amended.append((record, id, values))

    def waits(self, record: type[Record]) -> bool:
        """Whether rows of this record were made that no statement would find yet."""
        return any(isinstance(row, record) for row in self._made)

    async def flush(self) -> None:
        """Send what was changed, then what was made: a new row may take the place in an index that an old one gives up."""
        if self._session.new or self._session.deleted:
            await self._session.flush()  # what is rare is left to the ORM
        if self._made or self._sent or self._amended or self._session.dirty:
            await self._session.run_sync(self._send)

    def _send(self, session: Session) -> None:
        searched: list[Any] = []
        for row in (*session.dirty, *self._sent):
            changed = dict(_changed(row))
            if changed:
                _write(session, type(row), row.id, changed)
                _is_written(row, changed)
                if not WATCHED.get(type(row), _NONE).isdisjoint(changed):
                    searched.append(row)
        amended, self._amended = self._amended, []
        for record, id, values in amended:
            _write(session, record, id, values)
        made, self._made = sorted(self._made, key=_place), []
        for record, rows in groupby(made, key=type):
            session.execute(_insert(record), [values_of(row) for row in rows])
        for row in made:
            _is_written(row, values_of(row))
        searched += (row for row in made if type(row) in WATCHED)
        if searched:
            keep_rows(session, searched)
        self._sent += made


def _write(session: Session, record: type[Record], id: UUID, values: dict[str, Any]) -> None:
    written: Any = session.execute(_update(record), {_THIS: id, **values})
    if written.rowcount != 1:
        raise LostWrite(f"{record.__tablename__} {id}: not there any more")


def _changed(row: Any) -> Iterator[tuple[str, Any]]:
    """The columns that have another value than the database, with their value."""
    record: type[Record] = type(row)
    for name in _columns(record) - inspect(row).unmodified:
        if get_history(row, name).has_changes():
            yield name, getattr(row, name)


def _is_written(row: Record, values: dict[str, Any]) -> None:
    """What is changed from now on is sent by the next flush."""
    for name, value in values.items():
        set_committed_value(row, name, value)


_THIS = "this_row"
_NONE: frozenset[str] = frozenset()


@cache
def _columns(record: type[Record]) -> frozenset[str]:
    return frozenset(inspect(record).column_attrs.keys())


@cache
def _insert(record: type[Record]) -> Insert:
    return insert(table_of(record))


@cache
def _update(record: type[Record]) -> Update:
    table = table_of(record)
    return update(table).where(table.c.id == bindparam(_THIS, type_=Uuid()))


@cache
def _places() -> dict[str, int]:
    return {table.name: place for place, table in enumerate(Record.metadata.sorted_tables)}


def _place(row: Record) -> int:
    return _places()[row.__tablename__]
