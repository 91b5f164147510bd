"""After an outage: thousands of mails lie in the mailbox, one in five with a file, and memory must not grow with them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from statistics import harmonic_mean

from benchmarks.baselines import empty_starts
from benchmarks.figures import Line, Ratio
from benchmarks.intake import BUDGET, start_mailbox, stop_reading
from benchmarks.letters import letter, post
from benchmarks.rows import ACKNOWLEDGED, ROUTED
from benchmarks.site import Site

NAME = "backlog"
CACHED = 500
"""Cases in the worker's cache, so that it is full before the first look and stays as large as it is."""
EMPTIES = 400
LOOKS = 10
WITH_FILE = 5
"""One mail in so many carries a file."""
SMALLEST_FILE, LARGEST_FILE = 1_000, 200_000
GROWTH_BUDGET = 1.2
"""Resident memory at the end, of that at three tenths of the way."""


async def measure(site: Site, mails: int, say: Callable[[str], None]) -> tuple[list[Ratio], list[Line]]:
    """All mails from IMAP to acknowledged cases, with a look at the house's memory after each tenth."""
    say(f"backlog: putting {mails} mails into the mailbox")
    await post(site, letters(mails))
    async with site.working(cached=CACHED) as working:
        before = await empty_starts(site.house.client, EMPTIES)
        routed, acknowledged = site.rows.one(ROUTED), site.rows.one(ACKNOWLEDGED)
        began = time.perf_counter()
        await start_mailbox(site)
        memory = []
        for look in range(1, LOOKS + 1):
            await site.rows.until(ROUTED, routed + mails * look // LOOKS)
            memory.append(await working.resident())
            say(f"backlog: {mails * look // LOOKS} routed, {memory[-1] / 1e6:.0f} MB resident")
        await site.rows.until(ACKNOWLEDGED, acknowledged + mails)
        rate = mails / (time.perf_counter() - began)
        await stop_reading(site)
        base = harmonic_mean((before, await empty_starts(site.house.client, EMPTIES)))
    return _ratios(rate / base, memory), _lines(mails, rate, memory)


def letters(count: int) -> Iterator[EmailMessage]:
    rng = random.Random(count)
    for number in range(count):
        mail = letter(number)
        if number % WITH_FILE == 0:
            content = rng.randbytes(rng.randint(SMALLEST_FILE, LARGEST_FILE))
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=f"log {number}.bin")
        yield mail


def _ratios(share: float, memory: list[int]) -> list[Ratio]:
    growth = memory[-1] / memory[LOOKS * 3 // 10 - 1]
    return [
        Ratio(NAME, "mails of a large backlog, a fifth with files, of empty starts", share, BUDGET),
        Ratio(NAME, "memory at its end, of three tenths on the way", growth, GROWTH_BUDGET, at_least=False),
    ]


def _lines(mails: int, rate: float, memory: list[int]) -> list[Line]:
    looks = ", ".join(f"{resident / 1e6:.0f}" for resident in memory)
    return [
        Line(f"a backlog of {mails} mails", f"{rate:.1f} a second"),
        Line("resident memory after each tenth", f"{looks} MB", "flat"),
    ]
