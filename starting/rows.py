"""The database of a Caseloom that is there already, for commands that need no more than its rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from settings import Settings
from starting.data_folder import DataFolder
from starting.failures import Unusable
from storage.engines import Database
from storage.migrate import current_revision, known_revisions, newer

ACTOR = "command line"
"""Who the audit says it was."""


def database_file(settings: Settings) -> Path | None:
    """The file of a SQLite database."""
    url = make_url(settings.database)
    return Path(url.database).resolve() if url.drivername.startswith("sqlite") and url.database else None


def check_whole(settings: Settings) -> None:
    """Raises `Unusable` when a data folder that was complete has lost its database or its keys: new ones would look like an
    empty desk, and nobody would know why."""
    folder = DataFolder(settings.data)
    if not folder.is_complete:
        return
    file = database_file(settings)
    if file is not None and not file.is_file():
        raise Unusable(
            f"the data folder {folder.path} is complete, but its database {file} is gone: bring it back from a copy, or "
            "begin anew with `starter.py up --reset`, which empties the folder."
        )
    keys = folder.path / "keys"
    if settings.keys is None and not keys.exists():
        raise Unusable(
            f"the data folder {folder.path} is complete, but its keys {keys} are gone: bring them back from a copy, or set "
            'CASELOOM_KEYS; if they are lost for good, "Keys" in docs/operators.md says how new ones are made.'
        )


def check_there(settings: Settings) -> None:
    """Raises `Unusable` when there is no database yet, or none any more."""
    check_whole(settings)
    if settings.database_url is None and not DataFolder(settings.data).is_complete:
        raise Unusable(
            f"there is no Caseloom in {settings.data.resolve()} yet: `starter.py up` makes one, "
            "or name its folder with --data."
        )


async def check_schema(database: Database) -> None:
    """Raises `Unusable` when the tables are not those of this version."""
    async with database.read() as session:
        revision = await current_revision(session)
    known = known_revisions()
    if revision is not None and revision not in known:
        raise Unusable(f"the database cannot be used: {newer(revision)}.")
    if revision != known[0]:
        raise Unusable(
            f"the database is of an older version (its migrations are at {revision or 'none'}, this version's at "
            f"{known[0]}): start it once with `starter.py up`, which brings it up to date."
        )


@asynccontextmanager
async def database_of(settings: Settings) -> AsyncIterator[Database]:
    """Raises `Unusable` when there is none yet, or one of another version."""
    check_there(settings)
    database = Database(settings.database)
    try:
        await check_schema(database)
        yield database
    finally:
        await database.close()
