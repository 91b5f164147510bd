"""Whether the servers of each active mailbox let us in; nothing is read, sent or changed there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

from letters.accounts import MailboxUnusable, active_mailbox_rows, imap_account, keep_renewed_secret, smtp_account
from mail.account import ImapAccount, MailAccount, SmtpAccount
from mail.imap.aioimaplib_client import connect
from mail.imap.client import ImapAuthFailed, ImapError
from mail.smtp import SmtpAuthFailed, SmtpSender, SmtpUnavailable
from models.records.reference import Mailbox
from storage.engines import Database
from storage.secrets import Keyring, KeyringError

AT_ONCE = 8

A = TypeVar("A", bound=MailAccount)


class LoginRefused(Exception):
    """The server does not take the user or the password. The text names no secret."""


class NoAnswer(Exception):
    """The server was silent for too long."""


@dataclass(frozen=True)
class Login:
    """`where` is host and port, as far as the settings tell; `error` is why it failed."""

    mailbox: str
    server: Literal["IMAP", "SMTP"]
    where: str
    error: Exception | None = None


async def try_logins(database: Database, keyring: Keyring, within: float) -> list[Login]:
    """Two for each active mailbox, by slug; at most `within` seconds each."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def both(mailbox: Mailbox) -> list[Login]:
        async with limit:
            try:
                return [
                    await _tried(mailbox, "IMAP", partial(imap_account, mailbox, keyring), _imap, within),
                    await _tried(mailbox, "SMTP", partial(smtp_account, mailbox, keyring), _smtp, within),
                ]
            finally:
                # A token endpoint may have given out a new refresh token, and taken back the one that we keep.
                with suppress(MailboxUnusable, KeyringError):  # which the findings tell already
                    await keep_renewed_secret(database, mailbox, keyring)

    found = await asyncio.gather(*(both(mailbox) for mailbox in await active_mailbox_rows(database)))
    return [login for logins in found for login in logins]


async def _tried(
    mailbox: Mailbox,
    server: Literal["IMAP", "SMTP"],
    account_of: Callable[[], A],
    log_in: Callable[[A], Awaitable[None]],
    within: float,
) -> Login:
    try:
        account = account_of()
    except (MailboxUnusable, KeyringError) as error:
        return Login(mailbox.slug, server, "", error)
    where = f"{account.host}:{account.port}"
    try:
        async with asyncio.timeout(within):
            await log_in(account)
    except TimeoutError:
        return Login(mailbox.slug, server, where, NoAnswer(f"{where} gives no answer in {within:g} s"))
    except (ImapAuthFailed, SmtpAuthFailed) as error:
        return Login(mailbox.slug, server, where, LoginRefused(str(error)))
    except (ImapError, SmtpUnavailable) as error:
        return Login(mailbox.slug, server, where, error)
    return Login(mailbox.slug, server, where)


async def _imap(account: ImapAccount) -> None:
    """The folder too: read-only, so that nothing there changes."""
    async with connect(account) as client:
        await client.select(account.folder, read_only=True)


async def _smtp(account: SmtpAccount) -> None:
    async with SmtpSender(account):
        pass
