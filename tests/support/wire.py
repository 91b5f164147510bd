"""Two whole houses, and a wire between their mail servers that takes away whatever could tell a loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage as Letter
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from sqlalchemy import func, select

from bootstrap import House, ensure_running, make_workers, open_house, sandbox
from desk.organisation import apply, load
from desk.queries.mail_log import mail_log
from models.messages.mailflow import MailVerdict, OutboxState
from models.messages.names import SEARCH_ATTRIBUTES
from models.records.base import Record
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import InboundMail, Outbox
from models.records.timeline import TimelineEntry
from servers.mail.hub import MailHub
from servers.ports import free_port
from servers.temporal import TemporalServer
from settings import Settings
from storage.migrate import upgrade
from tests.support.mailboxes import arrived

PASSWORD = "a mailbox password"
NUMBER = re.compile(r"\s*\[[A-Z]+-[0-9]+-[A-Z0-9]+\]")


@dataclass
class WiredHouse:
    """A house with its own databases, keys, Temporal server and mail server; `other` is the other one's address."""

    house: House
    hub: MailHub
    folder: Path
    address: str
    other: str
    _carried: set[Path] = field(default_factory=set)

    @property
    def carried(self) -> int:
        """Mails of this house that went over the wire."""
        return len(self._carried)

    def waiting(self) -> list[Path]:
        """What this house handed in for the other, and nobody carried yet."""
        return sorted(set(arrived(self.folder, self.other)) - self._carried)

    async def carry(self, there: WiredHouse) -> None:
        for file in self.waiting():
            self._carried.add(file)
            await there.hub.deliver(there.address, as_new(file.read_bytes()))

    async def count(self, kind: type[Record], *where: Any) -> int:
        async with self.house.database.read() as session:
            return await session.scalar(select(func.count()).select_from(kind).where(*where)) or 0

    async def timeline(self, kind: str) -> list[TimelineEntry]:
        async with self.house.database.read() as session:
            rows = select(TimelineEntry).where(TimelineEntry.kind == kind).order_by(TimelineEntry.id)
            return list(await session.scalars(rows))

    async def log(self, verdict: MailVerdict | None = None) -> list[dict[str, Any]]:
        """What the operator reads, the newest first."""
        async with self.house.database.read() as session:
            items, _ = await mail_log(session, "support", verdict, None, 200)
        return items

    async def at_rest(self) -> bool:
        """Everything that came is in the mail log, every case has heard of it, and nothing is left to send or carry."""
        unsent = await self.count(Outbox, Outbox.state.in_((OutboxState.QUEUED, OutboxState.SENDING)))
        undone = await self.count(Delivery, ~Delivery.done)
        taken = await self.count(InboundMail, InboundMail.flagged)
        opening = await self.count(Case, Case.status == "opening")
        return not (unsent or undone or opening or self.waiting()) and taken == len(arrived(self.folder, self.address))


def as_new(raw: bytes) -> bytes:
    """The same text and sender, as a new mail that a person has just written: nothing in it tells of an earlier one."""
    given = message_from_bytes(raw, policy=default)
    made = Letter()
    made["From"], made["To"] = given["From"], given["To"]
    made["Subject"] = NUMBER.sub("", str(given["Subject"]))
    made["Date"] = given["Date"]
    made["Message-ID"] = f"<{uuid4()}@wire.example>"
    made.set_content(given.get_content())
    return made.as_bytes()


async def wire(one: WiredHouse, two: WiredHouse) -> None:
    """Carries both ways, until it is cancelled."""
    while True:
        await one.carry(two)
        await two.carry(one)
        await asyncio.sleep(0.02)


@asynccontextmanager
async def wired_house(folder: Path, name: str, other: str, **settings: Any) -> AsyncIterator[WiredHouse]:
    """A house that answers every stranger's mail at `support@<name>.example`, up and working."""
    address, there = f"support@{name}.example", f"support@{other}.example"
    folder.mkdir()
    async with AsyncExitStack() as stack:
        # What is for the other house waits here for the wire, in a mailbox of that name.
        hub = await stack.enter_async_context(MailHub(folder / "mail", dict.fromkeys((address, there), PASSWORD)))
        port = free_port()
        server = TemporalServer(None, port, search_attributes=SEARCH_ATTRIBUTES, log_file=folder / "temporal.log")
        await stack.enter_async_context(server)
        config = Settings(
            data=folder / "data",
            temporal_address=server.address,
            mailbox_heartbeat_seconds=5,
            database_url=f"sqlite+aiosqlite:///{folder / 'house.db'}",
        )
        await asyncio.to_thread(upgrade, config.database)
        house = await stack.enter_async_context(open_house(config))
        text = yaml.safe_dump(organisation(address, hub, settings))
        await apply(
            house.database,
            load(text, name),
            actor="test",
            now=datetime.now(UTC),
            keyring=house.keyring,
            secret=lambda source, variable: PASSWORD,
        )
        for worker in make_workers(house, runner=sandbox()):
            await stack.enter_async_context(worker)
        await ensure_running(house)
        yield WiredHouse(house, hub, folder, address, there)


def organisation(address: str, hub: MailHub, settings: Mapping[str, Any]) -> dict[str, Any]:
    server = {"host": "127.0.0.1", "tls": "none", "user": address}
    name = address.partition("@")[2]
    return {
        "organisation": {"name": name, **settings},
        "agents": [{"slug": "boss", "name": "Boss", "email": f"boss@{name}", "roles": ["manager"]}],
        "mailboxes": [
            {
                "slug": "support",
                "address": address,
                "display_name": f"Support of {name}",
                "queue": "support",
                "password_env": "PASSWORD",
                "imap": {**server, "port": hub.imap_port},
                "smtp": {**server, "port": hub.smtp_port},
            }
        ],
        "queues": [{"slug": "support", "name": "Support", "owner": "boss", "mailbox": "support"}],
        "templates": [
            {
                "slug": "ack",
                "name": "We have your message",
                "texts": {"en": {"subject": "Re: {{ mail.subject }}", "body": "This is case {{ case.number }}."}},
            }
        ],
        "record_creation_rules": [
            {
                "slug": "every-mail",
                "name": "Every mail",
                "queue": "support",
                "allow_unknown_senders": True,
                "auto_reply_template": "ack",
                "items": [{"name": "All mail"}],
            }
        ],
    }


__all__ = ["WiredHouse", "as_new", "wire", "wired_house"]
