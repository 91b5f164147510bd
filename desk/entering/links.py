"""Links by which an agent chooses a password: made for somebody who hands them on, or mailed to the agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.entering import second_factor, tickets
from desk.entering.passwords import hash_of
from desk.entering.ways import Ways
from desk.errors import Conflict, NotFound
from desk.preferences import preferences_of
from desk.sessions import sessions_of
from letters.composing import Letters
from letters.entry_words import OF_INVITATIONS, OF_RESETS
from letters.links import LinkKind, LinkSigner, address_of, entry_key
from letters.noticing import Notice, NoticeReader
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.messages.said import said
from models.records.entering import EntryTicket
from models.records.reference import Agent
from storage.definitions import Definitions

WORDS = {LinkKind.INVITE: OF_INVITATIONS, LinkKind.RESET: OF_RESETS}

log = structlog.get_logger(__name__)


class EntryLinks:
    """Every method works inside the caller's transaction."""

    def __init__(self, definitions: Definitions, letters: Letters, signer: LinkSigner, ways: Ways) -> None:
        self.definitions, self.letters, self.signer, self.ways = definitions, letters, signer, ways

    async def hand_out(self, session: AsyncSession, agent: Agent, *, actor: str, now: datetime) -> str:
        return await hand_out(session, self.signer, self.ways, agent, actor=actor, now=now)

    async def mail(self, session: AsyncSession, agent: Agent, kind: LinkKind, *, actor: str, now: datetime) -> None:
        """A letter with a link, to the agent's own address. `Conflict` if no mailbox can send it, or they are deactivated."""
        _check_active(agent)
        row = await tickets.issue(session, agent, kind, now, sent_to=agent.email)
        organisation = await self.definitions.organisation(session)
        own = await preferences_of(session, agent.id)
        invites = kind is LinkKind.INVITE
        notice = Notice(
            entry_key(kind, row.id),
            organisation.invitation_template if invites else organisation.reset_template,
            WORDS[kind],
            {
                "agent": {"name": agent.name},
                "entry": {
                    "link": address_of(self.ways.base(organisation.pages.address), kind, row.id),
                    "until": row.expires_on,
                },
            },
        )
        reader = NoticeReader(agent.email, own.time_zone or agent.time_zone, own.language)
        try:
            await self.letters.notice_of_no_case(session, notice, reader, None, now)
        except NoMailbox:
            raise Conflict(
                "no-mailbox", said("no mailbox is active, so nothing can be mailed; hand out a link")
            ) from None
        except CannotRender as error:
            raise Conflict("cannot-render", str(error)) from None
        _audit(session, agent, row, actor, now)


async def hand_out(
    session: AsyncSession, signer: LinkSigner, ways: Ways, agent: Agent, *, actor: str, now: datetime
) -> str:
    """A link for the agent, to be given to them by `actor`. `Conflict` if they are deactivated."""
    _check_active(agent)
    row = await tickets.issue(session, agent, LinkKind.INVITE, now)
    _audit(session, agent, row, actor, now)
    organisation = await Definitions().organisation(session)
    return f"{ways.base(organisation.pages.address)}/{LinkKind.INVITE}/{tickets.token_of(signer, row)}"


async def agent_of(session: AsyncSession, slug: str) -> Agent:
    """`NotFound` if there is none of that slug."""
    agent = await session.scalar(select(Agent).where(Agent.slug == slug))
    if agent is None:
        raise NotFound("agent", slug)
    return agent


def _audit(session: AsyncSession, agent: Agent, row: EntryTicket, actor: str, now: datetime) -> None:
    changes: audit.Changes = {"expires_on": [None, row.expires_on.isoformat()]}
    audit.record(session, now, actor, "agent", agent.slug, row.purpose, changes)


def _check_active(agent: Agent) -> None:
    if not agent.active:
        raise Conflict("agent-inactive", said("agent {agent!r} is deactivated", agent=agent.slug))


@dataclass(frozen=True, slots=True)
class HowTheyGetIn:
    """What an administrator knows of an agent's ways in. Nothing in it opens anything."""

    slug: str
    name: str
    email: str
    active: bool
    has_password: bool
    second_factor: bool
    sessions: int


async def how_they_get_in(session: AsyncSession, slug: str, now: datetime) -> HowTheyGetIn:
    """`NotFound` if there is no agent of that slug."""
    agent = await agent_of(session, slug)
    return HowTheyGetIn(
        slug=agent.slug,
        name=agent.name,
        email=agent.email,
        active=agent.active,
        has_password=await hash_of(session, agent.id) is not None,
        second_factor=await second_factor.is_on(session, agent.id),
        sessions=len(await sessions_of(session, agent.id, now)),
    )
