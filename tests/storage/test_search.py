"""Full text of published articles, alike on both engines, whatever a person types."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from models.records.base import new_id
from models.records.reference import Article, ArticleVersion
from storage.engines import Database
from storage.search import ArticleSearch

TEXTS = {
    "pairing": ("Headphones do not pair over Bluetooth", "Hold the power button for seven seconds.", "bluetooth reset"),
    "firmware": ("Updating the firmware", "The speaker updates itself. Bluetooth is off meanwhile.", "software"),
    "cafe": ("Café opening hours", "Der Tee schmeckt. ¿Qué tal?", ""),
}


ODDITIES = [
    '"', "'", '"pair', "pair*", "NEAR(a b)", "title:pair", "a AND", "OR", "NOT", "-", "--", "(", "^pair", "{a}", "\\",
    "a:b & !c | <->", "\x00pair", "\ud800", "%", "_", "🎧", "a " * 500, "é" * 1000, "ﷺ", "x" * 5000, "नमस्ते", "the of",
]  # fmt: skip


async def fill(database: Database) -> None:
    async with database.write() as session:
        for number, (slug, (title, content, keywords)) in enumerate(TEXTS.items()):
            for status in ("published", "draft", "archived"):
                article = Article(id=new_id(), number=f"{slug}{status}", slug=f"{slug}-{status}")
                session.add(article)
                await session.flush()
                session.add(
                    ArticleVersion(
                        id=new_id(),
                        article_id=article.id,
                        major=1,
                        minor=number,
                        status=status,
                        title=title,
                        content=content,
                        keywords=keywords,
                    )
                )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    await fill(made)
    yield made
    await made.close()


async def titles(database: Database, words: str, limit: int = 20) -> list[str]:
    async with database.read() as session:
        hits = await ArticleSearch().search(session, words, limit)
        found = [await session.get_one(ArticleVersion, hit.version_id) for hit in hits]
        assert all(version.status == "published" for version in found)
        return [version.title.split()[0] for version in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bluetooth", ["Headphones", "Updating"]),
        ("headphone paired", ["Headphones"]),
        ("UPDATES", ["Updating"]),
        ("café", ["Café"]),
        ("how do I pair my gramophone?", ["Headphones"]),
        ("nothing of the kind", []),
        ("", []),
    ],
)
async def test_words_are_found_by_their_stem_the_best_first(
    database: Database, words: str, expected: list[str]
) -> None:
    assert await titles(database, words) == expected


async def test_what_matches_best_comes_first_and_the_limit_holds(database: Database) -> None:
    assert await titles(database, "bluetooth", limit=1) == ["Headphones"]


async def test_no_text_raises(database: Database) -> None:
    for words in ODDITIES:
        await titles(database, words)


async def test_sqlite_finds_letters_without_their_accents(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await fill(database)
    assert await titles(database, "cafe") == ["Café"]
    await database.close()


async def test_the_index_follows_what_becomes_of_a_version(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE article_version SET status = 'archived' WHERE title LIKE 'Headphones%'"))
    assert await titles(database, "bluetooth") == ["Updating"]
    async with database.write() as session:
        await session.execute(text("UPDATE article_version SET title = 'Zebra crossing' WHERE title LIKE 'Updating%'"))
    assert await titles(database, "zebras") == ["Zebra"]
    async with database.write() as session:
        await session.execute(text("DELETE FROM article_version WHERE title LIKE 'Zebra%'"))
    assert await titles(database, "zebras") == []


async def test_postgresql_answers_from_the_index(postgres_url: str) -> None:
    from storage.search import DOCUMENT

    database = Database(postgres_url)
    async with database.write() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        await session.execute(text("DROP INDEX uq_article_published"))
        where = f"status = 'published' AND {DOCUMENT} @@ plainto_tsquery('english', 'x')"
        plan = await session.scalars(text(f"EXPLAIN SELECT id FROM article_version WHERE {where}"))  # noqa: S608
        assert "ix_article_version_search" in "\n".join(plan)
    await database.close()
