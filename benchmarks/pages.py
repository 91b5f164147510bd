"""Weight and time of the console's pages, with years of cases behind them.

`python -m benchmarks.pages [--cases N] [--postgresql]` fills a database of its own, opens every page as a signed-in
administrator who also works cases, and prints a table: kB of the page as it is sent, p50 and p99 of its time in the
house. Nothing of Temporal is asked: pages are read from rows. The budget is 200 ms and 100 kB a page.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from sqlalchemy import update
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks.figures import milliseconds, quantile
from benchmarks.filling import filled
from benchmarks.lists import postgres
from bootstrap import build
from console.cookies import COOKIE
from desk.sessions import begin
from models.messages.reference import Role
from models.records.reference import Agent
from settings import Settings
from starting.web import site
from storage.engines import Database
from storage.migrate import upgrade_async

LOOKS = 20
PAGES = (
    "/",
    "/cases",
    "/cases?view=available",
    "/cases?view=breached",
    "/cases?sort=-created",
    "/cases?q=router",
    "/cases/new",
    "/cases/{case}",
    "/cases/{case}/print",
    "/search?q=router",
    "/notices",
    "/me",
    "/customers/{account}",
    "/articles",
    "/team",
    "/figures",
    "/figures/resolution-time",
    "/operations",
    "/admin",
    "/admin/queues",
    "/admin/audit",
)
WEIGHT, SECONDS = 100 * 1024, 0.2
"""The budget of one page (console.md's promise): bytes, and seconds at p50."""


@dataclass(frozen=True)
class Look:
    """One page: how many bytes it has, and how long each look at it took, in seconds."""

    page: str
    status: int
    size: int
    seconds: tuple[float, ...]

    @property
    def held(self) -> bool:
        return self.status == httpx.codes.OK and self.size <= WEIGHT and quantile(self.seconds, 0.5) <= SECONDS


async def looked(url: str, cases: int, folder: Path) -> list[Look]:
    """Every page of `PAGES` over a database of `cases` cases at `url`, which is empty."""
    await upgrade_async(url)
    database = Database(url)
    try:
        people = await filled(database, cases)
        # Nothing that is read needs the engine: the client would connect with the first command.
        client = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
        house = build(Settings.model_construct(data=folder, temporal_ui=None), database, client)
        async with database.write() as session:
            agent = people.identity.agent_id
            await session.execute(update(Agent).where(Agent.id == agent).values(roles=[role.value for role in Role]))
            secret = await begin(session, agent, now=datetime.now(UTC), address="127.0.0.1", program="benchmark")
        transport = httpx.ASGITransport(site(house))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", cookies={COOKIE: secret}, timeout=120
        ) as browser:
            named = {"case": f"CAS-{cases // 2:05}-BENCH0", "account": people.accounts[0]}
            return [await _look(browser, page, page.format(**named)) for page in PAGES]
    finally:
        await database.close()


async def _look(browser: httpx.AsyncClient, page: str, address: str) -> Look:
    answer, seconds = await browser.get(address), []
    for _ in range(LOOKS):
        began = time.perf_counter()
        answer = await browser.get(address)
        seconds.append(time.perf_counter() - began)
    return Look(page, answer.status_code, len(answer.content), tuple(seconds))


def table(looks: list[Look]) -> Iterator[str]:
    """Lines of Markdown."""
    yield "| page | kB | p50 | p99 | in budget |"
    yield "| --- | --- | --- | --- | --- |"
    for look in looks:
        p50, p99 = (milliseconds(quantile(look.seconds, part)) for part in (0.5, 0.99))
        said = "yes" if look.held else f"no (status {look.status})" if look.status != httpx.codes.OK else "no"
        yield f"| `{look.page}` | {look.size / 1024:.0f} | {p50} | {p99} | {said} |"


async def main(cases: int, *, postgresql: bool) -> int:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="caseloom-bench-")))
        url = await stack.enter_async_context(postgres()) if postgresql else f"sqlite:///{folder / 'pages.db'}"
        looks = await looked(url, cases, folder)
    for line in table(looks):
        print(line)
    return 0 if all(look.held for look in looks) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    raise SystemExit(asyncio.run(main(given.cases, postgresql=given.postgresql)))
