"""A house of its own for figures; the table of survey answers goes again where it was made here."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.engines import Database
from tests.storage.figures.telling import World, world_of

COSTS = {"email": 2.5, "phone": 6, "phone-call": 6}


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    database = Database(database_url)
    try:
        yield await world_of(database, contact_costs=COSTS)
    finally:
        await database.close()
