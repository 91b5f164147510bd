"""Statements run in the event loop's own thread, and those that may take long run aside."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from storage.engines import Database
from storage.sqlite import aside
from tests.support.waiting import until

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT seen() UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
WHERE = "SELECT seen()"


class Seen:
    """A function of SQL that notes in which thread it is called."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def __call__(self) -> int:
        self.threads.append(threading.get_ident())
        return 1


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    made = Database(sqlite_url)
    yield made
    await made.close()


@pytest.fixture
async def seen(database: Database) -> Seen:
    found = Seen()
    async with database.read() as session:
        pooled = await (await session.connection()).get_raw_connection()
        assert pooled.driver_connection is not None
        await pooled.driver_connection.create_function("seen", 0, found)
    return found


async def test_a_statement_runs_in_place_and_within_aside_in_another_thread(database: Database, seen: Seen) -> None:
    async with database.read() as session:
        await session.execute(text(WHERE))
        with aside():
            await session.execute(text(WHERE))
        await session.execute(text(WHERE))
    here = threading.get_ident()
    assert [thread == here for thread in seen.threads] == [True, False, True]


async def test_the_event_loop_goes_on_meanwhile_and_a_cancelled_statement_ends(database: Database, seen: Seen) -> None:
    async def ask() -> None:
        async with database.read() as session:
            with aside():
                await session.execute(text(ENDLESS))

    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: complaints.append(told["message"]))
    asking = asyncio.create_task(ask())
    await until(lambda: bool(seen.threads))  # which needs a loop that is not held up
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with database.read() as session:  # SQLAlchemy has closed the connection, which it cannot while it works
        assert await session.scalar(text("SELECT 1")) == 1
    del asking
    gc.collect()
    assert complaints == [], "the error of the interrupted statement was left for nobody"
