"""How agents get in: sessions, passwords, second factors, links by mail, and what each has set for themselves.

Nothing here opens the desk: of secrets only a SHA-256 or an argon2id hash is kept, or what the keyring has sealed or signs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Long, Record, String

LONGEST_PROGRAM = 300


class AgentSession(Keyed, Record):
    """One browser in which an agent is signed in. It is over at `expires_on`, or when it has not been seen for too long."""

    __tablename__ = "agent_session"
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    began_on: Mapped[datetime]
    expires_on: Mapped[datetime]
    last_seen_on: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(64))
    """The network address that it began from."""
    program: Mapped[str] = mapped_column(String(LONGEST_PROGRAM))
    """What the browser calls itself."""
    revoked_on: Mapped[datetime | None]
    by_provider: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A provider of OpenID Connect has vouched for whoever began it."""


class AgentPreferences(Record):
    """What an agent has set for themselves (`desk.preferences.Preferences`). Without a row the defaults hold."""

    __tablename__ = "agent_preferences"
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    body: Mapped[dict[str, Any]]


class AgentPassword(Record):
    __tablename__ = "agent_password"
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(300))
    """argon2id with its salt and parameters, in PHC form."""
    changed_on: Mapped[datetime]


class SecondFactor(Record):
    """Codes of an app, by the clock (TOTP, RFC 6238). It counts from `confirmed_on` on."""

    __tablename__ = "second_factor"
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(300))
    """Sealed by the keyring."""
    confirmed_on: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(Long)
    """The time step of the last code that was taken: neither it nor one before is taken again."""


class RecoveryCode(Keyed, Record):
    """Stands in for a code of the app, once."""

    __tablename__ = "recovery_code"
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    used_on: Mapped[datetime | None]


class EntryTicket(Keyed, Record):
    """What lets an agent go one step, once, for some time: a link by mail, or a password that still needs its code.

    It is opened by its id with a signature of the keyring (`letters.links`), which stands in no row.
    """

    __tablename__ = "entry_ticket"
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    """invite, reset or code."""
    sent_to: Mapped[str | None] = mapped_column(String(254))
    """The agent's address that it was mailed to: it opens nothing once that is not theirs any more."""
    made_on: Mapped[datetime]
    expires_on: Mapped[datetime]
    used_on: Mapped[datetime | None]


class EntryThrottle(Record):
    """How much an account or a network address has tried: all processes share it."""

    __tablename__ = "entry_throttle"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of what is counted, so that the table tells nobody who tried."""
    used_until: Mapped[datetime] = mapped_column(index=True)
    """When all that was tried is forgotten again (GCRA: each try moves it on by the time that one costs)."""


class ProviderIdentity(Record):
    """Who an agent is to an OpenID Connect provider, known since their first sign-in there."""

    __tablename__ = "provider_identity"
    issuer: Mapped[str] = mapped_column(String(300), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    made_on: Mapped[datetime]
