"""Signing in, by whichever way: each ends with a session, or with a ticket that still asks for the second factor.

Whatever is wrong is told in the same words, after the same work: nobody learns from it whether there is an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit, sessions
from desk.entering import second_factor, tickets
from desk.entering.errors import ProviderRefused, WrongSecret
from desk.entering.links import EntryLinks
from desk.entering.passwords import Passwords, check_password, hash_of
from desk.entering.provider import Provider, Vouched
from desk.entering.telling import Telling
from desk.entering.throttle import CODES, FROM_ADDRESS, LETTERS, PASSWORDS, give_back, take
from desk.entering.ways import Ways
from desk.errors import Conflict
from letters.access_words import OF_PASSWORDS
from letters.composing import Letters
from letters.links import LinkKind, LinkSigner
from models.messages.addresses import canonical_address
from models.messages.said import said
from models.records.entering import AgentPassword, ProviderIdentity
from models.records.reference import Agent
from storage.definitions import Definitions
from storage.engines import Database
from storage.secrets import Keyring

NOBODY_YET = "sign-in page"
"""Who the audit says it was, as long as nobody has signed in."""
LONGEST_NAME = 254

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in: their network address, and what their program calls itself."""

    address: str
    program: str


@dataclass(frozen=True, slots=True)
class Entered:
    """`secret`: of a session that has begun, for the cookie; else `ticket`: what the second factor's code is sent with."""

    secret: str | None = None
    ticket: str | None = None


