"""Whether the servers of a mailbox let us in, asked of real ones; and no secret in what is said of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from letters.accounts import MailboxUnusable
from letters.logins import Login, LoginRefused, NoAnswer, try_logins
from mail.imap.client import ImapError
from mail.smtp import SmtpUnavailable
from models.records.reference import Mailbox
from servers.ports import free_port
from storage.secrets import Keyring, KeyringError
from tests.mail.servers import TokenEndpoint, credentials
from tests.support.mailroom import KEYS, SUPPORT, Mailroom, open_mailroom

WITHIN = 20.0
GUESS = "a-wrong-guess-0815"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database will do: what is looked at here are mail servers."""
    return sqlite_url


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        yield room


async def change(room: Mailroom, **values: object) -> None:
    async with room.database.write() as session:
        await session.execute(update(Mailbox).where(Mailbox.slug == "support").values(**values))


async def of_support(room: Mailroom, keyring: Keyring | None = None, within: float = WITHIN) -> list[Login]:
    """Those of one mailbox; the other one's are as they should be."""
    imap, smtp, *rest = sorted(
        await try_logins(room.database, keyring or room.keyring, within), key=lambda each: each.mailbox == "sales"
    )
    assert [(each.mailbox, each.error) for each in rest] == [("sales", None)] * len(rest)
    assert [(each.mailbox, each.server) for each in (imap, smtp)] == [("support", "IMAP"), ("support", "SMTP")]
    return [imap, smtp]


async def test_both_servers_of_each_active_mailbox_let_us_in(room: Mailroom) -> None:
    ports = {"IMAP": room.hub.imap_port, "SMTP": room.hub.smtp_port}
    assert await try_logins(room.database, room.keyring, WITHIN) == [
        Login(mailbox, server, f"127.0.0.1:{ports[server]}")
        for mailbox in ("sales", "support")
        for server in ("IMAP", "SMTP")
    ]
    await change(room, active=False)
    assert {each.mailbox for each in await try_logins(room.database, room.keyring, WITHIN)} == {"sales"}


async def test_a_refused_password_is_told_without_it(room: Mailroom) -> None:
    await change(room, secret=room.keyring.encrypt(GUESS))
    for login in await of_support(room):
        assert isinstance(login.error, LoginRefused)
        assert GUESS not in str(login.error)


async def test_servers_that_are_away_are_named(room: Mailroom) -> None:
    ports = free_port(), free_port()
    for server, port in zip(("imap", "smtp"), ports, strict=True):
        await room.configure(server=server, port=port)
    imap, smtp = await of_support(room)
    assert isinstance(imap.error, ImapError)
    assert isinstance(smtp.error, SmtpUnavailable)
    assert [f"127.0.0.1:{port}" in str(login.error) for port, login in zip(ports, (imap, smtp), strict=True)] == [
        True,
        True,
    ]


async def test_a_silent_server_is_given_up(room: Mailroom) -> None:
    ended = asyncio.Event()

    async def keep_silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for name in ("imap", "smtp"):
        await room.configure(server=name, port=port)
    try:
        async with asyncio.timeout(WITHIN):
            logins = await of_support(room, within=1.0)
    finally:
        ended.set()
        server.close()
        await server.wait_closed()
    for login in logins:
        assert isinstance(login.error, NoAnswer)
        assert str(login.error) == f"127.0.0.1:{port} gives no answer in 1 s"


async def test_a_folder_that_is_not_there_is_named(room: Mailroom) -> None:
    await room.configure(folder="Elsewhere")
    imap, smtp = await of_support(room)
    assert isinstance(imap.error, ImapError)
    assert smtp.error is None


async def test_settings_that_are_wrong_and_keys_that_are_missing_are_told(room: Mailroom) -> None:
    other = Keyring("k9", {"k9": KEYS["k1"]})
    for login in await try_logins(room.database, other, WITHIN):
        assert isinstance(login.error, KeyringError)
    await room.configure(tls="perhaps")
    imap, smtp = await of_support(room)
    assert isinstance(imap.error, MailboxUnusable)
    assert "imap.tls" in str(imap.error)
    assert smtp.error is None


async def test_a_new_refresh_token_is_kept(database_url: str, tmp_path: Path) -> None:
    """Else whoever only looks would lock the mailbox out: the endpoint takes back the old one."""
    async with (
        TokenEndpoint(SUPPORT) as endpoint,
        open_mailroom(database_url, tmp_path, tokens={SUPPORT: "access-1"}) as room,
    ):
        for server in ("imap", "smtp"):
            await room.configure(server=server, auth="xoauth2")
        await change(room, secret=room.keyring.encrypt(credentials(endpoint)))
        endpoint.more = {"refresh_token": "r-newer"}
        assert [login.error for login in await of_support(room)] == [None, None]
        kept = room.keyring.decrypt((await room.mailbox("support")).secret or "")
        assert json.loads(kept) == json.loads(credentials(endpoint, refresh_token="r-newer"))
        assert endpoint.fetched == 1
