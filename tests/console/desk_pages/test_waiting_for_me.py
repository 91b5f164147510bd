"""Which cases wait for their owner."""

from __future__ import annotations

import re

import pytest

from models.messages.api_cases import HoldBody, ReplyBody
from models.messages.cases import CommandKind
from tests.support.correspondence import open_by_mail, receive
from tests.support.desks import DeskFactory
from tests.support.signed import signed_in


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_a_case_waits_for_me_until_i_answer_and_again_from_the_customers_next_mail_on(
    open_desk: DeskFactory,
) -> None:
    async with open_desk() as desk, signed_in(desk, "grace") as grace:

        async def waiting() -> set[str]:
            return set(re.findall(r"CAS-\d{5}-\w+", await grace.page("/cases?view=waiting-on-me")))

        number = await open_by_mail(desk)
        assert await waiting() == set(), "nobody has taken it yet"
        await desk.send("grace", number, CommandKind.PICK)
        assert await waiting() == {number}
        await desk.send("grace", number, CommandKind.HOLD, HoldBody(status_reason="on-hold"))
        assert await waiting() == set(), "it is put off"
        await desk.send("grace", number, CommandKind.RESUME)
        assert await waiting() == {number}
        await desk.send("grace", number, CommandKind.REPLY, ReplyBody(text="Hold the button."))
        assert await waiting() == set()
        await receive(desk, number, text="It blinks red.")
        assert await waiting() == {number}
