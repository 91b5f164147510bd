"""Titles are found by parts of their words, in any case and form, alike on both databases and in step with the cases."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from models.records.base import new_id
from models.records.cases import Case
from storage.engines import Database
from storage.folding import folded
from storage.search import TitleSearch

AT = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
TITLES = (
    "ÜBERGRÖSSE der Straße",
    "Le CAFÉ ne répond pas",
    unicodedata.normalize("NFD", "Crème brûlée"),
    "ΟΔΟΣ ΑΘΗΝΩΝ",
    "ПРИНТЕР не печатает",
    "İstanbul IŞIK",
    "ﬁrmware ２０３１",
    "返品をお願いします",
    "100% of broken_pipe 'quoted' \"twice\" back\\slash",
    "Encore l'été",
    "हिन्दी में",
    "Łódź și Đà Nẵng",
)


def number(place: int) -> str:
    return f"CAS-{place:05}-TITLES"


async def fill(database: Database) -> None:
    async with database.write() as session:
        for place, title in enumerate(TITLES):
            session.add(
                Case(
                    id=new_id(),
                    number=number(place),
                    title=title,
                    origin="email",
                    status="active",
                    status_reason="in-progress",
                    created_on=AT,
                    modified_on=AT,
                )
            )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    await fill(made)
    yield made
    await made.close()


async def found(database: Database, words: str) -> list[str]:
    """The titles, by both ways: asking each case, and on SQLite also from the index alone."""
    search = TitleSearch(words)
    async with database.read() as session:
        asked = list(await session.scalars(select(Case.title).where(search.holds()).order_by(Case.number)))
        if database.sqlite and search.indexed:
            indexed = select(Case.title).where(Case.id.in_(search.found())).order_by(Case.number)
            assert list(await session.scalars(indexed)) == asked
    return asked


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("übergrösse", 0),
        ("UBERGROSSE STRASSE", 0),
        ("straße", 0),
        ("café", 1),
        ("CAFE repond", 1),
        ("répond le", 1),
        ("crème", 2),
        (unicodedata.normalize("NFD", "BRÛLÉE"), 2),
        ("οδός", 3),
        ("αθηνών", 3),
        ("принтер", 4),
        ("ПЕЧАТАЕТ", 4),
        ("istanbul", 5),
        ("firmware 2031", 6),
        ("お願い", 7),
        ("返品", 7),
        ("100%", 8),
        ("BROKEN_pipe", 8),
        ("'quoted'", 8),
        ('"twice"', 8),
        ("back\\slash", 8),
        ("l'été", 9),
        ("हिन्दी", 10),
        ("đà nẵng", 11),
        ("łódź", 11),
    ],
)
async def test_a_title_is_found_however_it_is_typed(database: Database, words: str, place: int) -> None:
    assert await found(database, words) == [TITLES[place]]


@pytest.mark.parametrize(
    "words", ["broken%pipe", "brokenXpipe", "café straße", "1000%", "AND NOT", "NEAR(a b)", "pipe*"]
)
async def test_nothing_else_is_found(database: Database, words: str) -> None:
    assert await found(database, words) == []


async def test_every_part_of_a_title_finds_the_same_on_both_databases(sqlite_url: str, postgres_url: str) -> None:
    first, second = Database(sqlite_url), Database(postgres_url)
    try:
        for database in (first, second):
            await fill(database)
        parts = {
            part
            for title in TITLES
            for start in range(0, len(title), 3)
            for part in (title[start : start + 2], title[start : start + 4].upper(), title[start : start + 6])
            if part.strip()
        }
        for part in sorted(parts):
            assert await found(first, part) == await found(second, part), part
    finally:
        await first.close()
        await second.close()


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x24FF, exclude_characters="\0"), max_size=40))
def test_folding_twice_changes_nothing(given: str) -> None:
    assert folded(folded(given)) == folded(given)


async def test_postgresql_folds_as_python_does(postgres_url: str) -> None:
    """Every letter of the scripts that Unicode had by version 3.2, which no version since has changed."""
    letters = [
        chr(code) for code in range(1, 0x10000) if unicodedata.ucd_3_2_0.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    database = Database(postgres_url)
    try:
        async with database.read() as session:
            rows = await session.execute(
                text("SELECT letter, folded(letter) FROM unnest(CAST(:letters AS text[])) AS letter"),
                {"letters": letters},
            )
            different = {letter: (there, folded(letter)) for letter, there in rows if there != folded(letter)}
    finally:
        await database.close()
    assert different == {}


async def test_the_index_follows_the_cases_in_their_own_transaction(database: Database) -> None:
    async with database.write() as session:
        await session.execute(update(Case).where(Case.number == number(0)).values(title="Éclair"))
        here = await session.scalars(select(Case.number).where(TitleSearch("ECLAIR").holds()))
        assert list(here) == [number(0)]
        await session.rollback()
    assert await found(database, "eclair") == []
    assert await found(database, "straße") == [TITLES[0]]
    async with database.write() as session:
        await session.execute(update(Case).where(Case.number == number(0)).values(title="Éclair"))
        await session.execute(update(Case).where(Case.number == number(1)).values(version=7))
        await session.execute(delete(Case).where(Case.number == number(2)))
    assert await found(database, "eclair") == ["Éclair"]
    assert await found(database, "straße") == await found(database, "crème") == []
    assert await found(database, "café") == [TITLES[1]]
