"""The whole index anew from the rows: when it is made, and whenever what an entry holds is to be something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select

from models.records.base import Record, table_of
from storage.fulltext.entries import NEEDED, entry_of, send

BATCH = 500


def fill(connection: Connection, records: Iterable[type[Record]] = tuple(NEEDED)) -> int:
    """Take in every row that people look for, the oldest first, because keys tell the time; how many entries there are.
    `records`: of these alone.

    A row that is in already gets its words anew.
    """
    done = 0
    rows = merge(*(_rows(connection, record) for record in records), key=lambda found: found[1].id)
    while batch := list(islice(rows, BATCH)):
        entries = [entry_of(record, row, connection) for record, row in batch]
        send(connection, [entry for entry in entries if entry is not None])
        done += len(entries)
    return done


def _rows(connection: Connection, record: type[Record]) -> Iterator[tuple[type[Record], Any]]:
    """By the columns that are needed, whatever others the table has by now or does not have yet."""
    columns = table_of(record).c
    wanted = select(*(columns[name] for name in NEEDED[record])).order_by(columns.id).limit(BATCH)
    page = connection.execute(wanted).all()
    while page:
        yield from ((record, row) for row in page)
        page = connection.execute(wanted.where(columns.id > page[-1].id)).all()
