from __future__ import annotations

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import create_async_engine


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
