"""Every page of the console in every way in which it is read: light and dark, on a desk and on a phone, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from models.messages.api_cases import NoteBody, ReplyBody
from models.messages.cases import CommandKind
from models.messages.families import ChildBody
from tests.console.every_page import PAGES
from tests.support.browsers import PHONE, WIDE, browsing
from tests.support.correspondence import open_by_mail
from tests.support.cut import cut
from tests.support.desks import DeskFactory
from tests.support.signed import window_of

WAYS: list[dict[str, Any]] = [
    {"color_scheme": "light", "viewport": WIDE, "locale": "en-GB"},
    {"color_scheme": "dark", "viewport": PHONE, "locale": "de-DE"},
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.mark.timeout(900)
async def test_axe_finds_nothing_on_any_page_at_320_px_and_200_percent_nothing_is_cut_and_none_breaks_the_csp(
    open_desk: DeskFactory,
) -> None:
    async with open_desk() as desk, browsing(desk) as (browser, base):
        case = await open_by_mail(desk)
        await desk.send("grace", case, CommandKind.PICK)
        await desk.send("grace", case, CommandKind.ADD_CHILD, ChildBody(title="Only one side plays"))
        await desk.send(
            "grace", case, CommandKind.NOTE, NoteBody(text="A note \u05e9\u05dc\u05d5\u05dd " + "long" * 40)
        )
        await desk.send("grace", case, CommandKind.REPLY, ReplyBody(text="We look at it."))
        found: list[str] = []
        for way in WAYS:
            for agent in dict.fromkeys(agent for agent, _ in PAGES):
                async with window_of(desk, browser, base, agent, **way) as window:
                    for address in (address.format(case=case) for who, address in PAGES if who == agent):
                        await window.open(address)
                        where = f"{address} ({way['color_scheme']}, {way['locale']})"
                        found += [f"{where}: {fault}" for fault in await window.faults()]
                        found += [f"{where}: {what}" for what in await cut(window.page)]
                        found += [f"{where}: {said}" for said in window.complaints]
                        window.complaints.clear()
                    assert window.asked <= {base.partition("://")[2]}
        assert found == [], "\n".join(found)
