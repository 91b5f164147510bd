"""Where a mailbox is fetched from and where its mail is handed in: host, port, encryption, credentials."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Tls = Literal["tls", "starttls", "none"]
"""`tls`: encrypted from the first byte; `starttls`: upgraded before the login, or refused; `none`: in the clear."""


class Account(BaseModel):
    """A server and its credentials. `ca_file` adds a private certificate authority to those the system trusts."""

    model_config = ConfigDict(frozen=True)

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    tls: Tls = "tls"
    ca_file: Path | None = None


class ImapAccount(Account):
    """One mailbox folder on an IMAP server."""

    user: str = Field(min_length=1)
    password: SecretStr
    folder: str = "INBOX"


class SmtpAccount(Account):
    """A submission server; without `user` nothing is authenticated."""

    user: str | None = None
    password: SecretStr | None = None
