from __future__ import annotations

from sqlalchemy import update

from models.records.base import new_id
from models.records.reference import Account, Team
from storage.engines import Database
from tests.support.rows import Rows, all_rows


async def test_every_change_shows_in_its_table(database_url: str) -> None:
    database, seen = Database(database_url), list[Rows]()

    async def see() -> set[str]:
        async with database.read() as session:
            seen.append(await all_rows(session))
        before, after = seen[-2:] if len(seen) > 1 else (seen[0], seen[0])
        assert len(after) > 40, "all tables"
        return {table for table in before if before[table] != after[table]}

    try:
        assert await see() == set()
        async with database.write() as session:
            session.add(Account(id=new_id(), slug="ito", name="Ito"))
            session.add(Team(id=new_id(), slug="day", name="Day"))
        assert await see() == {"account", "team"}
        async with database.write() as session:
            await session.execute(update(Account).values(tier="gold"))
        assert await see() == {"account"}
        async with database.write() as session:
            await session.execute(update(Account).values(tier="gold"))
        assert await see() == set(), "the same again is no change"
    finally:
        await database.close()
