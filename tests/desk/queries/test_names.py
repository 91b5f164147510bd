"""Names for what pages have by slugs or ids, as they have it, and how much is asked for them."""

from __future__ import annotations

import pytest

from benchmarks.asked import asked
from desk.queries.figure_filters import FigureFilter
from desk.queries.names import names_by_kind, names_in_figures, names_of
from models.records.base import new_id
from models.records.reference import Account, Contact
from storage.definitions import Definitions
from storage.engines import Database

ANN, BEN = new_id(), new_id()
LIKE_AN_ID = "deadbeef" * 4
"""A slug that could be read as an id."""


@pytest.fixture
async def database(database: Database) -> Database:
    async with database.write() as session:
        session.add_all(
            [
                Contact(id=ANN, name="Ann", email="ann@home.example"),
                Contact(id=BEN, name="Ben", email="ben@home.example"),
                Account(id=new_id(), slug="aurora", name="Aurora"),
                Account(id=new_id(), slug="gone", name="Gone out of use", active=False),
                Account(id=new_id(), slug="nameless", name=""),
                Account(id=new_id(), slug=LIKE_AN_ID, name="Like an id"),
            ]
        )
        await session.flush()
    return database


async def test_a_key_is_a_slug_or_an_id_in_whatever_form(database: Database) -> None:
    async with database.read() as session:
        people = await names_of(session, "contact", (str(ANN), BEN.urn, "ann", None, str(new_id())))
        accounts = await names_of(session, "account", ("aurora", "gone", "nameless", "no-such", LIKE_AN_ID, ""))
    assert people == {str(ANN): "Ann", BEN.urn: "Ben"}
    assert accounts == {"aurora": "Aurora", "gone": "Gone out of use", LIKE_AN_ID: "Like an id"}


async def test_what_has_no_names_has_none(database: Database) -> None:
    async with database.read() as session:
        wanted = {"account": ["aurora"], "article": ["kb-1"], "kpi": ["no-such"], "webhook": ["aurora"]}
        found = await names_by_kind(session, Definitions(), wanted)
    assert found == {"account": {"aurora": "Aurora"}, "article": {}, "kpi": {}}


async def test_a_kind_is_one_statement_and_nothing_is_none(database: Database) -> None:
    async with database.read() as session:
        with asked() as statements:
            assert await names_of(session, "contact", (None, "")) == {}
            assert await names_in_figures(session, FigureFilter(channel="email")) == {
                "queue": {}, "agent": {}, "customer": {}, "product": {},
            }  # fmt: skip
        assert not statements
        with asked() as statements:
            found = await names_in_figures(session, FigureFilter(customer="aurora"))
        assert found["customer"] == {"aurora": "Aurora"}
        assert len(statements) == 1
