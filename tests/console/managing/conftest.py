"""Forty cases told by hand, in a desk that people can sign in to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from models.records.reference import Account, Agent, Contact, Mailbox, Queue
from storage.figures.sweep import FigureSweep
from tests.storage.figures.telling import World
from tests.storage.figures.test_forty_cases import FORTY
from tests.support.desks import Desk, DeskFactory

WEEK = "from=2031-03-03&to=2031-03-09"
"""The week that `FORTY` is about; most of it stands in its own lines."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def told(desk: Desk, lines: tuple[str, ...]) -> World:
    """These cases in this desk, whose organisation is tests/organisations/figures.yaml, and counted."""
    world = World(desk.house.database)
    async with desk.house.database.read() as session:
        world.agents = {row.slug: row.id for row in await session.scalars(select(Agent))}
        world.queues = {row.slug: row.id for row in await session.scalars(select(Queue))}
        world.accounts = {row.slug: row.id for row in await session.scalars(select(Account))}
        world.contact = (await session.scalars(select(Contact.id))).one()
        world.mailbox = (await session.scalars(select(Mailbox.id))).one()
    await world.tell(lines)
    sweep = FigureSweep(desk.house.database, desk.house.definitions, every=0)
    while await sweep.sweep():
        pass
    return world


@pytest.fixture
async def told_desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(organisation="tests/organisations/figures.yaml", work=False) as desk:
        await told(desk, FORTY)
        yield desk
