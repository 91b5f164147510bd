"""`password`: links by which agents choose a password, from the command line of the machine that holds the database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bootstrap import House, keyring, ways_in
from desk.entering.anew import begin_anew
from desk.entering.links import agent_of, hand_out
from desk.entering.ways import Ways
from letters.links import LinkSigner
from settings import Settings
from starting.rows import ACTOR, database_of
from starting.show import Show
from storage.secrets import Keyring


async def invite(settings: Settings, show: Show, slug: str, *, anew: bool) -> int:
    """A link on standard output, and nothing else, so that a script can take it. `anew`: what they had is dropped first."""
    async with database_of(settings) as database, database.write() as session:
        if anew:
            await begin_anew(session, await agent_of(session, slug), actor=ACTOR, now=datetime.now(UTC))
        link = await _link(session, keyring(settings), ways_in(settings), slug, ACTOR)
    show.say(link)
    return 0


async def first_link(session: AsyncSession, house: House, slug: str) -> str:
    """By which the first administrator gets into the console."""
    return await _link(session, house.keyring, house.ways, slug, "system")


async def _link(session: AsyncSession, keys: Keyring, ways: Ways, slug: str, actor: str) -> str:
    signer, agent = LinkSigner(keys.current, keys.keys), await agent_of(session, slug)
    return await hand_out(session, signer, ways, agent, actor=actor, now=datetime.now(UTC))
