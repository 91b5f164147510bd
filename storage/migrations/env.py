"""Alembic's entry: runs the scripts over an async engine of `storage.engines`."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy.engine import Connection

from models.records import Record
from storage.engines import Database
from storage.migrate import check_ours

SEARCH_OBJECTS = (
    "ix_search_entry",
    "search_entry",
    "search_fts",
    "search_word",
)
"""What migrations 0019 and 0021 make beside the tables: full text, which the models do not describe."""


def _is_modelled(_object: object, name: str | None, *_rest: object) -> bool:
    return not (name or "").startswith(SEARCH_OBJECTS)


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Record.metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=_is_modelled,
    )
    check_ours(connection)
    with context.begin_transaction():
        context.run_migrations()


async def _main() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("migrations need a database URL")
    database = Database(url)
    try:
        async with database.writer.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await database.close()


asyncio.run(_main())
