"""The pictures of docs/console.md and docs/pictures.md: each is taken here, so that none goes stale.

`CASELOOM_PICTURES=1 .venv/bin/python -m pytest -n 0 tests/console/test_tour.py` puts them into docs/images.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from models.messages.api_cases import NoteBody, ReplyBody
from models.messages.cases import CommandKind
from tests.console.pictured import OTHERS, TOUR, Pictured
from tests.support.browsers import browsing, screen
from tests.support.correspondence import open_by_mail
from tests.support.desks import DeskFactory
from tests.support.pages import letters, link_in, with_pages
from tests.support.signed import window_of

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {"width": 1280, "height": 860}
RIGHT_TO_LEFT = (
    "\u05d4\u05d0\u05d5\u05d6\u05e0\u05d9\u05d5\u05ea \u05dc\u05d0 \u05e2\u05d5\u05d1\u05d3\u05d5\u05ea (BT-500)."
)
LONG = "headphones" * 12


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_each_picture_is_of_a_page_that_opens(open_desk: DeskFactory, tmp_path: Path) -> None:
    folder = ROOT / "docs" / "images" if os.environ.get("CASELOOM_PICTURES") else tmp_path
    async with open_desk() as desk, browsing(desk) as (browser, base):
        await with_pages(desk, customer_view=True, help=True)
        case = await open_by_mail(desk)
        await open_by_mail(desk, text="The left one is silent.", title="Only one side plays")
        strange = await open_by_mail(desk, RIGHT_TO_LEFT + LONG, title=f"{RIGHT_TO_LEFT} {LONG}")
        await desk.send("grace", case, CommandKind.PICK)
        await desk.send("grace", case, CommandKind.NOTE, NoteBody(text="The same as last week: hold the button."))
        await desk.send("grace", case, CommandKind.REPLY, ReplyBody(text="Please hold the button for seven seconds."))
        customer = link_in(desk, (await letters(desk, "reply"))[-1][0])
        pictured = TOUR | OTHERS
        for agent in dict.fromkeys(agent for agent, _ in pictured.values()):
            way = {"viewport": SHOWN, "locale": "en-GB"}
            opened = screen(browser, base, **way) if agent is None else window_of(desk, browser, base, agent, **way)
            async with opened as window:
                for name, address in ((name, address) for name, (who, address) in pictured.items() if who == agent):
                    answer = await window.page.goto(
                        base + address.format(case=case, customer=customer, strange=strange)
                    )
                    assert answer is not None
                    assert answer.status == 200, address
                    await window.page.screenshot(path=folder / f"console-{name}.png", full_page=name == "case")
                    assert window.complaints == [], address


@pytest.mark.parametrize(("page", "pictured"), [("console.md", TOUR), ("pictures.md", OTHERS)])
def test_a_page_of_the_documentation_shows_these_pictures_and_each_is_there(page: str, pictured: Pictured) -> None:
    named = re.findall(r"!\[[^\]]+\]\(images/console-([a-z-]+)\.png\)", (ROOT / "docs" / page).read_text())
    assert sorted(named) == sorted(pictured)
    for name in named:
        picture = (ROOT / "docs" / "images" / f"console-{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG\r\n\x1a\n"), name
