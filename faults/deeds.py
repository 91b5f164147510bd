"""The deeds, each in two halves: what happens to a server while the worker stands still, and how it comes back while the
worker goes on and meets what is left of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from urllib.parse import quote

from faults.plan import Deed
from faults.relay import Relay
from servers.postgres import PostgresServer
from servers.processes import stop_process
from servers.temporal import TemporalServer
from starting.data_folder import DataFolder
from starting.mail_pair import mail_pair


class MailServerProcess:
    """The mail pair as a process that can be killed and comes back on its ports and its mail."""

    def __init__(self, folder: DataFolder, imap_port: int, smtp_port: int) -> None:
        self.folder, self.imap_port, self.smtp_port = folder, imap_port, smtp_port
        self._stack = AsyncExitStack()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await self._stack.enter_async_context(mail_pair(self.folder, self.imap_port, self.smtp_port))

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        if self._process is not None:
            await stop_process(self._process)
        await self._stack.aclose()

    def restore(self, address: str) -> None:
        """While it is down: the mails of that mailbox are all there, but flags and UIDs are not what they were."""
        mailbox = self.folder.mail / quote(address, safe="@+")
        uids = mailbox / "caseloom-uids"
        validity = json.loads(uids.read_text())["validity"]
        for number, file in enumerate(sorted((mailbox / "cur").iterdir())):
            file.rename(mailbox / "new" / f"{number:010}.restored")
        uids.write_text(json.dumps({"validity": validity + 1, "next": 1}))


class Deeds:
    """Does the deeds to the servers of one world."""

    def __init__(
        self,
        temporal: TemporalServer,
        mail: MailServerProcess,
        relays: Sequence[Relay],
        postgres: PostgresServer | None,
        address: str,
    ) -> None:
        self.temporal, self.mail, self.relays, self.postgres, self.address = temporal, mail, relays, postgres, address

    async def do(self, deed: Deed) -> None:
        match deed:
            case Deed.TEMPORAL:
                await self.temporal.kill()
            case Deed.MAIL:
                await self.mail.kill()
            case Deed.TCP:
                for relay in self.relays:
                    relay.reset()
            case Deed.UIDVALIDITY:
                await self.mail.kill()
                self.mail.restore(self.address)
            case Deed.POSTGRES if self.postgres is not None:
                await self.postgres.crash()
            case _:
                raise ValueError(f"{deed} is not done to a server of this world")

    async def undo(self, deed: Deed) -> None:
        match deed:
            case Deed.TEMPORAL:
                await self.temporal.start()
            case Deed.MAIL | Deed.UIDVALIDITY:
                await self.mail.start()
            case Deed.POSTGRES if self.postgres is not None:
                await self.postgres.start()
            case _:
                pass  # nothing was ended
