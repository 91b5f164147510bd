"""Tokens: one role each, shown once, ended by revoking them or by what becomes of the agent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from desk.errors import Conflict, Forbidden, Invalid, NotFound
from desk.identity import Identity, Role, create_token, ensure_administrator, identify, require, revoke, token_digest
from models.records.base import new_id
from models.records.reference import AccessToken, Agent
from storage.engines import Database

NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)


async def test_an_empty_database_gets_one_administrator_once(database: Database) -> None:
    async with database.write() as session:
        token = await ensure_administrator(session, now=NOW)
        assert token is not None
        assert await ensure_administrator(session, now=NOW) is None
    async with database.read() as session:
        identity = await identify(session, token)
        assert identity is not None
        assert (identity.slug, identity.roles) == ("administrator", frozenset({Role.ADMINISTRATOR}))
        assert token not in str((await session.scalars(select(AccessToken.digest))).all())


async def test_agents_of_a_file_do_not_keep_the_first_token_back(database: Database) -> None:
    """Agents without a token are what a start leaves that failed, or was killed, before it showed one."""
    async with database.write() as session:
        for slug, roles in (("ada", ["administrator"]), ("administrator", ["agent"])):
            session.add(Agent(id=new_id(), slug=slug, name="A", email=f"{slug}@x.example", roles=roles, load=0))
        await session.flush()
        await create_token(session, "administrator", Role.AGENT, actor="ada", now=NOW)
        token = await ensure_administrator(session, now=NOW)
        assert token is not None
        identity = await identify(session, token)
        assert identity is not None
        assert identity.slug == "administrator-2", "somebody else has that name, in another role"
        assert await ensure_administrator(session, now=NOW) is None


async def test_a_token_that_was_made_by_hand_is_the_first(database: Database) -> None:
    async with database.write() as session:
        session.add(Agent(id=new_id(), slug="ada", name="A", email="a@x.example", roles=["administrator"], load=0))
        await session.flush()
        await create_token(session, "ada", Role.ADMINISTRATOR, actor="command line", now=NOW)
        assert await ensure_administrator(session, now=NOW) is None


async def test_a_token_carries_one_role_that_its_agent_holds(database: Database) -> None:
    async with database.write() as session:
        session.add(
            Agent(id=new_id(), slug="mona", name="Mona", email="m@x.example", roles=["agent", "manager"], load=0)
        )
        await session.flush()
        token = await create_token(session, "mona", Role.AGENT, actor="ada", now=NOW)
        with pytest.raises(Invalid, match="does not hold 'administrator'"):
            await create_token(session, "mona", Role.ADMINISTRATOR, actor="ada", now=NOW)
        with pytest.raises(NotFound):
            await create_token(session, "nobody", Role.AGENT, actor="ada", now=NOW)
    async with database.read() as session:
        identity = await identify(session, token)
        assert identity is not None
        assert identity.roles == {Role.AGENT}
        with pytest.raises(Forbidden, match="needs the role manager or administrator"):
            require(identity, Role.MANAGER, Role.ADMINISTRATOR)
        require(identity, Role.MANAGER, Role.AGENT)
        for wrong in ("", "x", token + "x", "\ud800", "\x00"):
            assert await identify(session, wrong) is None


@pytest.mark.parametrize("end", ["revoked", "inactive", "role lost"])
async def test_a_token_ends(database: Database, end: str) -> None:
    async with database.write() as session:
        agent = Agent(id=new_id(), slug="mona", name="Mona", email="m@x.example", roles=["agent", "manager"], load=0)
        session.add(agent)
        await session.flush()
        token = await create_token(session, "mona", Role.AGENT, actor="ada", now=NOW)
    async with database.write() as session:
        agent = await session.get_one(Agent, agent.id)
        if end == "inactive":
            agent.active = False
        elif end == "role lost":
            agent.roles = ["manager"]
        else:
            row = await session.scalar(select(AccessToken).where(AccessToken.digest == token_digest(token)))
            assert row is not None
            for _ in range(2):
                await revoke(session, row.id, actor="ada", now=NOW)
            with pytest.raises(NotFound):
                await revoke(session, new_id(), actor="ada", now=NOW)
    async with database.read() as session:
        found: Identity | None = await identify(session, token)
        assert found is None


async def test_an_inactive_agent_gets_no_token(database: Database) -> None:
    async with database.write() as session:
        session.add(Agent(id=new_id(), slug="a", name="A", email="a@x.example", roles=["agent"], active=False))
        await session.flush()
        with pytest.raises(Conflict):
            await create_token(session, "a", Role.AGENT, actor="ada", now=NOW)
