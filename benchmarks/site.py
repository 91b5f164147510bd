"""The place of the measurements: real parts in a temporary folder, each in its process, as `up` starts them.

Four processes: the Temporal server (SQLite with WAL), the mail pair, the house (workers and API), and this one, which
makes the load and looks at the rows. Nothing of the user's settings or environment is read.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bootstrap import House, open_house
from desk.identity import create_token
from desk.organisation import apply, load
from models.messages.names import SEARCH_ATTRIBUTES
from models.messages.reference import Role
from benchmarks.rows import Rows
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
"""Above what a run opens, so that the last round meets the same cache as the first; for baselines and cases alike."""
READY = "ready"
READY_WITHIN = 60.0

RUN_MODULE = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), None, '__main__', True)"


def bench_settings(data: Path, temporal_port: int, api_port: int) -> Settings:
    """The defaults, but for where things are. Not validated on purpose: that would read the environment and `.env`."""
    return Settings.model_construct(
        data=data,
        temporal_address=f"{LOCALHOST}:{temporal_port}",
        temporal_port=temporal_port,
        temporal_ui=None,
        api_port=api_port,
        cached_cases=CACHED,
    )


@dataclass
class Site:
    settings: Settings
    folder: DataFolder
    house: House
    """For making load: the rows, the dispatcher and the client. The workers are in the house's own process."""
    rows: Rows
    mail_users: dict[str, str]
    smtp_port: int
    token: str

    @asynccontextmanager
    async def working(self) -> AsyncIterator[httpx.AsyncClient]:
        """The house's process, with workers and API, and a client of an agent."""
        settings = self.settings
        arguments = [str(settings.data), str(settings.temporal_port), str(settings.api_port)]
        async with (
            child("benchmarks.house_process", arguments, self.folder.logs / "house.log"),
            httpx.AsyncClient(
                base_url=f"http://{LOCALHOST}:{settings.api_port}/api/v1",
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=30,
            ) as api,
        ):
            yield api


@asynccontextmanager
async def child(module: str, arguments: list[str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m module`, from when it says that it is ready until the context is left."""
    process = await start_process([sys.executable, "-c", RUN_MODULE, ROOT, module, *arguments], log)
    try:
        async with asyncio.timeout(READY_WITHIN):
            while READY not in log.read_text(errors="replace").splitlines():
                if process.returncode is not None:
                    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                    raise RuntimeError(f"{module} ended at once (exit code {process.returncode}):\n{tail}")
                await asyncio.sleep(0.02)
        yield process
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
        rows = stack.enter_context(closing(Rows(settings.data / "caseloom.db")))
        yield Site(settings, folder, house, rows, users, smtp_port, token)
