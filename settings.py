"""Settings: environment variables with the prefix CASELOOM_, or a `.env` file. Nothing below `bootstrap` reads them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CASELOOM_", env_file=".env", extra="ignore")

    data: Path = Path(".caseloom")
    """The data folder (mode 0700): database, files, keys, mail, logs."""
    database_url: str | None = None
    """`sqlite:///...` or `postgresql://...`; none: SQLite in the data folder."""
    temporal_address: str = "127.0.0.1:7420"
    temporal_namespace: str = "default"
    temporal_api_key: SecretStr | None = None
    temporal_tls: bool = False
    temporal_profile: str | None = None
    """A profile of temporalio.envconfig, instead of address, namespace, key and TLS."""
    temporal_ui: str | None = "http://127.0.0.1:8421"
    """Where admins open the Temporal UI; for links only."""
    api_port: int = Field(default=8420, ge=0, le=65535)
    allowed_hosts: tuple[str, ...] = ()
    """Host names that requests to the API may name, beside 127.0.0.1 and localhost: those of a reverse proxy that passes its
    own on. `*`: any."""
    console_address: str | None = None
    """Where the house's people reach the console, such as `https://desk.example.com`: what links to them begin with. None:
    the address of the organisation's pages, else this machine's."""
    password_sign_in: bool = True
    """Agents may sign in with a password."""
    oidc_issuer: str | None = None
    """A provider of OpenID Connect at which agents may sign in, such as `https://login.example.com`."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = ""
    """As the sign-in page calls the provider; empty: by its host."""
    oidc_domains: tuple[str, ...] = ()
    """Domains whose addresses may sign in by the provider; none: any address that an agent has."""
    temporal_port: int = Field(default=7420, ge=0, le=65535)
    temporal_ui_port: int = Field(default=8421, ge=0, le=65535)
    temporal_retention_days: int = Field(default=90, ge=1, le=3650)
    """How long the embedded Temporal server keeps the history of a case that has ended. A cluster has its own setting."""
    imap_port: int = Field(default=1420, ge=0, le=65535)
    smtp_port: int = Field(default=1425, ge=0, le=65535)
    keys: SecretStr | None = None
    """The keyring as JSON; none: the file `keys` in the data folder, made at the first start."""
    cached_cases: int = Field(default=1000, ge=0)
    """`max_cached_workflows`: cases kept in memory by a worker; 150-300 kB each."""
    concurrent_activities: int = Field(default=100, ge=1)
    mailbox_heartbeat_seconds: float = Field(default=60, ge=1)
    trusted_mail_servers: tuple[str, ...] = ()
    """authserv-ids (RFC 8601) of receiving servers whose Authentication-Results are believed."""
    webhook_hosts: tuple[str, ...] = ()
    """Hosts, as `host` or `host:port`, that webhooks may reach although their address is private, loopback or link-local."""
    failpoints: str = ""
    """`name`, `name:nth` or `name:nth:stop`, comma separated: for fault runs only, the process kills itself there, or
    stops and says so in the file `stopped-at` of the data folder."""

    @field_validator("oidc_issuer", "console_address")
    @classmethod
    def _is_safe(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not parts.hostname or parts.query or parts.fragment or not (parts.scheme == "https" or here):
            raise ValueError("must be an https:// address without a query; http:// only of this machine")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _whole_provider(self) -> Settings:
        if self.oidc_issuer is not None and not self.oidc_client_id:
            raise ValueError("oidc_issuer needs oidc_client_id: the name under which the provider knows this house")
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data / 'caseloom.db').resolve()}"
