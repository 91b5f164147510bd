from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from storage.engines import Database
from storage.errors import is_away


class _Said(Exception):
    """What a driver raises, with PostgreSQL's SQLSTATE."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("the server's words")
        self.sqlstate = sqlstate


@pytest.mark.parametrize("sqlstate", ["57P03", "57P01", "57P02", "08003", "53300", "58030"])
def test_a_server_that_is_starting_up_or_going_down_is_away(sqlstate: str) -> None:
    assert is_away(DBAPIError("SELECT 1", {}, _Said(sqlstate)))


@pytest.mark.parametrize("sqlstate", ["22021", "22001", "42601", None])
def test_a_value_that_it_cannot_take_is_not_its_fault(sqlstate: str | None) -> None:
    assert not is_away(DBAPIError("INSERT", {}, _Said(sqlstate)))


def test_the_kinds_of_errors() -> None:
    nothing = _Said(None)
    assert is_away(OperationalError("SELECT 1", {}, nothing))
    assert is_away(InterfaceError("SELECT 1", {}, nothing))
    assert is_away(ConnectionRefusedError())
    assert is_away(DBAPIError("SELECT 1", {}, nothing, connection_invalidated=True))
    assert not is_away(IntegrityError("INSERT", {}, nothing))
    assert not is_away(ValueError())


async def test_what_is_to_survive_a_power_cut_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def spy(file: int) -> None:
        synced.append(os.fstat(file).st_ino)
        fsync(file)

    monkeypatch.setattr(os, "fsync", spy)
    database = Database(f"sqlite:///{tmp_path / 'rows.db'}")
    try:
        await database.harden()  # nothing is written yet
        assert synced == []
        async with database.write() as session:
            await session.execute(text("CREATE TABLE fact (id INTEGER)"))
        await database.harden()
        assert synced == [(tmp_path / "rows.db-wal").stat().st_ino]
    finally:
        await database.close()
