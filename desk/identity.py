"""Who is asking: bearer tokens of 256 random bits, of which only the SHA-256 is kept, and the role each carries."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import Conflict, Forbidden, Invalid, NotFound
from models.messages.reference import Role
from models.messages.said import joined, said, word
from models.records.base import looked_for, new_id, table_of
from models.records.reference import AccessToken, Agent

__all__ = [
    "Identity",
    "Role",
    "agent_identity",
    "create_token",
    "ensure_administrator",
    "identify",
    "require",
    "revoke",
    "token_digest",
    "token_id",
    "tokens_of",
]

ADMINISTRATOR = "administrator"

_agents, _tokens = table_of(Agent).c, table_of(AccessToken).c
# Built once, and without entities: every request asks it.
_WHOSE = (
    select(_agents.id, _agents.slug, _agents.name, _agents.roles, _tokens.role)
    .join_from(table_of(AccessToken), table_of(Agent), _agents.id == _tokens.agent_id)
    .where(_tokens.digest == looked_for("token"), _tokens.revoked_on.is_(None), _agents.active)
)


@dataclass(frozen=True, slots=True)
class Identity:
    """An agent, with the roles of the token that they came with."""

    agent_id: UUID
    slug: str
    name: str
    roles: frozenset[Role]


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def create_token(session: AsyncSession, agent_slug: str, role: Role, *, actor: str, now: datetime) -> str:
    """A new token of one role, which the agent must hold. It is returned once and cannot be read again."""
    agent = await session.scalar(select(Agent).where(Agent.slug == agent_slug))
    if agent is None:
        raise NotFound("agent", agent_slug)
    if not agent.active:
        raise Conflict("agent-inactive", said("agent {agent!r} is deactivated", agent=agent_slug))
    if role not in agent.roles:
        raise Invalid(
            "role",
            said(
                "agent {agent!r} does not hold {role!r}; held: {roles}",
                agent=agent_slug,
                role=role.value,
                roles=joined(agent.roles),
            ),
        )
    # A prefix that secret scanners can know, and that no command line takes for an option.
    token = f"caseloom_{secrets.token_urlsafe(32)}"
    row = AccessToken(id=new_id(), digest=token_digest(token), agent_id=agent.id, role=role.value, revoked_on=None)
    session.add(row)
    audit.record(
        session, now, actor, "token", str(row.id), "create", {"agent": [None, agent_slug], "role": [None, role.value]}
    )
    await session.flush()
    return token


async def identify(session: AsyncSession, token: str) -> Identity | None:
    """The token's agent; None if it is unknown or revoked, the agent inactive or no longer in that role."""
    found = (await session.execute(_WHOSE, {"token": token_digest(token)})).one_or_none()
    if found is None:
        return None
    agent_id, slug, name, roles, role = found
    if role not in roles:
        return None
    return Identity(agent_id, slug, name, frozenset({Role(role)}))


async def agent_identity(session: AsyncSession, slug: str, *roles: Role) -> Identity:
    """An agent who acts without a token, on the machine that holds the database, in those of `roles` that they hold.

    `NotFound`, `Conflict` if they are deactivated, `Forbidden` if they hold none.
    """
    agent = await session.scalar(select(Agent).where(Agent.slug == slug))
    if agent is None:
        raise NotFound("agent", slug)
    if not agent.active:
        raise Conflict("agent-inactive", said("agent {slug!r} is deactivated", slug=slug))
    held = frozenset(roles).intersection(map(Role, agent.roles))
    if not held:
        needed = joined((word(role.value) for role in roles), " or ")
        raise Forbidden(
            said(
                "this needs the role {needed}; agent {slug!r} holds {roles}",
                needed=needed,
                slug=slug,
                roles=joined(agent.roles),
            ),
            needed=roles,
        )
    return Identity(agent.id, agent.slug, agent.name, held)


async def tokens_of(session: AsyncSession, agent_id: UUID) -> list[tuple[UUID, Role]]:
    """Id and role of the agent's tokens that are not revoked, in the order in which they were made."""
    wanted = select(AccessToken.id, AccessToken.role).where(
        AccessToken.agent_id == agent_id, AccessToken.revoked_on.is_(None)
    )
    return [(id, Role(role)) for id, role in await session.execute(wanted.order_by(AccessToken.id))]


async def token_id(session: AsyncSession, token: str) -> UUID | None:
    """The id by which a token is revoked; None if it was never made here."""
    found: UUID | None = await session.scalar(select(AccessToken.id).where(AccessToken.digest == token_digest(token)))
    return found


async def revoke(session: AsyncSession, token_id: UUID, *, actor: str, now: datetime) -> None:
    """End a token. Ending it twice changes nothing."""
    row = await session.get(AccessToken, token_id, with_for_update=True)
    if row is None:
        raise NotFound("token", token_id)
    if row.revoked_on is None:
        row.revoked_on = now
        audit.record(session, now, actor, "token", str(row.id), "revoke", {"revoked_on": [None, now.isoformat()]})
        await session.flush()


async def ensure_administrator(session: AsyncSession, *, now: datetime) -> str | None:
    """Where no administrator ever had a token: make the agent `administrator` and return their first. Else None.

    The caller shows it before the transaction ends: it cannot be read again.
    """
    role = Role.ADMINISTRATOR.value
    if await session.scalar(select(AccessToken.id).where(AccessToken.role == role).limit(1)) is not None:
        return None
    slug = await _administrator(session, now)
    return await create_token(session, slug, Role.ADMINISTRATOR, actor="system", now=now)


async def _administrator(session: AsyncSession, now: datetime) -> str:
    """The slug of an active agent in that role, made if need be under a slug that nobody else has."""
    taken = {
        agent.slug: agent for agent in await session.scalars(select(Agent).where(Agent.slug.startswith(ADMINISTRATOR)))
    }
    found = taken.get(ADMINISTRATOR)
    if found is not None and found.active and Role.ADMINISTRATOR in found.roles:
        return ADMINISTRATOR
    numbered = (f"{ADMINISTRATOR}-{number}" for number in range(2, len(taken) + 3))
    slug = next(each for each in (ADMINISTRATOR, *numbered) if each not in taken)
    session.add(
        Agent(
            id=new_id(),
            slug=slug,
            name="Administrator",
            email=f"{slug}@localhost",
            roles=[Role.ADMINISTRATOR.value, Role.MANAGER.value],
            capacity=None,
        )
    )
    await session.flush()
    audit.record(session, now, "system", "agent", slug, "create", {"slug": [None, slug]})
    return slug


def require(identity: Identity, *roles: Role) -> None:
    """Raises `Forbidden` unless the identity has one of these roles."""
    if not identity.roles.intersection(roles):
        needed = joined((word(role.value) for role in roles), " or ")
        raise Forbidden(
            said(
                "this needs the role {needed}; the token's is {roles}",
                needed=needed,
                roles=joined(sorted(identity.roles)),
            ),
            needed=roles,
        )
