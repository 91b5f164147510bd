"""Articles as pages: written, reviewed, published, read and corrected, each by who may."""

from __future__ import annotations

import re

import pytest

from tests.support.desks import Desk, DeskFactory
from tests.support.signed import Reader, signed_in

WORDS = {"slug": "red-button", "language": "en", "title": "How to pair", "content": "Hold it.\n\nThen <b>wait</b>."}
HERE = "/articles/KA-01003"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_an_article_is_written_reviewed_published_read_and_corrected(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "grace") as grace, signed_in(desk, "mona") as mona:
        assert "No article is in this state" in await grace.page("/articles?status=draft")
        await written(grace)
        await reviewed(grace, mona)
        await read_and_found(desk, grace, mona)
        await gone_on(grace, mona)


async def written(grace: Reader) -> None:
    wrong = await grace.send("/articles/new", "/articles/new", {**WORDS, "title": "", "slug": "No Slug"})
    assert wrong.status_code == 422
    assert 'href="#title"' in wrong.text
    assert "Hold it." in wrong.text, "what was typed stays"
    made = await grace.send("/articles/new", "/articles/new", WORDS)
    assert made.url.path == HERE
    assert "Then &lt;b&gt;wait&lt;/b&gt;." in made.text
    changed = await grace.send(
        f"{HERE}/change", f"{HERE}/change", {**WORDS, "content": "Hold the button.", "subject": "audio"}
    )
    assert "Hold the button." in changed.text
    assert await grace.page("/articles?status=draft") != await grace.page("/articles?status=published")


async def reviewed(grace: Reader, mona: Reader) -> None:
    page = await grace.page(HERE)
    assert f'action="{HERE}/approve' not in page
    assert "For knowledge managers and managers: Approve" in page
    assert (await grace.client.post(f"{HERE}/approve", data={"form": "no"})).status_code == 422
    nobody = await grace.send(HERE, f"{HERE}/submit", {"reviewer": "sam"})
    assert nobody.status_code == 422
    assert "may not approve" in nobody.text
    sent = await grace.send(HERE, f"{HERE}/submit", {"reviewer": "mona"})
    assert "In review" in sent.text
    without = await mona.send(HERE, f"{HERE}/reject", {"reason": " "})
    assert without.status_code == 422
    back = await mona.send(HERE, f"{HERE}/reject", {"reason": "Which button?"})
    assert "Which button?" in back.text
    await grace.send(f"{HERE}/change", f"{HERE}/change", {**WORDS, "content": "Hold the red button."})
    await grace.send(HERE, f"{HERE}/submit")
    await mona.send(HERE, f"{HERE}/approve")
    page = await mona.page(HERE)
    passed = await mona.send(page, f"{HERE}/publish", {"at": "2020-01-01T08:00"})
    assert passed.status_code == 422
    assert "has passed already" in passed.text
    assert 'value="2020-01-01T08:00"' in passed.text
    done = await mona.send(passed.text, f"{HERE}/publish")
    assert "Published" in done.text


async def read_and_found(desk: Desk, grace: Reader, mona: Reader) -> None:
    found = await grace.send("/articles", "/articles/search", {"q": "red button"})
    link = re.search(r'href="(/articles/KA-01003\?[^"]*search=[^"]*)"', found.text)
    assert link is not None
    page = await grace.page(link[1].replace("&amp;", "&"))
    opened = await grace.send(page, f"{HERE}/opened")
    assert opened.status_code == 204
    assert "<dt>Read</dt><dd>1</dd>" in await grace.page(HERE)
    await grace.send(HERE, f"{HERE}/rate", {"helpful": "yes"})
    assert "0 yes, 1 no" in (await grace.send(HERE, f"{HERE}/rate", {"helpful": "no"})).text, "one opinion of each"
    missed = await grace.send("/articles", "/articles/search", {"q": "nothing-like-that"})
    assert "No article has these words" in missed.text
    use = await mona.page("/figures/articles")
    assert "2 searches, of which 50% found nothing and 50% led to an article." in use
    assert "nothing-like-that" in use
    assert f'<a href="{HERE}">KA-01003</a> <bdi>How to pair</bdi>' in use
    assert "searches, of which" not in await grace.page("/figures/articles"), "what people look for is for who writes"


async def gone_on(grace: Reader, mona: Reader) -> None:
    """A correction in place, a new version beside the published one, and a translation."""
    form = await mona.page(f"{HERE}/change")
    assert "This version is published" in form
    await mona.send(form, f"{HERE}/change", {**WORDS, "content": "Hold the red button, please."})
    assert "please" in await grace.page(HERE)
    refused = await grace.send(f"{HERE}/change", f"{HERE}/change", {**WORDS, "content": "Mine."})
    assert refused.status_code == 403
    new = await grace.send(HERE, f"{HERE}/versions", {"level": "major"})
    assert "2.0" in new.text
    assert "There is a newer version, 2.0" in await grace.page(HERE)
    german = await grace.send(HERE, f"{HERE}/translate", {"to": "de", "title": "Koppeln"})
    assert "Koppeln" in german.text
    twice = await grace.send(HERE, f"{HERE}/translate", {"to": "de"})
    assert twice.status_code == 409
    assert (await grace.get(f"{HERE}?version=7.0")).status_code == 404
    ended = await mona.send(HERE, f"{HERE}/expire", {"when": "now"})
    assert "Expired" in ended.text
