"""Migrations from one set of scripts, for SQLite and PostgreSQL alike."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncSession

FOLDER = Path(__file__).parent / "migrations"


class ForeignSchema(Exception):
    """The database is not one that this version may write to: a newer version's, or another program's."""


def config(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`. Not to be called inside a running event loop: see `upgrade_async`."""
    command.upgrade(config(url), revision)


def check_ours(connection: Connection) -> None:
    """Before anything is migrated. `ForeignSchema` says whose it is, and the way out."""
    revision, known = MigrationContext.configure(connection).get_current_revision(), known_revisions()
    if revision is not None and revision not in known:
        raise ForeignSchema(newer(revision))
    if revision is None and (tables := sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})):
        raise ForeignSchema(
            f"it holds tables of another program ({', '.join(tables[:3])}): name an empty database, or the one that "
            "Caseloom has made"
        )


def newer(revision: str) -> str:
    return (
        f"a newer version of Caseloom has used it (its migrations are at {revision}, this version's at "
        f"{known_revisions()[0]}): run that version, or bring back a copy"
    )


def known_revisions() -> list[str]:
    """What this version's scripts bring a database to, the newest first."""
    return [script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()]


async def current_revision(session: AsyncSession) -> str | None:
    """The revision that the database is at; None for one that is not ours, or empty."""
    connection = await session.connection()
    return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def upgrade_async(url: str) -> None:
    await asyncio.to_thread(upgrade, url)
