"""Two desks that answer each other without any header to tell: the exchange dies out by itself, and says why.

Everything is real and there twice: databases, workers, Temporal servers, mail servers (email promise 7).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from models.messages.mailflow import MailVerdict
from models.records.cases import Case
from models.records.mails import InboundMail
from tests.support.mailboxes import arrived
from tests.support.mailroom import letter
from tests.support.waiting import until
from tests.support.wire import WiredHouse, as_new, wire, wired_house

STILL = 3.0
"""Seconds in which nothing may move any more: a round of the exchange takes a few tenths of one."""


@asynccontextmanager
async def wired(folder: Path, **settings: Any) -> AsyncIterator[tuple[WiredHouse, WiredHouse]]:
    """Two houses with these settings, and a mail of the second one's on its way to the first."""
    async with (
        wired_house(folder / "east", "east", "west", **settings) as east,
        wired_house(folder / "west", "west", "east", **settings) as west,
    ):
        carrying = asyncio.create_task(wire(east, west))
        try:
            await east.hub.deliver(east.address, letter(from_=west.address, to=east.address, subject="Hello"))
            yield east, west
        finally:
            carrying.cancel()
            with suppress(asyncio.CancelledError):
                await carrying


async def stands_still(*houses: WiredHouse) -> None:
    """Both houses come to rest, and then nothing moves any more."""

    async def at_rest() -> bool:
        return all([await house.at_rest() for house in houses])

    async def figures() -> list[int]:
        return [await house.count(InboundMail) for house in houses] + [house.carried for house in houses]

    await until(at_rest)
    before, end = await figures(), asyncio.get_running_loop().time() + STILL
    while asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.1)
        assert await figures() == before, "it goes on"
    assert await at_rest()


@pytest.mark.timeout(240)
async def test_the_cap_on_automatic_replies_ends_it(tmp_path: Path) -> None:
    async with wired(tmp_path, automatic_replies_per_hour=5) as (east, west):
        await until(lambda: east.carried == west.carried == 5)
        await stands_still(east, west)
        assert (east.carried, west.carried) == (5, 5), "no more than the cap, and all of it was used"
        # East took in one mail more, which it left unanswered.
        assert (await east.count(Case), await west.count(Case)) == (6, 5)
        (told,) = await east.timeline("not-acknowledged")
        assert told.text == "5 automatic replies to this address within an hour, which is the most that it gets"
        assert await west.timeline("not-acknowledged") == []
        assert [row["verdict"] for row in await east.log()] == ["opened"] * 6


@pytest.mark.timeout(240)
async def test_the_cap_on_cases_of_one_sender_ends_it_in_quarantine(tmp_path: Path) -> None:
    async with wired(tmp_path, new_cases_per_sender=4, automatic_replies_per_hour=1000) as (east, west):
        await until(lambda: east.carried == west.carried == 4)
        await stands_still(east, west)
        assert (east.carried, west.carried) == (4, 4)
        assert (await east.count(Case), await west.count(Case)) == (4, 4)
        (held,) = await east.log(MailVerdict.HELD)
        assert (held["reason"], held["sender"]) == ("loop", west.address)
        assert held["explanation"] == "4 cases opened by this sender within 10 minutes, which is the most allowed"
        assert await west.log(MailVerdict.HELD) == []


async def test_the_wire_leaves_nothing_that_tells(tmp_path: Path) -> None:
    async with wired(tmp_path, automatic_replies_per_hour=1) as (east, west):
        await until(lambda: east.carried == west.carried == 1)
        await stands_still(east, west)
        (sent,) = arrived(west.folder, west.other)
        told = message_from_bytes(sent.read_bytes(), policy=default)
        carried = message_from_bytes(as_new(sent.read_bytes()), policy=default)
        assert {"Auto-Submitted", "X-Caseloom-Loop", "Precedence", "In-Reply-To"} <= set(told.keys())
        named = {
            "from",
            "to",
            "subject",
            "date",
            "message-id",
            "content-type",
            "content-transfer-encoding",
            "mime-version",
        }
        assert {name.lower() for name in carried} == named
        assert carried["Message-ID"] != told["Message-ID"]
        assert "[" not in carried["Subject"]
