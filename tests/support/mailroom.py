"""A house with real mail: a hub that speaks IMAP and SMTP, a database, and what the mail activities need of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage as Draft
from email.message import EmailMessage as Read
from email.policy import default
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import func, select
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.mailbox import MailboxActivities
from activities.outbox import OutboxActivities
from engine.dispatch import CaseDispatcher
from letters.accounts import imap_account
from letters.outbox import OutboxSender
from mail.account import ImapAccount
from mail.imap.aioimaplib_client import connect
from mail.imap.client import ImapClient
from mail.tokens import ReplyTokens, TokenKeys
from mailroom.intake import MailIntake
from models.messages.mailflow import DeliveryKind, MailboxJob
from models.records.base import Record, new_id
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import EmailMessage, InboundMail, Outbox
from models.records.reference import Agent, Contact, DefinitionRecord, Mailbox, Queue
from servers.mail.hub import MailHub
from storage.definitions import Definitions
from storage.engines import Database
from storage.files import FolderStore
from storage.secrets import Keyring
from tests.support.waiting import until

PASSWORD = "correct horse"
KEYS = {"k1": b"0123456789abcdef0123456789abcdef"}
SUPPORT, SALES, CUSTOMER = "support@house.example", "sales@house.example", "ada@customer.example"


R = TypeVar("R", bound=Record)


@dataclass
class Told(CaseDispatcher):
    """Notes whom it was asked to tell, instead of telling them by a server."""

    opened: list[str] = field(default_factory=list)
    delivered: list[tuple[str, UUID]] = field(default_factory=list)

    async def open(self, case_id: UUID, number: str, origin: str) -> Any:
        self.opened.append(number)

    async def deliver(self, case_id: UUID, number: str, origin: str, delivery_id: UUID, kind: DeliveryKind) -> None:
        self.delivered.append((number, delivery_id))


@dataclass
class Mailroom:
    hub: MailHub
    database: Database
    files: FolderStore
    keyring: Keyring
    tokens: ReplyTokens
    told: Told = field(default_factory=Told)
    definitions: Definitions = field(default_factory=Definitions)
    jobs: dict[str, MailboxJob] = field(default_factory=dict)

    def intake(self, **options: Any) -> MailboxActivities:
        return MailboxActivities(
            MailIntake(self.database, self.definitions, self.files, self.told, self.tokens, self.keyring, **options)
        )

    def outbox(self, **options: Any) -> OutboxActivities:
        options = {"definitions": self.definitions, **options}
        return OutboxActivities(OutboxSender(self.database, self.files, self.told, self.keyring, **options))

    # ---- rows ----------------------------------------------------------------------------------------------------------

    async def add(self, *rows: Record) -> None:
        async with self.database.write() as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def all(self, kind: type[R]) -> list[R]:
        async with self.database.read() as session:
            return list(await session.scalars(select(kind).order_by(kind.id)))  # type: ignore[attr-defined]

    async def count(self, kind: type[Record], *where: Any) -> int:
        async with self.database.read() as session:
            return await session.scalar(select(func.count()).select_from(kind).where(*where)) or 0

    async def mailbox(self, slug: str) -> Mailbox:
        async with self.database.read() as session:
            return (await session.scalars(select(Mailbox).where(Mailbox.slug == slug))).one()

    async def define(self, kind: str, slug: str, **body: Any) -> None:
        await self.add(
            DefinitionRecord(
                id=new_id(), kind=kind, slug=slug, version=1, status="active", body={"slug": slug, "name": slug, **body}
            )
        )

    async def rule(self, queue: str, **changes: Any) -> None:
        """The active record creation rule of a queue: everything opens a case, unless told otherwise."""
        given = {"queue": queue, "items": [{"name": "All mail"}], "allow_unknown_senders": True, **changes}
        await self.define("record-creation-rule", f"rule-{queue}", **given)

    async def settings(self, **changes: Any) -> None:
        """The organisation's settings, the defaults but for these."""
        await self.define("organisation", "organisation", **changes)

    async def contact(self, email: str, **given: Any) -> Contact:
        contact = Contact(id=new_id(), **{"slug": email.partition("@")[0], "name": "Ada", "email": email, **given})
        await self.add(contact)
        return contact

    async def contacts(self) -> list[Contact]:
        return await self.all(Contact)

    async def configure(self, slug: str = "support", server: str = "imap", **changes: Any) -> None:
        """What the mailbox says of its IMAP or SMTP server, from the next start of its activity on."""
        async with self.database.write() as session:
            row = (await session.scalars(select(Mailbox).where(Mailbox.slug == slug))).one()
            row.settings = {**row.settings, server: {**row.settings[server], **changes}}

    # ---- mail ----------------------------------------------------------------------------------------------------------

    async def arrives(self, text: str = "It is broken.", to: str = SUPPORT, **headers: Any) -> bytes:
        """A mail in the server's folder, put there as SMTP would."""
        raw = letter(text, to=to, **headers)
        await self.hub.deliver(to, raw)
        return raw

    @asynccontextmanager
    async def imap(self, slug: str = "support") -> AsyncIterator[ImapClient]:
        async with connect(imap_account(await self.mailbox(slug), self.keyring)) as client:
            await client.select("INBOX")
            yield client

    async def taken_in(self, count: int, slug: str = "support", **options: Any) -> list[InboundMail]:
        """The mail log of all mailboxes, once so many mails are in it and flagged; read by a reader that knows nothing of the
        one before."""

        async def complete() -> bool:
            return await self.count(InboundMail, InboundMail.flagged) >= count

        async with self.running(self.intake(**options).watch_mailbox, slug):
            await until(complete)
        return await self.all(InboundMail)

    async def received(self, address: str = CUSTOMER) -> list[Read]:
        """What lies in an address's mailbox, oldest first."""
        return [message_from_bytes(each, policy=default) for each in await self.received_bytes(address)]

    async def received_bytes(self, address: str = CUSTOMER) -> list[bytes]:
        account = ImapAccount(
            host="127.0.0.1", port=self.hub.imap_port, tls="none", user=address, password=SecretStr(PASSWORD)
        )
        async with connect(account) as client:
            await client.select("INBOX")
            return list((await client.fetch_many(await client.search_after(0))).values())

    @asynccontextmanager
    async def running(self, activity: Any, slug: str = "support") -> AsyncIterator[asyncio.Task[bool]]:
        """The activity of one mailbox, for the length of the block; then its worker shuts down."""
        environment = ActivityEnvironment()
        task = asyncio.create_task(environment.run(activity, self.jobs[slug]))
        try:
            yield task
        finally:
            environment.worker_shutdown()
            with suppress(ApplicationError):
                await asyncio.wait_for(task, 10)


