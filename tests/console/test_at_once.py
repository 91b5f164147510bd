"""Two cases of one customer that are resolved at the same moment: the customer is asked once, on both databases."""

from __future__ import annotations

import asyncio

from models.messages.api_cases import ResolveBody
from models.messages.cases import CommandKind
from tests.support.desks import DeskFactory
from tests.support.pages import letters, with_pages


async def test_surveys_at_once(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        await with_pages(desk, {"quiet_days": 1})
        numbers = [await desk.open() for _ in range(4)]
        closing = ResolveBody(resolution="Paired.")
        await asyncio.gather(*(desk.send("grace", number, CommandKind.RESOLVE, closing) for number in numbers))
        kinds = [entry.kind for number in numbers for entry in await desk.timeline(number) if "survey" in entry.kind]
        assert sorted(kinds) == ["survey-asked", *["survey-not-asked"] * 3]
        assert len(await letters(desk, "survey")) == 1
