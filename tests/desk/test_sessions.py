"""Sessions: random, hashed at rest, over in time, listed and ended; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from desk import sessions
from desk.errors import NotFound
from desk.identity import Role
from desk.preferences import AfterSend, Preferences, preferences_of, save_preferences
from models.records.base import new_id
from models.records.entering import AgentPreferences, AgentSession
from models.records.reference import Agent, Audit
from storage.engines import Database

NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
FROM: dict[str, Any] = {"address": "192.0.2.7", "program": "Firefox"}


async def agent(database: Database, slug: str = "ada", *roles: str) -> UUID:
    async with database.write() as session:
        id = new_id()
        held = list(roles or ("agent", "manager"))
        session.add(Agent(id=id, slug=slug, name="Ada", email=f"{slug}@house.example", roles=held, load=0))
    return id


async def test_a_session_is_known_by_its_secret_alone(database: Database) -> None:
    ada = await agent(database)
    async with database.write() as session:
        secret = await sessions.begin(session, ada, now=NOW, **FROM)
        other = await sessions.begin(session, ada, now=NOW, **FROM)
    assert secret != other
    assert len(secret) >= 43, "256 bits"
    async with database.read() as session:
        found = await sessions.signed_in(session, secret, NOW)
        assert found is not None
        assert (found.identity.slug, found.identity.roles) == ("ada", frozenset({Role.AGENT, Role.MANAGER}))
        assert found.expires_on == NOW + sessions.LASTS
        assert await sessions.signed_in(session, secret[:-1], NOW) is None
        assert await sessions.signed_in(session, "\ud800\0" * 5000, NOW) is None
        kept = " ".join(str(vars(row)) for row in await session.scalars(select(AgentSession)))
        audited = " ".join(str(vars(row)) for row in await session.scalars(select(Audit)))
    assert secret not in kept + audited
    assert "sign-in" in audited


async def test_a_session_ends_by_its_age_and_when_it_is_not_seen(database: Database) -> None:
    ada = await agent(database)
    async with database.write() as session:
        secret = await sessions.begin(session, ada, now=NOW, **FROM)
    almost = NOW + sessions.IDLE - timedelta(seconds=1)
    async with database.write() as session:
        found = await sessions.signed_in(session, secret, almost)
        assert found is not None
        assert await sessions.signed_in(session, secret, NOW + sessions.IDLE) is None
        at = NOW
        while at < NOW + sessions.LASTS - sessions.IDLE:
            at += sessions.IDLE / 2
            await sessions.touch(session, found.id, at)
            assert await sessions.signed_in(session, secret, at) is not None
        await sessions.touch(session, found.id, NOW + sessions.LASTS)
        assert await sessions.signed_in(session, secret, NOW + sessions.LASTS) is None


async def test_a_sign_of_life_is_kept_once_a_minute(database: Database) -> None:
    ada = await agent(database)
    async with database.write() as session:
        secret = await sessions.begin(session, ada, now=NOW, **FROM)
        found = await sessions.signed_in(session, secret, NOW)
        assert found is not None
        for later in (59, 61, 100):
            await sessions.touch(session, found.id, NOW + timedelta(seconds=later))
        (view,) = await sessions.sessions_of(session, ada, NOW)
        assert view.last_seen_on == NOW + timedelta(seconds=61)


async def test_sessions_are_listed_and_ended(database: Database) -> None:
    ada, bob = await agent(database), await agent(database, "bob")
    async with database.write() as session:
        mine = [await sessions.begin(session, ada, now=NOW, **FROM) for _ in range(3)]
        theirs = await sessions.begin(session, bob, now=NOW, **FROM)
        ids = [found.id for each in mine if (found := await sessions.signed_in(session, each, NOW))]
        assert {view.id for view in await sessions.sessions_of(session, ada, NOW)} == set(ids)
        await sessions.end(session, ids[0], actor="ada", now=NOW)
        await sessions.end(session, ids[0], actor="ada", now=NOW)
        with pytest.raises(NotFound):
            await sessions.end(session, new_id(), actor="ada", now=NOW)
        assert await sessions.signed_in(session, mine[0], NOW) is None
        assert await sessions.end_all(session, ada, actor="ada", now=NOW, but=ids[2]) == 1
        assert await sessions.signed_in(session, mine[1], NOW) is None
        assert await sessions.signed_in(session, mine[2], NOW) is not None
        assert await sessions.signed_in(session, theirs, NOW) is not None
        assert [view.id for view in await sessions.sessions_of(session, ada, NOW)] == [ids[2]]
        ended = list(await session.scalars(select(Audit.object_id).where(Audit.action == "end")))
        assert sorted(ended) == sorted(map(str, ids[:2])), "one row for each end"


async def test_who_is_deactivated_is_signed_in_nowhere(database: Database) -> None:
    ada = await agent(database)
    async with database.write() as session:
        secret = await sessions.begin(session, ada, now=NOW, **FROM)
        (await session.get_one(Agent, ada)).active = False
        await session.flush()
        assert await sessions.signed_in(session, secret, NOW) is None


async def test_what_a_browser_calls_itself_is_kept_as_one_line(database: Database) -> None:
    ada = await agent(database)
    async with database.write() as session:
        await sessions.begin(session, ada, now=NOW, address="x" * 500, program="Fire\0fox\r\n\ud800" + "y" * 5000)
        (view,) = await sessions.sessions_of(session, ada, NOW)
    assert view.program.startswith("Firefoxyy")
    assert len(view.program) == 300


async def test_preferences_have_defaults_and_are_kept(database: Database) -> None:
    ada = await agent(database)
    wanted = Preferences(
        time_zone="Europe/Berlin", language="de", undo_seconds=30, after_send=AfterSend.NEXT, keys=False
    )
    async with database.write() as session:
        assert await preferences_of(session, ada) == Preferences()
        await save_preferences(session, ada, wanted, now=NOW)
        await save_preferences(session, ada, wanted, now=NOW)
    async with database.write() as session:
        assert await preferences_of(session, ada) == wanted
        await save_preferences(session, ada, Preferences(), now=NOW)
        assert await preferences_of(session, ada) == Preferences()
        changes = list(await session.scalars(select(Audit.changes).where(Audit.action == "preferences")))
    assert [each["undo_seconds"] for each in changes] == [[10, 30], [30, 10]]


async def test_preferences_of_a_zone_that_is_gone_can_be_read_and_changed(database: Database) -> None:
    """Its name was checked when it was stored; a later `tzdata` can have dropped it, and the agent must get in."""
    ada = await agent(database)
    async with database.write() as session:
        session.add(AgentPreferences(agent_id=ada, body={"time_zone": "US/Pacific-New", "sound": True}))
        await session.flush()
        assert (await preferences_of(session, ada)).sound is True
        await save_preferences(session, ada, Preferences(time_zone="Europe/Vienna"), now=NOW)
        assert (await preferences_of(session, ada)).time_zone == "Europe/Vienna"
