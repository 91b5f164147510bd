"""What stands around the worker: Temporal, mail servers and database, each a real process that can be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bootstrap import House, keyring, open_house
from desk.organisation.file import OrganisationFile
from faults.customers import Customers
from faults.deeds import Deeds, MailServerProcess
from faults.letters import make_letters, spare_letters
from faults.plan import Deed
from faults.relay import relay
from models.messages.names import SEARCH_ATTRIBUTES
from models.messages.reference import ContactBody, MailboxEntry
from servers.ports import LOCALHOST, free_port
from servers.postgres import PostgresServer
from servers.processes import start_process
from servers.temporal import TemporalServer
from settings import Settings
from starting import mail_pair
from starting.data_folder import DataFolder
from starting.organisation import read_organisation
from starting.stack import apply_organisation
from storage.migrate import upgrade_async

ROOT = Path(__file__).resolve().parents[1]
ORGANISATION = ROOT / "examples" / "faults.yaml"
FOREIGN = frozenset(f"CASELOOM_{name.upper()}" for name in Settings.model_fields)

MAILBOX_HEARTBEAT = 2.0
"""Seconds until a dead worker's mailbox is taken over; in production a minute."""
TEMPORAL_CONFIG = {"history.defaultWorkflowTaskTimeout": "5s"}
"""Until a dead worker's workflow tasks are given to the next one; Temporal's default is 10 s."""


class Engine(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What can be done to a world of this engine."""
        return tuple(deed for deed in Deed if deed is not Deed.POSTGRES or self is Engine.POSTGRES)


@dataclass
class World:
    """What runs beside the worker, as long as `running` is open; `house` looks at it from outside."""

    folder: Path
    house: House
    address: str
    """The mailbox that customers write to."""
    customers: list[str]
    passwords: dict[str, str]
    deeds: Deeds

    @property
    def settings(self) -> Settings:
        return self.house.settings

    def write_letters(self, seed: int, mails: int) -> Customers:
        """The customers with all that they are going to write, and nothing handed in yet."""
        letters = make_letters(seed, self.customers, self.address, mails)
        imap_port, smtp_port = self.settings.imap_port, self.settings.smtp_port
        spare = spare_letters(seed, self.customers, self.address)
        return Customers(smtp_port, imap_port, self.address, self.passwords, deque(letters), spare)

    async def start_worker(self, life: int, failpoints: str) -> asyncio.subprocess.Process:
        """`python worker.py` as an operator would run it, with its own log file for each life."""
        given = {
            "DATA": self.settings.data,
            "DATABASE_URL": self.settings.database,
            "TEMPORAL_ADDRESS": self.settings.temporal_address,
            "MAILBOX_HEARTBEAT_SECONDS": self.settings.mailbox_heartbeat_seconds,
            "FAILPOINTS": failpoints,
        }
        # The caller's own settings, say of a cluster of theirs, must not reach a worker that is there to die: neither
        # from the environment nor from a `.env` file where they are.
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environment |= {f"CASELOOM_{name}": str(value) for name, value in given.items()}
        command: list[str | Path] = [sys.executable, ROOT / "worker.py"]
        return await start_process(command, self.log_file(life), folder=self.folder, environment=environment)

    @property
    def stopped_at(self) -> Path:
        """Where a worker that has stopped at a failpoint says at which."""
        return self.settings.data / "stopped-at"

    def log_file(self, life: int) -> Path:
        return self.folder / "logs" / f"worker-{life:02d}.log"


@asynccontextmanager
async def running(folder: Path, engine: Engine) -> AsyncIterator[World]:
    """All servers, started in `folder`, with the organisation of the fault run applied; no worker yet."""
    folder.chmod(0o711)  # PostgreSQL, which does not run as root, must reach its own folder in here
    data = DataFolder(folder / "data")
    data.path.mkdir(mode=0o700)
    organisation = read_organisation(ORGANISATION)
    async with AsyncExitStack() as stack:
        temporal = TemporalServer(
            data_file=data.temporal,
            port=free_port(),
            dynamic_config=TEMPORAL_CONFIG,
            search_attributes=SEARCH_ATTRIBUTES,
            log_file=folder / "logs" / "temporal.log",
        )
        await stack.enter_async_context(temporal)
        passwords = mail_pair.accounts(data, organisation)
        imap_port, smtp_port = free_port(), free_port()
        mail = MailServerProcess(data, imap_port, smtp_port)
        stack.push_async_callback(mail.stop)
        await mail.start()
        relays = [await stack.enter_async_context(relay(port)) for port in (imap_port, smtp_port)]
        postgres = await _postgres(stack, folder, engine)
        settings = Settings(
            _env_file=None,
            data=data.path,
            database_url=None if postgres is None else await postgres.create_database("faults"),
            temporal_address=f"{LOCALHOST}:{temporal.port}",
            temporal_profile=None,
            imap_port=imap_port,
            smtp_port=smtp_port,
            mailbox_heartbeat_seconds=MAILBOX_HEARTBEAT,
            failpoints="",
        )
        await upgrade_async(settings.database)
        keyring(settings)
        house = await stack.enter_async_context(open_house(settings))
        secret = mail_pair.passwords(organisation, passwords)
        # The house goes through the relays; the customers do not.
        await apply_organisation(
            house, organisation, secret, mail_pair.overrides(organisation, *(r.port for r in relays))
        )
        address = _mailbox(organisation)
        deeds = Deeds(temporal, mail, relays, postgres, address)
        yield World(folder, house, address, _customers(organisation), passwords, deeds)


async def _postgres(stack: AsyncExitStack, folder: Path, engine: Engine) -> PostgresServer | None:
    if engine is Engine.SQLITE:
        return None
    return await stack.enter_async_context(PostgresServer(folder / "postgres", durable=True))


def _mailbox(organisation: OrganisationFile) -> str:
    ((_, mailbox),) = organisation.having(MailboxEntry)
    return mailbox.address


def _customers(organisation: OrganisationFile) -> list[str]:
    return [contact.email for _, contact in organisation.having(ContactBody)]
