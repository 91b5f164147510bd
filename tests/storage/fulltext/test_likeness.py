"""Entries that are like a text: the same on both databases, those that share most first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from models.messages.api_search import SearchKind
from models.records.cases import Case
from storage.engines import Database
from storage.fulltext.asking import asked, telling
from storage.fulltext.likeness import MOST_WORDS, alike, enough

AT = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
TITLES = (
    "Headphones do not pair with the telephone",
    "Kopfhörer verbinden sich nicht mit dem Telefon",
    "Telephones pair with headphones after the update",
    "Loudspeaker does not pair",
    "The invoice is wrong",
    "SN0047 is broken",
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    async with made.write() as session:
        for place, title in enumerate(TITLES):
            session.add(
                Case(
                    id=UUID(int=place + 1),
                    number=f"CAS-{place:05}-AAAAAA",
                    title=title,
                    origin="email",
                    status="active",
                    status_reason="in-progress",
                    created_on=AT,
                    modified_on=AT,
                )
            )
            await session.flush()
    yield made
    await made.close()


async def likest(database: Database, text: str, least: int | None = None, limit: int = 10) -> list[tuple[int, int]]:
    """Each one's place among the titles, and how many words it shares."""
    async with database.read() as session:
        found = await alike(session, telling(text, MOST_WORDS), (), limit, kinds=(SearchKind.CASE,), least=least)
    return [(each.entry.object_id.int - 1, len(each.shared)) for each in found]


WAYS: list[tuple[str, list[tuple[int, int]]]] = [
    ("my headphone pairs with no telephone", [(2, 3), (0, 3)]),
    ("PAIRING headphones after an update", [(2, 3), (0, 2)]),
    ("Der Kopfhörer am Telefon", [(1, 2)]),
    ("kopfhoerer telefone", [(1, 2)]),
    ("invoices", [(4, 1)]),
    ("sn47 broken", []),
    ("sn0047 broken", [(5, 2)]),
    ("gramophone", []),
    ("", []),
    ("the of and", []),
    ('" OR * NEAR(', []),
    ("pair " * 2000, [(3, 1), (2, 1), (0, 1)]),
]


async def test_what_shares_most_comes_first_and_of_those_the_newest(database: Database) -> None:
    wrong = [(text, came) for text, expected in WAYS if (came := await likest(database, text)) != expected]
    assert not wrong


async def test_how_much_must_be_shared_and_how_many_are_shown(database: Database) -> None:
    assert await likest(database, "headphones update loudspeaker invoice", least=1) == [(2, 2), (4, 1), (3, 1), (0, 1)]
    assert await likest(database, "headphones update loudspeaker invoice") == [(2, 2)]
    assert await likest(database, "headphones update loudspeaker invoice", least=1, limit=2) == [(2, 2), (4, 1)]


@pytest.mark.parametrize(("count", "least"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (8, 4)])
def test_half_of_the_words_are_enough_and_of_several_at_least_two(count: int, least: int) -> None:
    question = asked("x")
    assert question is not None
    assert enough(dict.fromkeys(map(str, range(count)), question)) == least
