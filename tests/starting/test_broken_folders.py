"""A data folder that lacks something, or has what is not its own: one sentence and a way out, and never an empty desk."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bootstrap import keyring
from settings import Settings
from starting.data_folder import DataFolder
from starting.failures import Unusable, sentence
from starting.rows import check_whole, database_of
from starting.stack import _migrate
from storage.engines import Database
from storage.migrate import known_revisions
from tests.starting.started import OWN_PORTS, starter


def settings(data: Path, **given: object) -> Settings:
    return Settings(data=data, **given)  # type: ignore[arg-type]


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder whose first start has succeeded, without what a start takes longest for."""
    folder = DataFolder(tmp_path / "data")
    with folder.claim(), folder.making():
        with (
            closing(sqlite3.connect(sqlite_template)) as source,
            closing(sqlite3.connect(folder.path / "caseloom.db")) as copy,
        ):
            source.backup(copy)
        keyring(settings(folder.path))
        folder.complete()
    return folder.path


def no_database(data: Path) -> None:
    (data / "caseloom.db").unlink()


def no_keys(data: Path) -> None:
    (data / "keys").unlink()


def open_keys(data: Path) -> None:
    (data / "keys").chmod(0o644)


def short_keys(data: Path) -> None:
    (data / "keys").write_text('{"current": "k1", "keys": {"k1": "c2hvcnQ="}}')


def no_database_file(data: Path) -> None:
    (data / "caseloom.db").write_text("this is no database, and long enough to be looked at" * 100)
    for left in data.glob("caseloom.db-*"):
        left.unlink()


def execute(statement: str) -> Callable[[Path], None]:
    def do(data: Path) -> None:
        with closing(sqlite3.connect(data / "caseloom.db")) as there:
            there.execute(statement)
            there.commit()

    return do


def another_program(data: Path) -> None:
    (data / "caseloom.db").unlink()
    execute("CREATE TABLE thesis (words TEXT)")(data)


def a_folder_in_its_place(data: Path) -> None:
    (data / "caseloom.db").unlink()
    (data / "caseloom.db").mkdir()


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "the database is gone": (no_database, r"its database .* is gone: bring it back from a copy, or begin anew"),
    "the keys are gone": (no_keys, r"its keys .* are gone: bring them back from a copy, or set CASELOOM_KEYS"),
    "others may read the keys": (open_keys, r"chmod 600"),
    "the keys are too short": (short_keys, r"not 32 bytes long: k1: bring it back"),
    "a later version's tables": (
        execute("UPDATE alembic_version SET version_num = '9999'"),
        r"a newer version of Caseloom has used it .*9999.*run that version, or bring back a copy",
    ),
    "another program's tables": (another_program, r"tables of another program \(thesis\)"),
    "no SQLite file": (no_database_file, r"the database cannot be used"),
    "a folder for the database": (a_folder_in_its_place, r"its database .* is gone"),
}


async def start(data: Path) -> None:
    """As `up` does, until its database and keys are there."""
    given = settings(data)
    with DataFolder(data).claim():
        check_whole(given)
        await _migrate(given)
        keyring(given)


@pytest.mark.parametrize(("breaks", "words"), BROKEN.values(), ids=BROKEN.keys())
async def test_what_is_broken_is_one_sentence_and_stays_as_it_is(
    data: Path, breaks: Callable[[Path], None], words: str
) -> None:
    breaks(data)
    before = sorted(entry.name for entry in data.iterdir() if not entry.name.startswith("caseloom.db-"))
    with pytest.raises(Exception, match=words) as refusal:
        await start(data)
    told = sentence(refusal.value)
    assert told is not None
    assert "\n" not in told
    assert sorted(entry.name for entry in data.iterdir() if not entry.name.startswith("caseloom.db-")) == before


async def test_a_whole_one_starts_and_an_older_one_is_brought_up_to_date(data: Path) -> None:
    await start(data)
    async with database_of(settings(data)):
        pass


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (no_database, "its database .* is gone"),
        (no_keys, "its keys .* are gone"),
        (execute("UPDATE alembic_version SET version_num = '9999'"), "a newer version"),
        (execute("UPDATE alembic_version SET version_num = '0001'"), "of an older version .* start it once"),
        (execute("DELETE FROM alembic_version"), "of an older version .* at none"),
    ],
)
async def test_commands_beside_it_make_no_new_one(data: Path, breaks: Callable[[Path], None], words: str) -> None:
    breaks(data)
    with pytest.raises(Unusable, match=words):
        async with database_of(settings(data)):
            pass
    assert (data / "caseloom.db").exists() == (breaks is not no_database)


async def test_a_database_of_a_later_version_is_not_touched_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    from sqlalchemy import text

    database = Database(postgres_url)
    try:
        async with database.write() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(Unusable, match="newer version"):
            await _migrate(settings(tmp_path, database_url=postgres_url))
        with pytest.raises(Unusable, match="newer version"):
            async with database_of(settings(tmp_path, database_url=postgres_url)):
                pass
        async with database.write() as session:
            await session.execute(
                text("UPDATE alembic_version SET version_num = :head"), {"head": known_revisions()[0]}
            )
    finally:
        await database.close()


@pytest.mark.timeout(120)
async def test_up_says_it_and_its_exit_code_is_1(data: Path, tmp_path: Path) -> None:
    """The whole command, once; the others above are told in the same way."""
    shutil.copytree(data, tmp_path / "copy", ignore=shutil.ignore_patterns("lock"))
    no_database(tmp_path / "copy")
    ended = await starter("up", "--data", tmp_path / "copy", *OWN_PORTS, cwd=tmp_path)
    assert ended.code == 1
    assert "is gone: bring it back from a copy" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not (tmp_path / "copy" / "caseloom.db").exists()
