"""Accounts out of mailbox rows, and the secrets that are kept with them: sealed, and renewed where they must be."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from letters.accounts import MailboxUnusable, imap_account, keep_renewed_secret, smtp_account
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from tests.mail.servers import TokenEndpoint, credentials
from tests.support.mailroom import SUPPORT, Mailroom, open_mailroom
from tests.support.waiting import until


@pytest.fixture
async def endpoint() -> AsyncIterator[TokenEndpoint]:
    async with TokenEndpoint(SUPPORT) as running:
        yield running


@pytest.fixture
async def room(database_url: str, tmp_path: Path, endpoint: TokenEndpoint) -> AsyncIterator[Mailroom]:
    """Its mailbox logs in with the first token that the endpoint gives out."""
    async with open_mailroom(database_url, tmp_path, tokens={SUPPORT: "access-1"}) as room:
        await room.rule("support")
        for server in ("imap", "smtp"):
            await room.configure(server=server, auth="xoauth2")
        await seal(room, credentials(endpoint))
        yield room


async def seal(room: Mailroom, secret: str) -> None:
    async with room.database.write() as session:
        await session.execute(update(Mailbox).values(secret=room.keyring.encrypt(secret)))


async def opened(room: Mailroom) -> str:
    mailbox = await room.mailbox("support")
    return room.keyring.decrypt(mailbox.secret or "")


async def test_what_a_mailbox_says_of_its_servers(room: Mailroom) -> None:
    await room.configure(poll_seconds=3, folder="Incoming")
    mailbox = await room.mailbox("support")
    imap, smtp = imap_account(mailbox, room.keyring), smtp_account(mailbox, room.keyring)
    assert (imap.auth, imap.folder, imap.poll_seconds) == ("xoauth2", "Incoming", 3)
    assert (smtp.auth, smtp.password) == ("xoauth2", imap.password)
    assert "r-secret" not in f"{imap!r} {smtp!r} {mailbox.secret}"


async def test_a_row_that_cannot_be_used_names_the_field(room: Mailroom) -> None:
    await room.configure(after="shred")
    with pytest.raises(MailboxUnusable, match=r"'support': imap\.after"):
        imap_account(await room.mailbox("support"), room.keyring)


async def test_mail_is_taken_in_by_a_token_and_a_new_refresh_token_is_kept(
    room: Mailroom, endpoint: TokenEndpoint
) -> None:
    endpoint.more = {"refresh_token": "r-newer"}
    await room.arrives()

    async def done() -> bool:
        return await room.count(InboundMail, InboundMail.flagged) == 1

    async with room.running(room.intake().watch_mailbox):
        await until(done)
    assert json.loads(await opened(room)) == json.loads(credentials(endpoint, refresh_token="r-newer"))
    assert endpoint.fetched == 1


async def test_a_secret_that_was_changed_meanwhile_stays(room: Mailroom, endpoint: TokenEndpoint) -> None:
    endpoint.more = {"refresh_token": "r-newer"}
    mailbox = await room.mailbox("support")
    async with room.running(room.intake().watch_mailbox):
        await until(lambda: endpoint.fetched == 1)
    await seal(room, "access-9")
    await keep_renewed_secret(room.database, mailbox, room.keyring)
    assert await opened(room) == "access-9"


async def test_a_refused_login_is_the_operators_to_see(room: Mailroom, endpoint: TokenEndpoint) -> None:
    endpoint.answers = [(400, {"error": "invalid_grant", "error_description": "Token has been revoked."})] * 9

    async def told() -> bool:
        return "invalid_grant: Token has been revoked." in str((await room.mailbox("support")).last_error)

    async with room.running(room.intake().watch_mailbox):
        await until(told)
    assert "r-secret" not in str((await room.mailbox("support")).last_error)
