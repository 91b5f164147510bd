"""Whether the search's index says of every row what the row says."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection, Text, cast, func, select

from models.records.articles import ArticleVersion
from models.records.base import Record, table_of
from storage.engines import Database
from storage.fulltext.entries import ENTRY, NEEDED, Entry, entry_of


def _entry(record: type[Record], row: Any, connection: Connection) -> Entry | None:
    return entry_of(record, row, connection)


async def out_of_step(database: Database) -> list[str]:
    """What the index lacks, has too much of, or says otherwise than the rows."""
    async with database.read() as session:
        connection = await session.connection()
        expected: dict[object, tuple[type[Record], Entry]] = {}
        for record, columns in NEEDED.items():
            table = table_of(record).c
            for row in await session.execute(select(*(table[name] for name in columns))):
                entry = await connection.run_sync(partial(_entry, record, row))
                if entry is not None:
                    expected[row.id] = record, entry
        words = [cast(ENTRY.c[name], Text).label(name) for name in ("head", "body")]
        kept = {row.object_id: row for row in await session.execute(select(ENTRY.c.object_id, ENTRY.c.case_id, *words))}
        indexed = await session.scalar(select(func.count()).select_from(ENTRY))
    assert indexed == len(kept)
    wrong = [f"{kept[id]} is of no row" for id in kept.keys() - expected.keys()]
    for id, (record, entry) in expected.items():
        if id not in kept:
            wrong.append(f"{record.__name__} {entry.head!r} is not found")
            continue
        said = entry.values("sqlite" if database.sqlite else "postgresql")
        for name in ("head", "body"):
            told = getattr(kept[id], name)
            if sorted(str(said[name]).split()) != sorted(told.split()):
                wrong += [f"{record.__name__} {entry.head!r}: {name} says {told!r}"]
        if kept[id].case_id != entry.case_id and record is not ArticleVersion:
            wrong.append(f"{record.__name__} {entry.head!r} is found with another case")
    return wrong
