"""Counting follows the settings, and one case that cannot be counted keeps no other from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from models.records.base import new_id
from models.records.cases import Case
from models.records.figures import FigureDay
from models.records.reference import DefinitionRecord
from storage.definitions import Definitions
from storage.engines import Database
from storage.figures import counting
from storage.figures.counting import basis
from storage.figures.registry import BY_NAME
from storage.figures.sweep import FigureSweep
from storage.figures.viewing import Period, view
from tests.storage.figures.telling import ZONE, World, day, world_of

HOURS = [{"from": "09:00", "to": "17:00"}]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    """What SQL does differently on the two databases is in the other files."""
    database = Database(sqlite_url)
    try:
        yield await world_of(database)
    finally:
        await database.close()


async def put_in_force(world: World, kind: str, slug: str, version: int, /, **body: Any) -> None:
    async with world.database.write() as session:
        older = update(DefinitionRecord).where(DefinitionRecord.kind == kind, DefinitionRecord.slug == slug)
        await session.execute(older.values(status="inactive"))
        values = {"kind": kind, "slug": slug, "version": version, "status": "active"}
        session.add(DefinitionRecord(id=new_id(), **values, activated_on=datetime.now(UTC), body=body))


async def value(world: World, definitions: Definitions, name: str) -> float | None:
    async with world.database.read() as session:
        organisation = (await basis(session, definitions)).organisation
        return (await view(session, BY_NAME[name], organisation, Period(day(7), day(12)))).value


async def test_other_settings_count_everything_anew(world: World) -> None:
    definitions = Definitions()
    sweep = FigureSweep(world.database, definitions, every=0)
    # From Friday, 7 March, 16:00 to Monday, 10:00, in Berlin: two working hours.
    await world.tell(["7 16:00 email high ito gold | pick 5 berta | answer 3960 berta | resolve 3960 berta"])
    while await sweep.sweep():
        pass
    assert await value(world, definitions, "first-response-business-time") == 3960 * 60, "around the clock"
    assert await value(world, definitions, "cost-per-contact") is None, "nobody knows what one costs"
    office = {"slug": "office", "time_zone": ZONE, "hours": dict.fromkeys(WEEKDAYS, HOURS)}
    await put_in_force(world, "calendar", "office", 1, **office)
    settings = {"figures_calendar": "office", "contact_costs": {"email": 2.5}}
    await put_in_force(world, "organisation", "organisation", 2, time_zone=ZONE, **settings)
    assert await sweep.sweep() > 0
    while await sweep.sweep():
        pass
    assert await value(world, definitions, "first-response-business-time") == 2 * 3600
    assert await value(world, definitions, "resolution-business-time") == 2 * 3600
    assert await value(world, definitions, "first-response-time") == 3960 * 60
    assert await value(world, definitions, "cost-per-contact") == 2.5
    # Another zone, in which Monday at 10:00 in Berlin is Sunday still.
    await put_in_force(world, "organisation", "organisation", 3, time_zone="Pacific/Honolulu", **settings)
    while await sweep.sweep():
        pass
    async with world.database.read() as session:
        days = await session.scalars(
            select(FigureDay.day).where(FigureDay.figure == "resolved", FigureDay.by == "", FigureDay.numerator > 0)
        )
        assert list(days) == [day(9)]


async def test_a_case_that_cannot_be_counted_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.tell(["7 16:00 email high ito gold"] * 5)
    bad, right = world.cases[2].id, counting._fact

    def fails(*given: Any) -> dict[str, Any]:
        if given[3]["case_id"] == bad:
            raise ArithmeticError
        return right(*given)

    definitions = Definitions()
    sweep = FigureSweep(world.database, definitions, every=0)
    with monkeypatch.context() as broken:
        broken.setattr(counting, "_fact", fails)
        while await sweep.sweep():
            pass
        assert await value(world, definitions, "incoming") == 4
        assert await sweep.sweep() == 0, "it is not tried again and again"
    async with world.database.write() as session:
        await session.execute(update(Case).where(Case.id == bad).values(version=Case.version + 1))
    while await sweep.sweep():
        pass
    assert await value(world, definitions, "incoming") == 5, "its next write counts it"
