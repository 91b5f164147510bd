"""Cases under test: SQLite with a cache of none, and PostgreSQL with cases kept in memory.

So each database and each size of cache is met once, in half the time of all four pairs; tests/scenarios runs all four.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.desks import COLD, WARM, Desk, DeskFactory

CACHE = {"sqlite": COLD, "postgres": WARM}


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: str) -> str:
    url: str = request.getfixturevalue(f"{engine}_url")
    return url


@pytest.fixture
def cached(engine: str) -> int:
    return CACHE[engine]


@pytest.fixture
async def desk(open_desk: DeskFactory, cached: int) -> AsyncIterator[Desk]:
    async with open_desk(cached=cached) as made:
        yield made
