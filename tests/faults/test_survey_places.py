"""The places where processes die while customers are asked and answer are places of the code; and what is found wrong is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import update

from faults.surveys import ANSWERING, ASKING, HEARING, check
from models.messages.api_cases import ResolveBody
from models.messages.cases import CommandKind
from models.records.mails import Outbox
from tests.support.desks import DeskFactory
from tests.support.hands import Hands
from tests.support.pages import with_pages

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_every_place_is_in_the_code() -> None:
    rooms = ("cases", "letters", "desk")
    text = "".join(file.read_text() for room in rooms for file in (ROOT / room).rglob("*.py"))
    known = set(re.findall(r'failpoint\("([a-z.]+)"\)', text))
    assert {*ASKING, *ANSWERING, *HEARING} <= known


async def test_what_is_lost_is_told(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        await with_pages(desk, {"quiet_days": 0})
        hands = await Hands.opened(desk)
        await hands.do(CommandKind.RESOLVE, ResolveBody(resolution="Paired."))
        async with desk.house.database.write() as session:
            await session.execute(update(Outbox).values(state="sent"))
        assert await check(desk.house.database, 1) == [
            "answers: (0, 0) instead of 1",
            "answers that their cases have heard: (0, 0) instead of 1",
        ]
        assert len(await check(desk.house.database, 2)) == 4
