"""The demo's mail pair: IMAP and SMTP in a process of its own, its mail kept in the data folder."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from desk.organisation.applying import Overrides, ReadSecret, SecretSource
from desk.organisation.file import OrganisationFile
from models.messages.reference import AgentBody, ContactBody, MailboxEntry
from servers.errors import ServerFailed
from servers.ports import LOCALHOST
from servers.processes import start_process, stop_process
from starting.data_folder import DataFolder, write_private

ROOT = Path(__file__).resolve().parents[1]

RUN_HUB = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('servers.mail.hub', None, '__main__', True)"
"""`python -m servers.mail.hub` from any working folder: the user's own may be anywhere."""

READY_WITHIN = 30.0
POLL_EVERY = 0.02


def accounts(folder: DataFolder, organisation: OrganisationFile) -> dict[str, str]:
    """Passwords by address, for the organisation's mailboxes, its people and its contacts; made once and kept (mode 0600)."""
    kept: dict[str, str] = json.loads(folder.mail_users.read_text()) if folder.mail_users.exists() else {}
    wanted = [mailbox.imap.user for _, mailbox in organisation.having(MailboxEntry)]
    wanted += [agent.email for _, agent in organisation.having(AgentBody)]
    wanted += [contact.email for _, contact in organisation.having(ContactBody)]
    users = {**kept, **{each.lower(): secrets.token_urlsafe(12) for each in wanted if each.lower() not in kept}}
    if users != kept:
        write_private(folder.mail_users, json.dumps(users, indent=2) + "\n")
    return users


def overrides(organisation: OrganisationFile, imap_port: int, smtp_port: int) -> Overrides:
    """Every mailbox of the file, moved onto the mail pair."""
    here: Mapping[str, Any] = {"host": LOCALHOST, "tls": "none"}
    servers = {"imap": {**here, "port": imap_port}, "smtp": {**here, "port": smtp_port}}
    return {mailbox.slug: servers for _, mailbox in organisation.having(MailboxEntry)}


def passwords(organisation: OrganisationFile, users: Mapping[str, str]) -> ReadSecret:
    """Answers with the mail pair's password wherever the file names a variable or a file for one."""
    by_name = {
        mailbox.password_env or mailbox.password_file: users[mailbox.imap.user.lower()]
        for _, mailbox in organisation.having(MailboxEntry)
    }

    def read(source: SecretSource, name: str) -> str:
        return by_name[name]

    return read


@asynccontextmanager
async def mail_pair(folder: DataFolder, imap_port: int, smtp_port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The running pair, until the context is left. Raises `ServerFailed`."""
    log_file = folder.logs / "mail.log"
    options: list[str | Path] = ["--folder", folder.mail, "--users-file", folder.mail_users]
    ports = ["--imap-port", str(imap_port), "--smtp-port", str(smtp_port)]
    process = await start_process([sys.executable, "-c", RUN_HUB, ROOT, *options, *ports], log_file)
    try:
        try:
            async with asyncio.timeout(READY_WITHIN):
                while not _is_ready(log_file):
                    if process.returncode is not None:
                        raise ServerFailed(f"The mail pair ended at once (exit code {process.returncode}).", log_file)
                    await asyncio.sleep(POLL_EVERY)
        except TimeoutError:
            raise ServerFailed(f"The mail pair was not ready in {READY_WITHIN:.0f} s.", log_file) from None
        yield process
    finally:
        await stop_process(process)


def _is_ready(log_file: Path) -> bool:
    return any(line.startswith("ready ") for line in log_file.read_text(errors="replace").splitlines())
