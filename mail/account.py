"""Where a mailbox is fetched from and where its mail is handed in: host, port, encryption, credentials."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Tls = Literal["tls", "starttls", "none"]
"""`tls`: encrypted from the first byte; `starttls`: upgraded before the login, or refused; `none`: in the clear."""

Auth = Literal["password", "xoauth2"]
"""`xoauth2`: the account's password is an access token, or what one is fetched with (`mail.oauth`)."""


class MailAccount(BaseModel):
    """A server and its credentials. `ca_file` adds a private certificate authority to those the system trusts."""

    model_config = ConfigDict(frozen=True)

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    tls: Tls = "tls"
    ca_file: Path | None = None
    auth: Auth = "password"


class ImapAccount(MailAccount):
    """One mailbox folder on an IMAP server. `poll_seconds`: between two looks at a server without IDLE."""

    user: str = Field(min_length=1)
    password: SecretStr
    folder: str = "INBOX"
    poll_seconds: float = Field(default=10.0, gt=0)


class SmtpAccount(MailAccount):
    """A submission server; without `user` nothing is authenticated."""

    user: str | None = None
    password: SecretStr | None = None