class SigningIn:
    """One for the process."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        keyring: Keyring,
        letters: Letters,
        ways: Ways,
        passwords: Passwords | None = None,
    ) -> None:
        self.database, self.definitions, self.keyring, self.ways = database, definitions, keyring, ways
        self.passwords = passwords or Passwords()
        self.signer = LinkSigner(keyring.current, keyring.keys)
        self.links = EntryLinks(definitions, letters, self.signer, ways)
        self.telling = Telling(definitions, letters, ways)
        self.provider = Provider(ways.provider, keyring) if ways.provider else None

    async def with_password(self, name: str, password: str, browser: Browser, now: datetime) -> Entered:
        """`name`: slug or address of an agent. `WrongSecret`, `TooManyTries`."""
        name = _name(name)
        async with self.database.write() as session:
            await take(session, FROM_ADDRESS, browser.address, now)
            await take(session, PASSWORDS, name, now)
        async with self.database.read() as session:
            agent = await self._agent(session, name) if self.ways.passwords else None
            hash = await hash_of(session, agent.id) if agent else None
        right = await self.passwords.matches(hash, password)
        fresh = await self.passwords.hashed(password) if right and hash and self.passwords.is_old(hash) else None
        async with self.database.write() as session:
            if agent is not None and right:
                await give_back(session, PASSWORDS, name)
                if fresh is not None:
                    (await session.get_one(AgentPassword, agent.id)).hash = fresh
                return await self._proven(session, agent.id, browser, now)
            if agent is not None:
                _failed(session, agent, "password", browser, now)
        raise WrongSecret

    async def with_code(self, ticket: str, code: str, browser: Browser, now: datetime) -> Entered:
        """The code of the app, or a recovery code. `TicketClosed`, `WrongSecret`, `TooManyTries`."""
        async with self.database.write() as session:
            _, agent = await tickets.opened(session, self.signer, LinkKind.CODE, ticket, now)
            await take(session, FROM_ADDRESS, browser.address, now)
            await take(session, CODES, str(agent.id), now)
        async with self.database.write() as session:
            row, agent = await tickets.opened(session, self.signer, LinkKind.CODE, ticket, now)
            if await second_factor.takes(session, self.keyring, agent, code, now):
                await tickets.use(session, row, now)
                await give_back(session, CODES, str(agent.id))
                return await self._begun(session, agent.id, browser, now)
            _failed(session, agent, "code", browser, now)
        raise WrongSecret(said("this is not the code of now, or it was used already"))

    async def waits_for_code(self, ticket: str, now: datetime) -> None:
        """`TicketClosed` unless the code of a second factor is all that is missing."""
        async with self.database.read() as session:
            await tickets.opened(session, self.signer, LinkKind.CODE, ticket, now)

    async def with_provider(self, vouched: Vouched, browser: Browser, now: datetime) -> Entered:
        """Somebody for whom the provider vouches. `ProviderRefused` if we know nobody like that."""
        async with self.database.write() as session:
            agent = await self._known_to_provider(session, vouched, now)
            if agent is not None:
                return await self._proven(session, agent.id, browser, now, by_provider=True)
        raise ProviderRefused(
            said("nobody here has the address that the provider has verified; ask your administrator")
        )

    async def ask_for_letter(self, name: str, browser: Browser, now: datetime) -> None:
        """Whether `send_letter` may be called for this name. `TooManyTries`, whether or not there is such an account."""
        async with self.database.write() as session:
            await take(session, FROM_ADDRESS, browser.address, now)
            await take(session, LETTERS, _name(name), now)

    async def send_letter(self, name: str, now: datetime) -> None:
        """A link by which the agent of this name chooses a new password; nothing if there is none. To be called once
        the page is answered, so that its time tells nothing either."""
        try:
            async with self.database.write() as session:
                agent = await self._agent(session, _name(name)) if self.ways.passwords else None
                if agent is not None:
                    await self.links.mail(session, agent, LinkKind.RESET, actor=NOBODY_YET, now=now)
        except Conflict as error:
            log.warning("a link for a new password cannot be mailed", error=error.type)

    async def whose_link(self, kind: LinkKind, token: str, now: datetime) -> str:
        """The name of the agent who may choose a password by it. `TicketClosed`; looking uses nothing up."""
        async with self.database.read() as session:
            _, agent = await tickets.opened(session, self.signer, kind, token, now)
        return agent.name

    async def choose_password(
        self, kind: LinkKind, token: str, password: str, browser: Browser, now: datetime
    ) -> Entered:
        """By a link; it is used up, and all sessions of the agent end. `TicketClosed`, `Invalid` for a weak password."""
        async with self.database.read() as session:
            _, agent = await tickets.opened(session, self.signer, kind, token, now)
            organisation = await self.definitions.organisation(session)
        check_password(password, agent, organisation.name)
        hash = await self.passwords.hashed(password)
        async with self.database.write() as session:
            row, agent = await tickets.opened(session, self.signer, kind, token, now)
            await tickets.use(session, row, now)
            if await hash_of(session, agent.id) is not None:
                await self.telling.tell(session, agent, OF_PASSWORDS, now)
            await keep_password(session, agent, hash, now)
            await sessions.end_all(session, agent.id, actor=agent.slug, now=now)
            return await self._proven(session, agent.id, browser, now)

    async def _proven(
        self, session: AsyncSession, agent_id: UUID, browser: Browser, now: datetime, *, by_provider: bool = False
    ) -> Entered:
        """The first factor held: a session, or the way to the second one."""
        agent = await session.get_one(Agent, agent_id)
        if not agent.active:
            raise WrongSecret
        if await second_factor.is_on(session, agent.id):
            row = await tickets.issue(session, agent, LinkKind.CODE, now)
            return Entered(ticket=tickets.token_of(self.signer, row))
        return await self._begun(session, agent.id, browser, now, by_provider=by_provider)

    async def _begun(
        self, session: AsyncSession, agent_id: UUID, browser: Browser, now: datetime, *, by_provider: bool = False
    ) -> Entered:
        place = {"address": browser.address, "program": browser.program}
        secret = await sessions.begin(session, agent_id, now=now, **place, by_provider=by_provider)
        return Entered(secret=secret)

    async def _agent(self, session: AsyncSession, name: str) -> Agent | None:
        """The active agent of this slug, or the only one of this address."""
        by_slug = await session.scalar(select(Agent).where(Agent.slug == name, Agent.active))
        if by_slug is not None or "@" not in name:
            return by_slug
        found = await session.scalars(
            select(Agent).where(Agent.email == canonical_address(name), Agent.active).limit(2)
        )
        return _only(list(found))

    async def _known_to_provider(self, session: AsyncSession, vouched: Vouched, now: datetime) -> Agent | None:
        known = await session.get(ProviderIdentity, (vouched.issuer, vouched.subject))
        if known is not None:
            theirs = await session.get_one(Agent, known.agent_id)
            return theirs if theirs.active else None
        agent = await self._agent(session, vouched.email) if vouched.email and "@" in vouched.email else None
        if agent is None:
            return None
        other = select(ProviderIdentity).where(
            ProviderIdentity.agent_id == agent.id, ProviderIdentity.issuer == vouched.issuer
        )
        if await session.scalar(other) is not None:
            # An address that the provider has given to another person since is no proof of who that is.
            return None
        session.add(ProviderIdentity(issuer=vouched.issuer, subject=vouched.subject, agent_id=agent.id, made_on=now))
        changes: audit.Changes = {"issuer": [None, vouched.issuer], "subject": [None, vouched.subject]}
        audit.record(session, now, agent.slug, "agent", agent.slug, "known-to-provider", changes)
        return agent


async def keep_password(session: AsyncSession, agent: Agent, hash: str, now: datetime) -> None:
    """The agent's password from now on; what was sent to them by mail before opens nothing any more."""
    row = await session.get(AgentPassword, agent.id, with_for_update=True)
    if row is None:
        session.add(AgentPassword(agent_id=agent.id, hash=hash, changed_on=now))
    else:
        row.hash, row.changed_on = hash, now
    await tickets.use_all(session, agent.id, now)
    audit.record(session, now, agent.slug, "agent", agent.slug, "password", {})
    await session.flush()


def _failed(session: AsyncSession, agent: Agent, what: str, browser: Browser, now: datetime) -> None:
    """Of known accounts alone: what a stranger types into the name may be somebody's password."""
    changes: audit.Changes = {"wrong": [None, what], "address": [None, browser.address[:64]]}
    audit.record(session, now, NOBODY_YET, "agent", agent.slug, "sign-in-failed", changes)


def _only(found: list[Agent]) -> Agent | None:
    return found[0] if len(found) == 1 else None


def _name(typed: str) -> str:
    """As it can be looked for."""
    return "".join(sign for sign in typed.strip().lower() if sign.isprintable())[:LONGEST_NAME]
