"""The live board: what each number says, who may see and say what."""

from __future__ import annotations

import re
from html import unescape

import pytest

from console.managing import team
from models.messages.cases import CommandKind
from tests.support.desks import DeskFactory
from tests.support.signed import Reader, signed_in


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def every_number_opens_its_list(reader: Reader, board: str) -> None:
    """As many cases as it says, in the list that it leads to."""
    followed = 0
    for address, said in re.findall(r'href="(/cases\?[^"]*)"[^>]*>(?:<strong>)?(\d+)<', board):
        page = await reader.page(unescape(address))
        assert len(set(re.findall(r'href="/cases/(CAS-[^"?]*)', page))) == int(said), address
        followed += 1
    assert followed >= 5


async def test_the_board_counts_by_sight_and_presence_is_said_once(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        case = await desk.open()
        await desk.send("grace", case, CommandKind.PICK)
        await desk.open()
        await desk.send("mona", await desk.open(), CommandKind.REMOVE_FROM_QUEUE)
        async with signed_in(desk, "mona") as mona:
            board = await mona.page("/team?whole=yes")
            assert 'href="/cases?status=active&amp;queue=none">1</a>' in board
            assert 'href="/cases?status=active&amp;queue=gold">2</a>' in board
            assert 'href="/cases?status=active&amp;queue=gold&amp;owner=none">1</a>' in board
            assert 'href="/cases?status=active&amp;owner=grace">1</a>' in board
            await every_number_opens_its_list(mona, board)
            assert (await mona.send("/team", "/team/presence", {"presence": "busy"})).status_code == 200
            refused = await mona.send("/team", "/team/presence", {"presence": "gone"})
            assert refused.status_code == 422
            assert "<h1" not in (await mona.get("/part/team")).text
        assert (await desk.agent("mona")).slug == "mona"


async def test_a_board_that_takes_long_follows_by_itself(
    open_desk: DeskFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "SOON", 0)
    async with open_desk(work=False) as desk, signed_in(desk, "mona") as mona:
        page = await mona.page("/team")
        assert 'hx-trigger="load' in page
        assert "Gold" not in page
        assert "Gold" in await mona.page("/team?whole=yes")
        assert "Gold" in await mona.page("/part/team")
