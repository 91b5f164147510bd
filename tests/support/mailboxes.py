"""The desk's mailbox on a real mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import select

from models.messages.mailflow import MailboxJob
from models.records.reference import Mailbox
from servers.mail.hub import MailHub
from tests.support.correspondence import CUSTOMER, SUPPORT
from tests.support.desks import Desk

PASSWORD = "a mailbox password"


@asynccontextmanager
async def mail_server(folder: Path) -> AsyncIterator[MailHub]:
    """Mailboxes of the desk and of its customer."""
    async with MailHub(folder / "mail", dict.fromkeys((SUPPORT, CUSTOMER), PASSWORD)) as hub:
        yield hub


async def served(desk: Desk, hub: MailHub) -> MailboxJob:
    """The desk's mailbox is on this server from now on."""
    async with desk.house.database.write() as session:
        row = (await session.scalars(select(Mailbox))).one()
        ports = {"imap": hub.imap_port, "smtp": hub.smtp_port}
        row.settings = {name: {**row.settings[name], "port": port} for name, port in ports.items()}
    return MailboxJob(mailbox_id=row.id, slug=row.slug, heartbeat_seconds=1)


def arrived(folder: Path, address: str) -> list[Path]:
    """The files of the mails that lie in somebody's mailbox."""
    inbox = folder / "mail" / quote(address, safe="@+")
    return [file for file in inbox.rglob("*") if file.parent.name in ("new", "cur") and file.is_file()]
