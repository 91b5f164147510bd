"""The scripts make what the models describe, and carry old rows along."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import select, text

from models.records import Record
from models.records.base import new_id
from models.records.reference import Contact
from servers.postgres import PostgresServer
from storage.engines import Database
from storage.fulltext.asking import asked
from storage.fulltext.entries import ENTRY
from storage.fulltext.finding import find, matching
from storage.migrate import config, upgrade
from tests.support.databases import sqlite_address


@pytest.fixture(params=["sqlite", "postgres"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> str:
    if request.param == "sqlite":
        return sqlite_address(tmp_path / "empty.db")
    return await postgres.create_database(f"empty_{new_id().hex}")


async def _tables(url: str) -> set[str]:
    database = Database(url)
    try:
        async with database.read() as session:
            connection = await session.connection()
            return set(await connection.run_sync(lambda here: sa.inspect(here).get_table_names()))
    finally:
        await database.close()


async def test_they_make_what_the_records_describe_and_take_it_back(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url)
    # Raises where a table, a column, its type, an index or a constraint differs from its class.
    await asyncio.to_thread(command.check, config(empty_url))
    assert set(Record.metadata.tables) <= await _tables(empty_url)
    await asyncio.to_thread(command.downgrade, config(empty_url), "base")
    assert not set(Record.metadata.tables) & await _tables(empty_url)


async def insert(database: Database, title: str) -> UUID:
    """By the columns that the table has had since 0004, whatever the models have by now."""
    id = new_id()
    at = "'2031-03-03 00:00:00.000000'"
    values = {
        "id": f"'{id.hex}'",
        "number": f"'CAS-00001-{id.hex[-6:].upper()}'",
        "title": f"'{title}'",
        "origin": "'email'",
        "status": "'active'",
        "status_reason": "'in-progress'",
        "priority": "'normal'",
        "custom": "'{}'",
        "sla_state": "'none'",
        "created_on": at,
        "modified_on": at,
        "version": "0",
        "life": "0",
        **dict.fromkeys(("route", "decrement"), "true"),
        **dict.fromkeys(("first_response_sent", "escalated", "customer_replied_last"), "false"),
    }
    async with database.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            f"INSERT INTO service_case ({', '.join(values)}) VALUES ({', '.join(values.values())})"  # noqa: S608
        )
    return id


async def found(database: Database, words: str) -> list[UUID]:
    question = asked(words)
    assert question is not None
    async with database.read() as session:
        entries, holds = matching(question, session.get_bind().dialect.name)
        wanted = select(ENTRY.c.case_id).select_from(entries).where(holds)
        return list(await session.scalars(wanted.order_by(ENTRY.c.case_id)))


async def test_old_cases_are_found_and_the_way_back_is_open(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url, "0004")
    database = Database(empty_url)
    try:
        old = await insert(database, "Kopfhörer stumm")
        await asyncio.to_thread(upgrade, empty_url, "0020")
        await asyncio.to_thread(upgrade, empty_url)
        assert await found(database, "KOPFHORER") == [old]
        words = await _words(database)
        await asyncio.to_thread(command.downgrade, config(empty_url), "0020")
        assert "§" not in await _words(database)
        async with database.read() as session:
            titles = await session.scalars(text("SELECT title FROM case_text"))
            assert list(titles) == ["kopfhorer stumm"]
        await asyncio.to_thread(upgrade, empty_url)
        assert await _words(database) == words
        assert await found(database, "kopfhörer") == [old]
    finally:
        await database.close()


async def _words(database: Database) -> str:
    async with database.read() as session:
        rows = await session.execute(text("SELECT CAST(head AS TEXT), CAST(body AS TEXT) FROM search_entry"))
        return str(rows.all())


async def test_addresses_of_old_rows_are_found_in_one_form(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url, "0005")
    database = Database(empty_url)
    written = ["jana@xn--bcher-kva.example", "ann@example.net", "max@xn--mller-kva.example", "max@müller.example"]
    try:
        async with database.write() as session:
            connection = await session.connection()
            for address in written:
                await connection.exec_driver_sql(
                    "INSERT INTO contact (id, name, email, active, version) "  # noqa: S608
                    f"VALUES ('{new_id().hex}', 'x', '{address}', true, 1)"
                )
        await asyncio.to_thread(upgrade, empty_url)
        async with database.read() as session:
            kept = set(await session.scalars(select(Contact.email)))
        # Of two that are one, people say which is the right one.
        assert kept == {"jana@bücher.example", "ann@example.net", "max@xn--mller-kva.example", "max@müller.example"}
    finally:
        await database.close()


async def test_old_rows_are_searched_the_newest_first(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url, "0013")
    database = Database(empty_url)
    try:
        old = [await insert(database, f"Kopfhörer {place}") for place in range(3)]
        await asyncio.to_thread(upgrade, empty_url)
        question = asked("KOPFHORER")
        assert question is not None
        async with database.read() as session:
            assert [hit.object_id for hit in await find(session, question, (), None, 9)] == old[::-1]
    finally:
        await database.close()
