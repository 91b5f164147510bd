from __future__ import annotations

from pathlib import Path

from sqlalchemy import literal, select

from storage.engines import Database
from tests.support.databases import sqlite_address
from tests.support.statements import COMPILED


async def test_a_statement_is_compiled_once_for_all_databases(tmp_path: Path, postgres_url: str) -> None:
    kept: list[int] = []
    for url in (sqlite_address(tmp_path / "one.db"), sqlite_address(tmp_path / "two.db"), postgres_url, postgres_url):
        database = Database(url)
        async with database.read() as session:
            assert await session.scalar(select(literal(url).label("only_here"))) == url
        await database.close()
        kept.append(len(COMPILED))
    first, *_ = kept
    assert kept == [first, first, first + 1, first + 1], "each kind of database has its own"
