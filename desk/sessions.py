"""Sessions of people who are signed in: a random secret in the browser's cookie, of which only the SHA-256 is kept."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import NotFound
from desk.identity import Identity, token_digest
from models.messages.reference import Role
from models.records.base import UtcInstant, looked_for, new_id, table_of
from models.records.entering import LONGEST_PROGRAM, AgentSession
from models.records.reference import Agent

LASTS = timedelta(days=7)
"""However busy it is."""
IDLE = timedelta(hours=12)
"""Without a sign of life; then one signs in again."""
SEEN_EVERY = timedelta(minutes=1)
"""How exact the last sign of life is kept: reading a page should not be a write."""
SECRET_BYTES = 32

_agents, _sessions = table_of(Agent).c, table_of(AgentSession).c
# Built once, and without entities: every page asks it.
_WHOSE = (
    select(
        *(_sessions.id, _sessions.expires_on, _sessions.by_provider),
        *(_agents.id, _agents.slug, _agents.name, _agents.roles, _agents.time_zone),
    )
    .join_from(table_of(AgentSession), table_of(Agent), _agents.id == _sessions.agent_id)
    .where(
        _sessions.digest == looked_for("secret"),
        _sessions.revoked_on.is_(None),
        _sessions.expires_on > bindparam("now", type_=UtcInstant()),
        _sessions.last_seen_on > bindparam("idle_since", type_=UtcInstant()),
        _agents.active,
    )
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the browser. `id` is the session's; `identity` has all roles that the agent holds."""

    id: UUID
    identity: Identity
    expires_on: datetime
    time_zone: str | None = None
    """The agent's own, as the organisation has it."""
    by_provider: bool = False
    """A provider of OpenID Connect has vouched for them."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as its agent sees it: which browser, from where, since when. Nothing in it opens anything."""

    id: UUID
    began_on: datetime
    last_seen_on: datetime
    expires_on: datetime
    address: str
    program: str


async def begin(
    session: AsyncSession, agent_id: UUID, *, now: datetime, address: str, program: str, by_provider: bool = False
) -> str:
    """A new session; its secret is returned once, for the cookie, and cannot be read again."""
    agent = await session.get_one(Agent, agent_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = AgentSession(
        id=new_id(),
        digest=token_digest(secret),
        agent_id=agent_id,
        began_on=now,
        expires_on=now + LASTS,
        last_seen_on=now,
        address=_line(address, 64),
        program=_line(program, LONGEST_PROGRAM),
        revoked_on=None,
        by_provider=by_provider,
    )
    session.add(row)
    said: audit.Changes = {"agent": [None, agent.slug], "address": [None, row.address], "program": [None, row.program]}
    audit.record(session, now, agent.slug, "session", str(row.id), "sign-in", said)
    await session.flush()
    return secret


async def signed_in(session: AsyncSession, secret: str, now: datetime) -> SignedIn | None:
    """None: unknown, ended, expired, not seen for too long, or the agent is deactivated."""
    asked = {"secret": token_digest(secret), "now": now, "idle_since": now - IDLE}
    found = (await session.execute(_WHOSE, asked)).one_or_none()
    if found is None:
        return None
    id, expires_on, by_provider, agent_id, slug, name, roles, time_zone = found
    identity = Identity(agent_id, slug, name, frozenset(map(Role, roles)))
    return SignedIn(id, identity, expires_on, time_zone, by_provider)


async def still_signed_in(session: AsyncSession, ids: Collection[UUID], now: datetime) -> dict[UUID, Identity]:
    """Whose sessions these are, of those that are not over."""
    wanted = (
        select(_sessions.id, _agents.id, _agents.slug, _agents.name, _agents.roles)
        .join_from(table_of(AgentSession), table_of(Agent), _agents.id == _sessions.agent_id)
        .where(
            _sessions.id.in_(ids),
            _sessions.revoked_on.is_(None),
            _sessions.expires_on > now,
            _sessions.last_seen_on > now - IDLE,
            _agents.active,
        )
    )
    return {
        id: Identity(agent_id, slug, name, frozenset(map(Role, roles)))
        for id, agent_id, slug, name, roles in await session.execute(wanted)
    }


async def touch(session: AsyncSession, id: UUID, now: datetime) -> None:
    """A sign of life. It writes at most once in `SEEN_EVERY`, and never revives what has ended."""
    seen = (
        update(AgentSession)
        .where(AgentSession.id == id, AgentSession.revoked_on.is_(None), AgentSession.last_seen_on < now - SEEN_EVERY)
        .values(last_seen_on=now)
    )
    await session.execute(seen.execution_options(synchronize_session=False))


async def end(session: AsyncSession, id: UUID, *, actor: str, now: datetime) -> None:
    """End a session. Ending it twice changes nothing; `NotFound` if there never was such a one."""
    row = await session.get(AgentSession, id, with_for_update=True)
    if row is None:
        raise NotFound("session", id)
    if row.revoked_on is None:
        await _end(session, [row], actor, now)


async def end_all(session: AsyncSession, agent_id: UUID, *, actor: str, now: datetime, but: UUID | None = None) -> int:
    """End all sessions of an agent, except `but`. How many there were."""
    wanted = select(AgentSession).where(AgentSession.agent_id == agent_id, AgentSession.revoked_on.is_(None))
    if but is not None:
        wanted = wanted.where(AgentSession.id != but)
    rows = list(await session.scalars(wanted.with_for_update()))
    await _end(session, rows, actor, now)
    return len(rows)


async def _end(session: AsyncSession, rows: Sequence[AgentSession], actor: str, now: datetime) -> None:
    for row in rows:
        row.revoked_on = now
        audit.record(session, now, actor, "session", str(row.id), "end", {"revoked_on": [None, now.isoformat()]})
    await session.flush()


async def sessions_of(session: AsyncSession, agent_id: UUID, now: datetime) -> list[SessionView]:
    """Those in which the agent is signed in, the last one seen first."""
    rows = await session.scalars(
        select(AgentSession)
        .where(
            AgentSession.agent_id == agent_id,
            AgentSession.revoked_on.is_(None),
            AgentSession.expires_on > now,
            AgentSession.last_seen_on > now - IDLE,
        )
        .order_by(AgentSession.last_seen_on.desc(), AgentSession.id.desc())
    )
    return [
        SessionView(row.id, row.began_on, row.last_seen_on, row.expires_on, row.address, row.program) for row in rows
    ]


def _line(text: str, most: int) -> str:
    """What a stranger's program said, as one line that can be kept."""
    return "".join(sign for sign in text if sign.isprintable())[:most]
