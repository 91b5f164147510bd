"""Cases that are given from one agent to another at the same moment: nobody waits for a lock that waits for theirs."""

from __future__ import annotations

import asyncio

import pytest

from models.messages.cases import CommandKind
from tests.support.desks import DeskFactory
from tests.support.hands import Hands, activities, run
from tests.support.organisations import load_of


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """SQLite has one writer at a time, and locks no rows."""
    return postgres_url


async def test_many_cases_change_hands_at_once(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        apply = activities(desk)["apply_command"]
        cases = [await Hands.opened(desk, agent) for agent in ("grace", "mona") * 4]
        for hands in cases:
            await hands.do(CommandKind.PICK)
        for _ in range(2):
            # Each of them to the other, and all at once to one.
            for target in ({"grace": "mona", "mona": "grace"}, {"grace": "mona", "mona": "mona"}):
                given = [await hands.ask(CommandKind.ASSIGN, target=f"agent {target[hands.agent]}") for hands in cases]
                outcomes = await asyncio.gather(*(run(apply, each) for each in given))
                assert [outcome.refusal for outcome in outcomes] == [None] * len(cases)
        assert (await load_of(desk, "grace"), await load_of(desk, "mona")) == (0, len(cases))
