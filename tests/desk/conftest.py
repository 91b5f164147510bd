"""A migrated database, on both engines, as the desk opens it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.engines import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    yield made
    await made.close()
