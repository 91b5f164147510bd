"""A mailbox row as what the mail floor needs: accounts with the secret opened, and the address that it answers as."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr, ValidationError

from mail.account import ImapAccount, SmtpAccount
from models.messages.reference import ImapServer, SmtpServer
from models.records.reference import Mailbox
from storage.secrets import Keyring


class MailboxUnusable(Exception):
    """The row's settings are incomplete; the text names the field and no secret."""


def imap_account(mailbox: Mailbox, keyring: Keyring) -> ImapAccount:
    """Where the mailbox is read. Raises MailboxUnusable, or KeyringError if its secret does not open."""
    server = _server(mailbox, "imap", ImapServer)
    return ImapAccount(
        host=server.host,
        port=server.port,
        tls=server.tls,
        ca_file=_path(server.ca_file),
        user=server.user,
        password=_secret(mailbox, keyring) or SecretStr(""),
        folder=server.folder,
    )


def smtp_account(mailbox: Mailbox, keyring: Keyring) -> SmtpAccount:
    """Where the mailbox's mail is handed in. Raises as `imap_account` does."""
    server = _server(mailbox, "smtp", SmtpServer)
    return SmtpAccount(
        host=server.host,
        port=server.port,
        tls=server.tls,
        ca_file=_path(server.ca_file),
        user=server.user,
        password=_secret(mailbox, keyring) if server.user else None,
    )


S = TypeVar("S", ImapServer, SmtpServer)


def _server(mailbox: Mailbox, name: str, model: type[S]) -> S:
    try:
        return model.model_validate(mailbox.settings.get(name))
    except ValidationError as error:
        fields = ", ".join(".".join([name, *map(str, each["loc"])]) for each in error.errors(include_input=False))
        raise MailboxUnusable(f"mailbox {mailbox.slug!r}: {fields} is missing or wrong") from None


def _secret(mailbox: Mailbox, keyring: Keyring) -> SecretStr | None:
    return SecretStr(keyring.decrypt(mailbox.secret)) if mailbox.secret else None


def _path(value: str | None) -> Path | None:
    return Path(value) if value else None
