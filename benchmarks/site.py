"""The place of the measurements: real parts in a temporary folder, each in its process, as `up` starts them.

Four processes: the Temporal server (SQLite with WAL), the mail pair, the house (workers and API), and this one, which
makes the load and looks at the rows. Nothing of the user's settings or environment is read.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from benchmarks.rows import BenchRows, NotReached
from bootstrap import House, open_house
from desk.identity import create_token
from desk.organisation import apply, load
from models.messages.names import SEARCH_ATTRIBUTES
from models.messages.reference import Role
from servers.ports import LOCALHOST, free_port
from servers.processes import start_process, stop_process
from servers.temporal import TemporalServer
from settings import Settings
from starting import mail_pair
from starting.data_folder import DataFolder
from storage.migrate import upgrade_async

ROOT = Path(__file__).resolve().parents[1]
ORGANISATION = ROOT / "examples" / "bench.yaml"
AGENT = "agent"
MAILBOX = "bench"

CONCURRENCY = 24
CACHED = 5000
"""Size of the worker's cache, for baselines and cases alike: larger than what a run opens, so that the last round meets the same
cache as the first."""
READY = "ready"
RESIDENT = "resident"
ANSWER_WITHIN = 60.0

RUN_HOUSE = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); sys.dont_write_bytecode = False; "
RUN_HOUSE += "runpy.run_module('benchmarks.house_process', None, '__main__', True)"
"""`python -m benchmarks.house_process` from any working folder. Bytecode is kept, as Python does unless told otherwise:
workflow modules are loaded for every case, and PYTHONDONTWRITEBYTECODE would have them compiled each time."""


def bench_settings(data: Path, temporal_port: int, api_port: int, cached: int = CACHED) -> Settings:
    """The defaults, but for where things are. Not validated on purpose: that would read the environment and `.env`."""
    return Settings.model_construct(
        data=data,
        temporal_address=f"{LOCALHOST}:{temporal_port}",
        temporal_port=temporal_port,
        temporal_ui=None,
        api_port=api_port,
        cached_cases=cached,
    )


class Cpu:
    """Processor time of the house and of the Temporal server, of which a shared machine takes nothing away."""

    def __init__(self, house: int, temporal: int) -> None:
        self._processes = (psutil.Process(house), psutil.Process(temporal))

    def spent(self) -> tuple[float, float]:
        """Seconds until now: the house's, the Temporal server's."""
        house, temporal = (process.cpu_times() for process in self._processes)
        return house.user + house.system, temporal.user + temporal.system


class Working:
    """The house's process while it runs, and an agent's client of its API."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path, api: httpx.AsyncClient, cpu: Cpu) -> None:
        self.process, self.log, self.api, self.cpu = process, log, api, cpu

    def said(self, word: str) -> list[str]:
        """The lines that begin with the word, without it."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line.removeprefix(word).strip() for line in lines if line.startswith(word)]

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def mentions(self, words: str) -> int:
        """In how many lines of its log the words are."""
        return sum(words in line for line in self.log.read_text(errors="replace").splitlines())

    async def until_said(self, word: str, times: int = 1) -> str:
        """What the process said behind the word, when it has said it so often."""
        async with asyncio.timeout(ANSWER_WITHIN):
            while len(said := self.said(word)) < times:
                if self.process.returncode is not None:
                    raise NotReached(f"the house ended (exit code {self.process.returncode})")
                await asyncio.sleep(0.02)
        return said[times - 1]

    async def kill(self) -> None:
        """At once, as a power cut would."""
        await stop_process(self.process, with_signal=signal.SIGKILL)

    async def resident(self) -> int:
        """Bytes of resident memory, after a collection of garbage."""
        times = len(self.said(RESIDENT)) + 1
        self.process.send_signal(signal.SIGUSR1)
        return int(await self.until_said(RESIDENT, times))


@dataclass
class Site:
    settings: Settings
    folder: DataFolder
    house: House
    """For making load: the rows, the dispatcher and the client. The workers are in the house's own process."""
    rows: BenchRows
    smtp_port: int
    temporal: TemporalServer
    token: str

    @asynccontextmanager
    async def working(self, cached: int = CACHED) -> AsyncIterator[Working]:
        """The house's process, with workers and API, until the context is left. `cached`: cases kept in memory."""
        settings, log = self.settings, self.folder.logs / "house.log"
        numbers = (settings.temporal_port, settings.api_port, cached)
        command: list[str | Path] = [sys.executable, "-c", RUN_HOUSE, ROOT, settings.data, *map(str, numbers)]
        process = await start_process(command, log)
        try:
            address, headers = (
                f"http://{LOCALHOST}:{settings.api_port}/api/v1",
                {"Authorization": f"Bearer {self.token}"},
            )
            async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as api:
                working = Working(process, log, api, Cpu(process.pid, self.temporal.pid))
                try:
                    await working.until_said(READY)
                    yield working
                except NotReached as error:
                    # The folder goes with the run, and the reason with it.
                    raise NotReached(f"{error}; the house said last:\n{working.last_words()}") from None
        finally:
            await stop_process(process)


@asynccontextmanager
async def built(path: Path) -> AsyncIterator[Site]:
    """Server, mail pair and database with the benchmarks' organisation, in `path`; the house itself is not running."""
    settings = bench_settings(path / "house", free_port(), free_port())
    folder = DataFolder(settings.data)
    folder.logs.mkdir(parents=True)
    organisation = load(ORGANISATION.read_text(encoding="utf-8"), str(ORGANISATION))
    imap_port, smtp_port = free_port(), free_port()
    async with AsyncExitStack() as stack:
        temporal = TemporalServer(
            data_file=folder.temporal,
            port=settings.temporal_port,
            search_attributes=SEARCH_ATTRIBUTES,
            log_file=folder.logs / "temporal.log",
        )
        await stack.enter_async_context(temporal)
        users = mail_pair.accounts(folder, organisation)
        await stack.enter_async_context(mail_pair.mail_pair(folder, imap_port, smtp_port))
        await upgrade_async(settings.database)
        house = await stack.enter_async_context(open_house(settings))
        await apply(
            house.database,
            organisation,
            "benchmarks",
            datetime.now(UTC),
            keyring=house.keyring,
            secret=mail_pair.passwords(organisation, users),
            overrides=mail_pair.overrides(organisation, imap_port, smtp_port),
        )
        async with house.database.write() as session:
            token = await create_token(session, AGENT, Role.AGENT, actor="benchmarks", now=datetime.now(UTC))
        rows = stack.enter_context(closing(BenchRows(settings.data / "caseloom.db")))
        yield Site(settings, folder, house, rows, smtp_port, temporal, token)
