"""The database of a Caseloom that is there already, for commands that need no more than its rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from settings import Settings
from starting.data_folder import DataFolder
from starting.failures import Unusable
from storage.engines import Database
from storage.migrate import current_revision, known_revisions

ACTOR = "command line"
"""Who the audit says it was."""


def check_there(settings: Settings) -> None:
    """Raises `Unusable` when there is no database yet."""
    if settings.database_url is None and not DataFolder(settings.data).is_complete:
        raise Unusable(
            f"there is no Caseloom in {settings.data.resolve()} yet: `starter.py up` makes one, "
            "or name its folder with --data."
        )


@asynccontextmanager
async def database_of(settings: Settings) -> AsyncIterator[Database]:
    """Raises `Unusable` when there is none yet, or when its tables are those of another version."""
    check_there(settings)
    database = Database(settings.database)
    try:
        await _check_revision(database)
        yield database
    finally:
        await database.close()


async def _check_revision(database: Database) -> None:
    async with database.read() as session:
        found = await current_revision(session)
    known = known_revisions()
    if found == known[0]:
        return
    if found is None or found in known:
        raise Unusable(
            f"the database is at {found or 'no'} migration, and this version needs {known[0]}: "
            "a start (`starter.py up`) brings it up to date."
        )
    raise Unusable(f"the database is of a later version (migration {found}): use that version's starter.py.")
