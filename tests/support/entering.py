"""A house at whose door tests knock: agents, passwords, codes and links over a database alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import select

from desk.entering import second_factor
from desk.entering.own import OwnAccessDesk
from desk.entering.passwords import Passwords
from desk.entering.signing_in import Browser, Entered, SigningIn
from desk.entering.ways import Ways
from desk.sessions import SignedIn, signed_in
from letters.composing import Letters
from letters.links import LinkKind
from mail.tokens import ReplyTokens, TokenKeys
from models.records.base import new_id
from models.records.entering import SecondFactor
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Agent, Audit, Mailbox
from storage.definitions import Definitions
from storage.engines import Database
from storage.secrets import Keyring

NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
HERE = Browser("192.0.2.7", "Firefox")
PASSWORD = "a quiet harbour at dawn"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@dataclass
class Door:
    """A house with ada, and what tests do at its door."""

    database: Database
    keyring: Keyring
    signing_in: SigningIn
    own: OwnAccessDesk
    ada: UUID

    async def link(self, slug: str = "ada", now: datetime = NOW) -> str:
        """The part of a link handed out that opens."""
        async with self.database.write() as session:
            agent = (await session.scalars(select(Agent).where(Agent.slug == slug))).one()
            link = await self.signing_in.links.hand_out(session, agent, actor="root", now=now)
        return link.rpartition("/")[2]

    async def with_password(self, password: str = PASSWORD, slug: str = "ada") -> SignedIn:
        """They choose it by a link, and are signed in."""
        entered = await self.signing_in.choose_password(LinkKind.INVITE, await self.link(slug), password, HERE, NOW)
        return await self.session(entered)

    async def session(self, entered: Entered, now: datetime = NOW) -> SignedIn:
        assert entered.secret is not None, "a code is asked for"
        async with self.database.read() as session:
            found = await signed_in(session, entered.secret, now)
        assert found is not None
        return found

    async def secret_of_app(self) -> str:
        async with self.database.read() as session:
            row = await session.get_one(SecondFactor, self.ada)
        return self.keyring.decrypt(row.secret)

    async def with_second_factor(self, me: SignedIn, now: datetime = NOW) -> list[str]:
        """Switched on; the recovery codes."""
        await self.own.prepare_second_factor(me, PASSWORD, now)
        return await self.own.confirm_second_factor(me, code_at(await self.secret_of_app(), now), now)

    async def audited(self) -> list[str]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Audit.action).order_by(Audit.id)))

    async def letters(self) -> list[tuple[EmailMessage, Outbox]]:
        async with self.database.read() as session:
            rows = await session.execute(
                select(EmailMessage, Outbox).join(Outbox, Outbox.message_id == EmailMessage.id).order_by(Outbox.id)
            )
            return [(message, letter) for message, letter in rows]

    async def change(self, **values: Any) -> None:
        async with self.database.write() as session:
            agent = await session.get_one(Agent, self.ada)
            for name, value in values.items():
                setattr(agent, name, value)


def code_at(secret: str, now: datetime) -> str:
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // second_factor.STEP)


async def add_agent(database: Database, slug: str, email: str = "") -> UUID:
    id = new_id()
    async with database.write() as session:
        address = email or f"{slug}@house.example"
        session.add(Agent(id=id, slug=slug, name=slug.title(), email=address, roles=["agent"], load=0))
    return id


async def add_mailbox(database: Database) -> None:
    async with database.write() as session:
        session.add(
            Mailbox(id=new_id(), slug="support", address="support@house.example", display_name="Support", settings={})
        )


def made(database: Database, keyring: Keyring, ways: Ways | None = None) -> SigningIn:
    definitions = Definitions()
    letters = Letters(definitions, ReplyTokens(TokenKeys(current=keyring.current, keys=keyring.keys)))
    return SigningIn(database, definitions, keyring, letters, ways or Ways(), Passwords(CHEAP))
