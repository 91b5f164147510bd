"""After an outage: thousands of mails lie in the mailbox, one in five with a file, and the worker's cache is soon full.
Neither may memory grow with the mails, nor may a full cache slow them down."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from statistics import harmonic_mean

from benchmarks.baselines import empty_starts
from benchmarks.figures import Line, Ratio
from benchmarks.intake import start_mailbox, stop_reading
from benchmarks.letters import letter, post
from benchmarks.rows import ACKNOWLEDGED, ROUTED
from benchmarks.site import Site

NAME = "backlog"
EMPTIES = 400
LOOKS = 10
WITH_FILE = 5
"""One mail in so many carries a file."""
SMALLEST_FILE, LARGEST_FILE = 1_000, 200_000
FULL_BUDGET = 0.9
"""The rate with a cache that is full, of the rate with room for all; each first divided by the empty starts around it."""
GROWTH_BUDGET = 1.2
"""Resident memory at the end, of that at three tenths of the way."""
SHARE_FOR_ROOM = 4
"""The run that has room in the cache for all takes one mail in so many: its rate is the same from beginning to end."""


@dataclass(frozen=True)
class Run:
    share: float
    """Of empty starts."""
    rate: float
    """Mails a second, from the first look on, at which the smaller of the caches is full."""
    memory: list[int]


async def measure(site: Site, mails: int, say: Callable[[str], None]) -> tuple[list[Ratio], list[Line]]:
    """All mails from IMAP to acknowledged cases: some with a cache that has room for all, then many with a full one."""
    some = max(mails // SHARE_FOR_ROOM, LOOKS)
    room = await _run(site, some, 2 * (some + EMPTIES), "with room in the cache", say)
    full = await _run(site, mails, max(mails // LOOKS, 1), "with a full cache", say)
    return _ratios(room, full), _lines(mails, room, full)


async def _run(site: Site, mails: int, cached: int, how: str, say: Callable[[str], None]) -> Run:
    """With a look at the house's memory after each tenth."""
    await stop_reading(site)
    say(f"backlog {how}: putting {mails} mails into the mailbox")
    await post(site, letters(mails))
    async with site.working(cached=cached) as working:
        empties = min(EMPTIES, mails)
        before = await empty_starts(site.house.client, empties)
        routed, acknowledged = site.rows.one(ROUTED), site.rows.one(ACKNOWLEDGED)
        await start_mailbox(site)
        memory, began = [], 0.0
        for look in range(1, LOOKS + 1):
            await site.rows.until(ROUTED, routed + mails * look // LOOKS)
            began = began or time.perf_counter()
            memory.append(await working.resident())
            say(f"backlog {how}: {mails * look // LOOKS} routed, {memory[-1] / 1e6:.0f} MB resident")
        await site.rows.until(ACKNOWLEDGED, acknowledged + mails)
        rate = (mails - mails // LOOKS) / (time.perf_counter() - began)
        await stop_reading(site)
        base = harmonic_mean((before, await empty_starts(site.house.client, empties)))
    return Run(rate / base, rate, memory)


def letters(count: int) -> Iterator[EmailMessage]:
    rng = random.Random(count)
    for number in range(count):
        mail = letter(number)
        if number % WITH_FILE == 0:
            content = rng.randbytes(rng.randint(SMALLEST_FILE, LARGEST_FILE))
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=f"log {number}.bin")
        yield mail


def _ratios(room: Run, full: Run) -> list[Ratio]:
    growth = full.memory[-1] / full.memory[LOOKS * 3 // 10 - 1]
    return [
        Ratio(
            NAME,
            "mails of a backlog with a full cache, of the same with room in it",
            full.share / room.share,
            FULL_BUDGET,
        ),
        Ratio(NAME, "memory at its end, of three tenths on the way", growth, GROWTH_BUDGET, at_least=False),
    ]


def _lines(mails: int, room: Run, full: Run) -> list[Line]:
    looks = ", ".join(f"{resident / 1e6:.0f}" for resident in full.memory)
    return [
        Line(
            f"a backlog of {mails} mails, a fifth with files",
            f"{full.rate:.1f} a second, {full.share:.2f} of empty starts",
        ),
        Line("the same with room in the cache", f"{room.rate:.1f} a second, {room.share:.2f} of empty starts"),
        Line("resident memory after each tenth", f"{looks} MB", "flat"),
    ]
