"""The public help, and how the organisation looks: on one desk, as nothing of it moves any case."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
from sqlalchemy import select, update

from console.assets import asset
from console.site import ASKS_A_MINUTE
from models.records.articles import Article, ArticleVersion
from tests.support.desks import Desk, DeskFactory
from tests.support.organisations import add
from tests.support.pages import reading, with_pages

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 20
ARTICLES = [
    {
        "slug": "loud",
        "title": "Too <loud>?",
        "content": "Turn it down.\n\nSee https://example.com/a. <script>1</script>",
    },
    {"slug": "secret", "title": "Secret loudness", "content": "For us alone.", "internal": True},
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        await add(made, {"articles": ARTICLES})
        yield made


async def test_help_is_there_where_it_is_wanted_and_shows_what_is_public_alone(desk: Desk) -> None:
    async with reading(desk) as browser:
        assert (await browser.get("/help")).status_code == 404
        await with_pages(desk, help=True, words={"en": {"help": "Ask <us>", "footer": "Northwind\nHamburg"}})
        start = await browser.get("/help")
        assert ("Ask &lt;us&gt;" in start.text, "Northwind\nHamburg" in start.text) == (True, True)
        assert "x-robots-tag" not in start.headers
        found = await browser.get("/help", params={"q": "loud"})
        assert ("Too &lt;loud&gt;?" in found.text, "Secret" in found.text) == (True, False)
        assert "1 article<" in found.text
        # What was looked for stays: in the other language, and on the way back from an article.
        assert 'href="/help?q=loud&lang=de"' in unescape(found.text)
        one = unescape((await browser.get(unescape(found.text.partition('<h3><a href="')[2].partition('"')[0]))).text)
        assert 'href="/help?lang=en&q=loud"' in one
        assert re.search(r'href="/help/KA-\d+\?q=loud&lang=de"', one)
        number = found.text.partition("/help/")[2].partition("?")[0]
        article = await browser.get(f"/help/{number}")
        assert article.status_code == 200
        assert "Turn it down." in article.text
        assert "<script>" not in article.text
        assert 'href="https://example.com/a"' in article.text
        assert (await browser.get(f"/help/{number.lower()}")).status_code == 200
        for hidden in ("KA-99999", "x" * 5_000, "%00", "../../etc"):
            assert (await browser.get(f"/help/{hidden}")).status_code == 404, hidden[:10]
        async with desk.house.database.read() as session:
            secret = await session.scalar(select(Article.number).where(Article.slug == "secret"))
        assert (await browser.get(f"/help/{secret}")).status_code == 404
        nothing = await browser.get("/help", params={"q": "zweifelhaft"})
        assert (nothing.status_code, "Nothing was found" in nothing.text) == (200, True)
        odd = await browser.get("/help", params={"q": '" OR * zzz \u0000 <img src=x onerror=1>'})
        assert (odd.status_code, "<img src=x" in odd.text) == (200, False)
        german = await browser.get("/help", headers={"accept-language": "fr, de;q=0.9"})
        assert ("Wonach suchen Sie?" in german.text, 'lang="de"' in german.text) == (True, True)
        async with desk.house.database.write() as session:
            await session.execute(update(ArticleVersion).values(status="expired"))
        assert (await browser.get(f"/help/{number}")).status_code == 404


async def test_the_organisation_looks_as_it_wants(desk: Desk) -> None:
    async with reading(desk) as browser:
        await with_pages(desk, help=True)
        plain = (await browser.get("/help")).text
        assert ("brand.css" in plain, "/pages/logo" in plain) == (False, False)
        assert (await browser.get("/pages/logo")).status_code == 404
        logo = base64.b64encode(PICTURE).decode()
        await with_pages(desk, help=True, colour="#ffd700", logo=logo)
        looks = (await browser.get("/help")).text
        style = looks.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
        sheet = await browser.get(style)
        assert (sheet.status_code, sheet.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert "immutable" in sheet.headers["cache-control"]
        assert (await browser.get("/pages/style-000000000000.css")).status_code == 404
        assert "--on-brand: #000000" in (await browser.get("/pages/brand.css")).text
        picture = await browser.get("/pages/logo")
        assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/png")
        assert picture.headers["x-content-type-options"] == "nosniff"
        # Nothing of a page stands in its elements: the policy would not let it count.
        for page in (plain, looks):
            assert ("style=" in page, "<script" in page, "<style" in page, "onclick" in page) == (False,) * 4


async def test_files_of_pages_are_there_for_a_whole_office_behind_one_address(desk: Desk) -> None:
    async with reading(desk) as browser:
        assert {(await browser.get(asset("console.css"))).status_code for _ in range(ASKS_A_MINUTE + 10)} == {200}
        assert (await browser.get("/pages/000000000000/nothing.css")).status_code == 404
        assert (await browser.get("/help/nothing")).status_code == 404, (
            "the files have not used up what pages may be asked"
        )
