from __future__ import annotations

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from models.records.base import new_id
from models.records.cases import CaseNumber
from models.records.reference import Product
from storage.engines import Database


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_every_test_gets_migrated_tables_of_its_own(database_url: str, turn: str) -> None:
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
            assert "alembic_version" in tables
            assert "mark" not in tables, f"the {turn} test sees another's table"
            await connection.execute(text("CREATE TABLE mark (turn text)"))
    finally:
        await engine.dispose()


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_no_row_and_no_number_of_another_test_is_left(database_url: str, turn: str) -> None:
    database = Database(database_url)
    try:
        async with database.write() as session:
            assert await session.scalar(select(func.count()).select_from(Product)) == 0, f"the {turn} test sees a row"
            session.add(Product(id=new_id(), slug="lamp", name="Lamp"))
            number = CaseNumber()
            session.add(number)
            await session.flush()
            assert number.id == 1
    finally:
        await database.close()
