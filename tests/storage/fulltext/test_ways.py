"""On a desk with many entries PostgreSQL chooses its way by a sample: whichever it takes, the same entries are found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text

from models.messages.api_search import SearchKind
from models.records.base import new_id
from storage.engines import Database
from storage.fulltext import ways
from storage.fulltext.asking import Asked, asked, holds, of_kinds
from storage.fulltext.entries import Entry, send
from storage.fulltext.finding import ALWAYS, Period, Place, find
from storage.fulltext.ways import HEAD, TEXT, few

ENTRIES = 3_000
BEGAN = datetime(2031, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
"""Between an entry and the next one."""
SHARES = {"router": 0.5, "warranty": 0.3, "cable": 0.1, "gramophone": 0.003, "zeppelin": 0.0005}
QUESTIONS = (
    "router",
    "router warranty",
    "warranty cable",
    "cable gramophone",
    "router warranty gramophone",
    "zeppelin",
    "router zeppelin 1234@customer.example",
    "2001@customer.example",
    "cable 2001@customer.example",
    "absent",
    "router absent",
    "summer",
    "router summer",
)


def _entries() -> list[Entry]:
    chance, made = Random(7), []
    for place in range(ENTRIES):
        words = [word for word, share in SHARES.items() if chance.random() < share]
        head = [word for word in words if chance.random() < 0.3]
        if 500 <= place < 900:
            words.append("summer")
        body = f"{' '.join(words)} from {place}@customer.example"
        kind = chance.choice((SearchKind.MAIL, SearchKind.CONTACT, SearchKind.ACCOUNT))
        made.append(Entry(kind, new_id(), None, BEGAN + place * DAY, " ".join(head), body))
    return made


@pytest.fixture
async def many(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Database, list[Entry]]]:
    """A desk that counts as large, and the entries that it has."""
    for name, value in {"MANY_ENTRIES": 1_000, "SAMPLE": 1_500, "SAMPLE_OF_PERIOD": 300}.items():
        monkeypatch.setattr(ways, name, value)
    monkeypatch.setattr("storage.fulltext.finding.FEW", 60)
    database, entries = Database(postgres_url), _entries()
    async with database.writer.begin() as connection:
        await connection.run_sync(send, entries)
    async with database.write() as session:
        await session.execute(text("ANALYZE search_entry"))
    yield database, entries
    await database.close()


def _question(typed: str) -> Asked:
    question = asked(typed)
    assert question is not None
    return question


def _held(entries: list[Entry], question: Asked, period: Period) -> list[Entry]:
    """The entries in the order in which they are to be found, told from the words of each."""
    tiers: tuple[list[Entry], list[Entry]] = ([], [])
    for entry in reversed(entries):
        if (period.since and entry.at < period.since) or (period.until and entry.at >= period.until):
            continue
        said = entry.values("sqlite")
        head, body = frozenset(said["head"].split()), frozenset(said["body"].split())
        if holds(question, head):
            tiers[HEAD].append(entry)
        elif holds(question, head | body):
            tiers[TEXT].append(entry)
    return [*tiers[HEAD], *tiers[TEXT]]


PERIODS = (
    ALWAYS,
    Period(BEGAN + 400 * DAY, BEGAN + 1_000 * DAY),
    Period(BEGAN + 1_500 * DAY, None),
    Period(None, BEGAN + 30 * DAY),
    Period(BEGAN + 5_000 * DAY, None),
)


async def test_every_way_finds_the_same(many: tuple[Database, list[Entry]]) -> None:
    database, entries = many
    async with database.read() as session:
        for typed in QUESTIONS:
            for kinds in ((), (SearchKind.CONTACT,)):
                question = of_kinds(_question(typed), kinds) if kinds else _question(typed)
                for period in PERIODS:
                    found, after = [], None
                    while page := await find(session, question, (), after, 70, period):
                        found += [each.object_id for each in page]
                        after = page[-1].place
                    expected = [entry.object_id for entry in _held(entries, question, period)]
                    assert found == expected, (typed, kinds, period)


async def test_what_is_common_is_not_gathered_and_what_is_rare_is(many: tuple[Database, list[Entry]]) -> None:
    database, entries = many
    most = {"router": None, "router warranty": None, "gramophone": SHARES["gramophone"] * ENTRIES * 3}
    async with database.read() as session:
        for typed, expected in most.items():
            found = await few(session, _question(typed), 60)
            assert (found is None) is (expected is None), typed
            assert expected is None or 0 < len(found or ()) < expected
        # Of common words beside a rare one the few that have them all are gathered.
        question = _question("router 2001@customer.example")
        matched = await few(session, question, 60)
        assert matched is not None
        assert len(matched) == len(_held(entries, question, ALWAYS))


async def test_a_statement_after_a_search_is_planned_as_ever(many: tuple[Database, list[Entry]]) -> None:
    database, _ = many
    async with database.read() as session:
        for typed in ("router", "gramophone"):
            assert await find(session, _question(typed), (), Place(TEXT, 2_000), 5)
            for way in ("bitmapscan", "indexscan", "seqscan"):
                assert await session.scalar(text(f"SHOW enable_{way}")) == "on"
        assert await session.scalar(text("SELECT count(*) FROM search_entry")) == ENTRIES
