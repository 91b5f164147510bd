"""Published articles are found by their words, alike on both databases, whatever a person types."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desk.errors import Invalid
from desk.queries.article_search import search_articles
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from storage.engines import Database
from storage.fulltext.asking import LONGEST_QUERY, asked

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
        found = await search_articles(session, words, limit=limit)
    assert all(each.content.status == "published" for each in found)
    return [each.content.title.split()[0] for each in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bluetooth", ["Headphones", "Updating"]),
        ("headphone paired", ["Headphones"]),
        ("UPDATES", ["Updating"]),
        ("café", ["Café"]),
        ("CAFE tees", ["Café"]),
        ("bluetooth speakers", ["Updating"]),
        ("how do I pair my gramophone?", ["Headphones"]),
        ("nothing of the kind", []),
    ],
)
async def test_words_are_found_by_their_stem_the_best_first(
    database: Database, words: str, expected: list[str]
) -> None:
    assert await titles(database, words) == expected


async def test_what_matches_best_comes_first_and_the_limit_holds(database: Database) -> None:
    assert await titles(database, "bluetooth", limit=1) == ["Headphones"]


async def test_a_text_is_words_or_is_refused(database: Database) -> None:
    for words in (*ODDITIES, ""):
        if len(words) > LONGEST_QUERY:
            refused = f"q: at most {LONGEST_QUERY} characters"
        elif asked(words) is None:
            refused = "q: words to look for"
        else:
            await titles(database, words)
            continue
        with pytest.raises(Invalid, match=refused):
            await titles(database, words)


async def test_each_comes_with_the_passage_that_matched(database: Database) -> None:
    async with database.read() as session:
        (found,) = await search_articles(session, "powers buttons")
    assert found.facts["snippet"] == "Hold the power button for seven seconds."
