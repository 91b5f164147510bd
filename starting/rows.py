"""The database of a Caseloom that is there already, for commands that need no more than its rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from settings import Settings
from starting.data_folder import DataFolder
from starting.failures import Unusable
from storage.engines import Database

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
    """Raises `Unusable` when there is none yet."""
    check_there(settings)
    database = Database(settings.database)
    try:
        yield database
    finally:
        await database.close()
