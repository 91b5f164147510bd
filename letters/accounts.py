"""A mailbox row as what the mail floor needs: accounts with the secret opened, and the address that it answers as."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr, ValidationError
from sqlalchemy import select, update

from mail.account import ImapAccount, SmtpAccount
from mail.oauth import TOKENS
from models.messages.mailflow import MailboxJob
from models.messages.reference import ImapServer, MailAuth, MailServer, SmtpServer
from models.records.reference import Mailbox
from storage.engines import Database
from storage.secrets import Keyring


class MailboxUnusable(Exception):
    """The row's settings are incomplete; the text names the field and no secret."""


def imap_account(mailbox: Mailbox, keyring: Keyring) -> ImapAccount:
    """Where the mailbox is read. Raises MailboxUnusable, or KeyringError if its secret does not open."""
    server = imap_server(mailbox)
    return ImapAccount(
        host=server.host,
        port=server.port,
        tls=server.tls,
        ca_file=_path(server.ca_file),
        auth=server.auth.value,
        user=server.user,
        password=_secret(mailbox, keyring) or SecretStr(""),
        folder=server.folder,
        poll_seconds=server.poll_seconds,
    )


def imap_server(mailbox: Mailbox) -> ImapServer:
    """Where the mailbox is read, and what becomes of its mail there. Raises MailboxUnusable."""
    return _server(mailbox, "imap", ImapServer)


def smtp_account(mailbox: Mailbox, keyring: Keyring) -> SmtpAccount:
    """Where the mailbox's mail is handed in. Raises as `imap_account` does."""
    server = _server(mailbox, "smtp", SmtpServer)
    return SmtpAccount(
        host=server.host,
        port=server.port,
        tls=server.tls,
        ca_file=_path(server.ca_file),
        auth=server.auth.value,
        user=server.user,
        password=_secret(mailbox, keyring) if server.user else None,
    )


async def keep_renewed_secret(database: Database, mailbox: Mailbox, keyring: Keyring) -> None:
    """Keeps a refresh token that the token endpoint gave out in place of ours, which may end with its first use.

    A secret that somebody changed meanwhile stays as they set it.
    """
    if imap_server(mailbox).auth is not MailAuth.XOAUTH2 or mailbox.secret is None:
        return
    kept = mailbox.secret
    newer = TOKENS.renewed(SecretStr(keyring.decrypt(kept)))
    if newer is not None:
        sealed = keyring.encrypt(newer.get_secret_value())
        async with database.write() as session:
            await session.execute(
                update(Mailbox).where(Mailbox.id == mailbox.id, Mailbox.secret == kept).values(secret=sealed)
            )
        mailbox.secret = sealed


async def active_mailbox_rows(database: Database) -> list[Mailbox]:
    """By slug."""
    async with database.read() as session:
        return list(await session.scalars(select(Mailbox).where(Mailbox.active).order_by(Mailbox.slug)))


async def active_mailboxes(database: Database) -> list[MailboxJob]:
    """One job for each mailbox whose mail is to be read and sent."""
    async with database.read() as session:
        rows = await session.execute(select(Mailbox.id, Mailbox.slug).where(Mailbox.active).order_by(Mailbox.slug))
        return [MailboxJob(mailbox_id=id, slug=slug) for id, slug in rows]


S = TypeVar("S", bound=MailServer)


def _server(mailbox: Mailbox, name: str, model: type[S]) -> S:
    try:
        return model.model_validate(mailbox.settings.get(name))
    except ValidationError as error:
        places = [".".join([name, *map(str, found["loc"])]) for found in error.errors(include_input=False)]
        raise MailboxUnusable(f"mailbox {mailbox.slug!r}: {', '.join(places)} is missing or wrong") from None


def _secret(mailbox: Mailbox, keyring: Keyring) -> SecretStr | None:
    return SecretStr(keyring.decrypt(mailbox.secret)) if mailbox.secret else None


def _path(value: str | None) -> Path | None:
    return Path(value) if value else None
