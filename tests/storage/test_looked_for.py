"""Who only asks whether something is known may ask for anything: what is too long for its column is simply not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from desk.identity import identify
from storage.engines import Database
from storage.repositories import mails
from storage.repositories.suppressions import suppressed_among

LONG = "x" * 400
"""Longer than any column that a mail or a caller is looked for in."""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


async def test_a_value_too_long_for_its_column_is_not_found(database: Database) -> None:
    async with database.read() as session:
        assert await suppressed_among(session, [f"{LONG}@example.org"]) == frozenset()
        sender = await mails.sender_of(session, f"{LONG}@example.org", datetime.now(UTC), 5)
        assert (sender.contact, sender.account, sender.lately) == (None, None, 0)
        assert await mails.cases_of_numbers(session, [f"CAS-{LONG}-ABCDEF"]) == []
        assert await identify(session, LONG) is None
