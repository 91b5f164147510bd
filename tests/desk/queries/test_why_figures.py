"""Every figure explains itself: counted anew from the rows of its cases it is the same, on both databases (checklist row 40)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from desk.identity import Identity
from desk.queries.figure_filters import FigureFilter
from desk.queries.key_figures import figure_cases, figure_view
from desk.queries.why_figures import figure_why
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case
from models.records.figures import FigureFact
from storage.definitions import Definitions
from storage.engines import Database
from storage.figures.registry import FIGURES
from storage.figures.sweep import FigureSweep
from tests.storage.figures.telling import World, day, world_of
from tests.storage.figures.test_forty_cases import FRIDAY, MONDAY, TUESDAY, WEDNESDAY, WEEK_BEFORE

COSTS = {"email": 2.5, "phone": 6, "phone-call": 6}
MANAGER = Identity(new_id(), "boss", "Boss", frozenset({Role.MANAGER}))
WEEK = (day(3), day(10))
DEFINITIONS = Definitions()


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    database = Database(database_url)
    try:
        world = await world_of(database, contact_costs=COSTS)
        await world.tell((*WEEK_BEFORE, *MONDAY, *TUESDAY, *WEDNESDAY, *FRIDAY))
        yield world
    finally:
        await database.close()


async def test_every_figure_is_the_same_when_it_is_counted_anew(world: World) -> None:
    counting = FigureSweep(world.database, DEFINITIONS, every=0)
    while await counting.sweep():
        pass
    async with world.database.read() as session:
        for figure in FIGURES:
            for given in (FigureFilter(), FigureFilter(queue="support", agent="carl", channel="email")):
                asked = (session, DEFINITIONS, MANAGER, figure.name, *WEEK)
                why, shown = await figure_why(*asked, given), await figure_view(*asked, given=given)
                assert why.agrees, (figure.name, given, why)
                assert (why.value, why.numerator, why.denominator, why.median, why.p90) == (
                    *(shown.value, shown.numerator, shown.denominator, shown.median, shown.p90),
                )
                # What is told is enough to reckon it: scale x numerator / denominator, and the facts of each case.
                listed = (await figure_cases(*asked, given=given, limit=200)).items
                assert why.facts == len(listed), figure.name
                assert why.cases == len({each.case for each in listed})
                if not figure.cumulative:
                    assert why.numerator == sum(each.numerator for each in listed)
                if why.denominator:
                    assert why.value == round(why.scale * why.numerator / why.denominator, 4)
        why = await figure_why(session, DEFINITIONS, MANAGER, "csat", *WEEK, FigureFilter(queue="gold"))
    assert (why.filters, why.time_zone, why.sight) == ({"queue": "gold"}, "Europe/Berlin", "all cases")
    assert (why.fact, "survey_answer" in why.facts_sql, "figure_fact" in why.sql) == ("surveyed", True, True)
    assert (why.numerator, why.denominator, why.value) == (2, 3, 66.6667), "5 and 4 of 5, 4 and 2"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_kept_wrongly_or_not_counted_yet_is_seen(world: World) -> None:
    counting = FigureSweep(world.database, DEFINITIONS, every=0)
    while await counting.sweep():
        pass
    async with world.database.write() as session:
        await session.execute(update(FigureFact).where(FigureFact.kind == "surveyed").values(amount=1))
        opened = world.cases[-1]
        await session.execute(
            update(Case).where(Case.id == opened.id).values(escalated_on=Case.created_on, version=Case.version + 1)
        )
    async with world.database.read() as session:
        spoilt = await figure_why(session, DEFINITIONS, MANAGER, "csat", *WEEK)
        late = await figure_why(session, DEFINITIONS, MANAGER, "escalation-rate", *WEEK)
    assert spoilt.recount is not None
    assert late.recount is not None
    assert (spoilt.agrees, spoilt.numerator, spoilt.recount.numerator) == (False, 0, 2)
    assert (late.agrees, late.recount.numerator - late.numerator) == (False, 1)
    assert late.counted_to is not None
