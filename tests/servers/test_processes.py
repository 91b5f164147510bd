from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from servers.errors import ServerFailed
from servers.processes import start_process, stop_process

ROOT = Path(__file__).parents[2]

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


async def test_a_child_is_out_of_reach_of_ctrl_c(tmp_path: Path) -> None:
    process = await start_process(["/bin/sleep", "60"], tmp_path / "log")
    try:
        assert os.getsid(process.pid) == process.pid
    finally:
        await stop_process(process)
    assert process.returncode == -signal.SIGTERM


async def test_a_child_that_ignores_us_is_killed(tmp_path: Path) -> None:
    process = await start_process([sys.executable, "-c", STUBBORN], tmp_path / "log")
    async with asyncio.timeout(10):
        while "up" not in (tmp_path / "log").read_text():
            await asyncio.sleep(0.02)
    await stop_process(process, kill_after=0.2)
    assert process.returncode == -signal.SIGKILL


async def test_a_child_that_ended_needs_no_stop(tmp_path: Path) -> None:
    process = await start_process(["/bin/true"], tmp_path / "log")
    assert await process.wait() == 0
    await stop_process(process)


async def test_the_log_is_new_at_each_start_and_the_one_before_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "deep" / "server.log"
    for word in ("first", "second"):
        process = await start_process(["/bin/echo", word], log)
        await process.wait()
    assert log.read_text() == "second\n"
    assert log.with_name("server.log.old").read_text() == "first\n"


def test_a_failure_shows_the_end_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    failure = ServerFailed("The server ended.", log)
    assert failure.log_tail.splitlines() == [f"line {number}" for number in range(85, 100)]
    assert str(failure).startswith("The server ended. Its log (")
    assert str(ServerFailed("The server ended.", tmp_path / "none")) == "The server ended."


PARENT = """
import asyncio, pathlib, sys, tempfile
from servers.ports import free_port
from servers.postgres import PostgresServer
from servers.temporal import TemporalServer

async def main(kind, folder):
    if kind == "temporal":
        server = TemporalServer(data_file=folder / "temporal.db", port=free_port(), log_file=folder / "log")
    else:
        server = PostgresServer(pathlib.Path(tempfile.mkdtemp(prefix="caseloom-postgres-")))
    async with server:
        print(getattr(server, "folder", "-"), flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[1], pathlib.Path(sys.argv[2])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
@pytest.mark.parametrize("kind", ["temporal", "postgres"])
def test_no_server_outlives_a_killed_parent(kind: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, kind, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        folder = parent.stdout.readline().strip()
        assert folder, "the parent could not start its server"
        servers = psutil.Process(parent.pid).children(recursive=True)
        assert servers
        parent.kill()
    bound = time.monotonic() + 20
    while any(_alive(server) for server in servers) and time.monotonic() < bound:
        time.sleep(0.05)
    assert [server for server in servers if _alive(server)] == []
    if kind == "postgres":
        subprocess.run(["/bin/rm", "-rf", folder], check=True)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