def letter(
    text: str = "It is broken.", to: str = SUPPORT, attachments: Mapping[str, bytes] | None = None, **headers: Any
) -> bytes:
    """Raw bytes; header names in Python's spelling, e.g. `message_id="<a@b>"`; a value of "" leaves the header out."""
    draft = Draft()
    count = next(_numbers)
    given = {
        "from_": f"Ada Lovelace <{CUSTOMER}>",
        "to": to,
        "subject": f"Broken {count}",
        "message_id": f"<mail-{count}@customer.example>",
        "date": "Mon, 02 Nov 2026 10:00:00 +0000",
        **headers,
    }
    for name, value in given.items():
        if value:
            draft[name.rstrip("_").replace("_", "-")] = value
    draft.set_content(text)
    for name, content in (attachments or {}).items():
        draft.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return draft.as_bytes()


_numbers = iter(range(1, 1_000_000))


@asynccontextmanager
async def open_mailroom(database_url: str, folder: Path, **hub_options: Any) -> AsyncIterator[Mailroom]:
    """Two mailboxes with a queue each, and the customer's own mailbox; no rule, no contact."""
    database = Database(database_url)
    keyring = Keyring("k1", KEYS)
    users = dict.fromkeys((SUPPORT, SALES, CUSTOMER), PASSWORD)
    try:
        async with MailHub(folder / "mail", users, **hub_options) as hub:
            room = Mailroom(
                hub, database, FolderStore(folder / "files"), keyring, ReplyTokens(TokenKeys(current="k1", keys=KEYS))
            )
            agent = Agent(id=new_id(), slug="boss", name="Boss", email="boss@house.example", roles=["manager"])
            await room.add(agent)
            for slug, address in (("support", SUPPORT), ("sales", SALES)):
                server = {"host": "127.0.0.1", "tls": "none", "user": address}
                mailbox = Mailbox(
                    id=new_id(),
                    slug=slug,
                    address=address,
                    display_name=slug.title(),
                    queue=slug,
                    settings={"imap": {**server, "port": hub.imap_port}, "smtp": {**server, "port": hub.smtp_port}},
                    secret=keyring.encrypt(PASSWORD),
                )
                queue = Queue(id=new_id(), slug=slug, name=slug.title(), owner_id=agent.id, mailbox_id=mailbox.id)
                await room.add(mailbox, queue)
                room.jobs[slug] = MailboxJob(mailbox_id=mailbox.id, slug=slug)
            yield room
    finally:
        await database.close()


NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)

__all__ = [
    "CUSTOMER",
    "SALES",
    "SUPPORT",
    "Case",
    "Delivery",
    "EmailMessage",
    "InboundMail",
    "Mailroom",
    "Outbox",
    "letter",
]
