"""The tour of docs/console.md: each of its pictures is taken here, so that none goes stale.

`CASELOOM_PICTURES=1 .venv/bin/python -m pytest -n 0 tests/console/test_tour.py` puts them into docs/images.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from models.messages.api_cases import NoteBody, ReplyBody
from models.messages.cases import CommandKind
from tests.support.browsers import browsing
from tests.support.correspondence import open_by_mail
from tests.support.desks import DeskFactory
from tests.support.signed import window_of

ROOT = Path(__file__).resolve().parents[2]
TOUR = {
    "case": ("grace", "/cases/{case}"),
    "cases": ("grace", "/cases"),
    "team": ("mona", "/team"),
    "operations": ("mona", "/operations"),
    "admin": ("ada", "/admin"),
}
SHOWN = {"width": 1280, "height": 860}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_each_picture_of_the_tour_is_of_a_page_that_opens(open_desk: DeskFactory, tmp_path: Path) -> None:
    folder = ROOT / "docs" / "images" if os.environ.get("CASELOOM_PICTURES") else tmp_path
    async with open_desk() as desk, browsing(desk) as (browser, base):
        case = await open_by_mail(desk)
        await open_by_mail(desk, text="The left one is silent.", subject="Only one side plays")
        await desk.send("grace", case, CommandKind.PICK)
        await desk.send("grace", case, CommandKind.NOTE, NoteBody(text="The same as last week: hold the button."))
        await desk.send("grace", case, CommandKind.REPLY, ReplyBody(text="Please hold the button for seven seconds."))
        for name, (agent, address) in TOUR.items():
            async with window_of(desk, browser, base, agent, viewport=SHOWN, locale="en-GB") as window:
                answer = await window.page.goto(base + address.format(case=case))
                assert answer is not None
                assert answer.status == 200, address
                await window.page.screenshot(path=folder / f"console-{name}.png", full_page=name == "case")
                assert window.complaints == [], address


def test_the_tour_has_these_pictures_and_each_is_there() -> None:
    named = re.findall(r"!\[[^\]]+\]\(images/console-([a-z]+)\.png\)", (ROOT / "docs" / "console.md").read_text())
    assert sorted(named) == sorted(TOUR)
    for name in named:
        picture = (ROOT / "docs" / "images" / f"console-{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG\r\n\x1a\n"), name
