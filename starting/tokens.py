"""`token`: API tokens made and ended from the command line of the machine that holds the database."""

from __future__ import annotations

from datetime import UTC, datetime

from desk.identity import create_token, revoke, token_id
from models.messages.reference import Role
from settings import Settings
from starting.failures import Unusable
from starting.rows import ACTOR, database_of
from starting.show import Show


async def create(settings: Settings, show: Show, agent: str, role: Role) -> int:
    """A token on standard output, and nothing else, so that a script can take it."""
    async with database_of(settings) as database, database.write() as session:
        token = await create_token(session, agent, role, actor=ACTOR, now=datetime.now(UTC))
    show.say(token)
    return 0


async def end(settings: Settings, show: Show, token: str) -> int:
    """End a token, given as itself."""
    async with database_of(settings) as database, database.write() as session:
        found = await token_id(session, token)
        if found is None:
            raise Unusable("there is no such token: it was never made here, or it was made in another data folder.")
        await revoke(session, found, actor=ACTOR, now=datetime.now(UTC))
    show.say("The token is ended.")
    return 0
