"""Articles come in the order in which a person would want them, alike on both databases: a set whose ranks are written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from desk.public_articles import public_article, public_search
from desk.queries.article_search import ArticleFilter, ArticleSort, Visibility, listed, search_articles
from models.messages.articles import ArticleStatus
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from storage.engines import Database

SET: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "fixtures" / "household.yaml").read_text())
AT = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    async with made.write() as session:
        for place, given in enumerate(SET["articles"]):
            row = {"keywords": "", "internal": False, **given}
            article = Article(
                id=new_id(), number=f"KA-{place + 1001:05}", slug=row.pop("slug"), views=(place * 7) % 16, version=1
            )
            session.add(article)
            await session.flush()
            at = AT + timedelta(days=place)
            common = {"article_id": article.id, "major": 1, "minor": 0, "modified_on": at, "published_on": at}
            session.add(ArticleVersion(id=new_id(), status="published", language="en", **common, **row))
            if article.slug == "pea-soup":
                session.add(
                    ArticleVersion(
                        id=new_id(),
                        status="published",
                        language="de",
                        title="Erbsensuppe",
                        content="Die Erbsen über Nacht einweichen und mit Suppengrün kochen.",
                        **common,
                    )
                )
                draft = common | {"minor": 1, "published_on": None}
                session.add(ArticleVersion(id=new_id(), status="draft", language="en", **draft, **row))
    yield made
    await made.close()


async def test_the_best_come_first(database: Database) -> None:
    wrong = {}
    async with database.read() as session:
        for asked in SET["expected"]:
            found = [each.root.slug for each in await search_articles(session, asked["q"])]
            first, then = asked.get("first", []), asked.get("then", [])
            expected = [*first, *sorted(then)]
            got = [*found[: len(first)], *sorted(found[len(first) : len(expected)])]
            if got != expected or (not expected and found):
                wrong[asked["q"]] = found
    assert wrong == {}


async def test_filters_and_orders(database: Database) -> None:
    async def slugs(words: str, wanted: ArticleFilter, sort: ArticleSort = ArticleSort.RELEVANCE) -> list[str]:
        async with database.read() as session:
            return [each.root.slug for each in await search_articles(session, words, wanted, sort)]

    internal, external = (ArticleFilter(visibility=each) for each in (Visibility.INTERNAL, Visibility.EXTERNAL))
    assert await slugs("kneading", internal) == ["kneading"]
    assert await slugs("kneading", external) == ["white-bread"]
    assert await slugs("suppengrün", ArticleFilter(language="de")) == ["pea-soup"]
    assert await slugs("suppengrün", ArticleFilter(language="en")) == []
    assert await slugs("pea", ArticleFilter(status=(ArticleStatus.DRAFT,))) == ["pea-soup"]
    assert await slugs("pea", ArticleFilter(status=(ArticleStatus.EXPIRED,))) == []
    assert await slugs("soup", ArticleFilter(since=AT + timedelta(days=1))) == ["oyster-soup"]
    assert await slugs("soup", ArticleFilter(until=AT + timedelta(days=1))) == ["pea-soup"]
    last_first = ["bread-pudding", "plum-pudding", "yorkshire-pudding", "roast-sirloin"]
    everything, most_first = ArticleFilter(), sorted(last_first, key=lambda slug: -_views(slug))
    assert await slugs("pudding", everything, ArticleSort.VIEWS) == most_first
    assert await slugs("pudding", everything, ArticleSort.MODIFIED) == last_first


def _views(slug: str) -> int:
    return ([each["slug"] for each in SET["articles"]].index(slug) * 7) % 16


async def test_a_list_in_an_order_goes_on_where_it_ended(database: Database) -> None:
    published = ArticleFilter(status=(ArticleStatus.PUBLISHED,), language="en")
    for sort in (ArticleSort.VIEWS, ArticleSort.MODIFIED):
        found, after = [], None
        async with database.read() as session:
            while True:
                page, after = await listed(session, published, sort, after, 5)
                found += [(each.root.views if sort is ArticleSort.VIEWS else each.content.modified_on) for each in page]
                if after is None:
                    break
        assert len(found) == len(SET["articles"])
        assert found == sorted(found, reverse=True)  # type: ignore[type-var]


async def test_the_public_reads_what_is_published_and_external_alone(database: Database) -> None:
    async with database.read() as session:
        german = await public_article(session, "KA-01001", "de")
        assert german is not None
        assert (german.title, german.languages) == ("Erbsensuppe", ("en", "de"))
        assert german.html == "<p>Die Erbsen über Nacht einweichen und mit Suppengrün kochen.</p>"
        other = await public_article(session, "KA-01001", "fr")
        assert other is not None
        assert other.language == "en"
        inner = next(at for at, each in enumerate(SET["articles"]) if each.get("internal"))
        assert await public_article(session, f"KA-{inner + 1001:05}") is None
        assert await public_article(session, "KA-09999") is None
        assert [each.number for each in await public_search(session, "kneading")] == ["KA-01010"]
        (hit,) = [each for each in await public_search(session, "erbsen suppe", "de") if each.language == "de"]
        assert hit.number == "KA-01001"
        for words in ("", '"', "\x00", "gunpowder"):
            assert await public_search(session, words) == []
