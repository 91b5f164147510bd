"""Weight and time of the console's pages, with years of cases behind them.

`python -m benchmarks.pages [--cases N] [--postgresql]` fills a database of its own, opens every page as a signed-in
administrator who also works cases, and prints a table: kB of the page as it is sent, p50 and p99 of its time in the
house, its statements, and the processor time that the house and the database spend on it. Nothing of Temporal is asked: pages
are read from rows. The budget is 200 ms and 100 kB a page.

`--keep DIR` leaves the filled database in a folder, and `--use DIR` takes one that was left; `--slow` prints the slowest
statements of each page, `--only WORD` opens the pages whose address has the word.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil
import structlog
from sqlalchemy import func, select, update
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks.asked import Asked, asked
from benchmarks.figures import milliseconds, quantile
from benchmarks.filling import YEARS, filled
from benchmarks.key_figures import counted_all, counted_by_house
from benchmarks.life import lived
from bootstrap import House, build
from console.cookies import COOKIE
from desk.organisation.applying import apply_file
from desk.sessions import begin
from models.messages.cases import CaseStatus
from models.messages.reference import Role
from models.records.cases import Case
from models.records.reference import Agent
from servers.postgres import PostgresServer
from settings import Settings
from starting.web import site
from storage.engines import Database
from storage.migrate import upgrade_async

ROOT = Path(__file__).resolve().parents[1]
ORGANISATION = ROOT / "examples" / "demo.yaml"
LOOKS = 20
PAGES = (
    "/",
    "/cases",
    "/cases?view=mine&agent=agent-0",
    "/cases?view=available",
    "/cases?view=due-within-the-hour",
    "/cases?view=breached",
    "/cases?view=waiting-on-customer",
    "/cases?view=unread&agent=agent-0",
    "/cases?sort=-created",
    "/cases?sort=priority",
    "/cases?queue=queue-1&status=active&owner=none",
    "/cases?q=router",
    "/part/cases/counts",
    "/cases/new",
    "/cases/new?customer=account-1",
    "/cases/{case}",
    "/cases/{long}",
    "/cases/{closed}",
    "/part/cases/{case}",
    "/cases/{case}/print",
    "/cases/{long}/print",
    "/cases/{case}/reply",
    "/part/cases/{case}/suggested",
    "/search?q=router",
    "/search?q=router+warranty",
    "/search?q=SN0000017",
    "/notices",
    "/part/notices/count",
    "/me",
    "/customers",
    "/customers?q=account-1",
    "/customers/account-0",
    "/customers/account-1",
    "/customers/contact-1",
    "/contracts/care-0",
    "/articles",
    "/team",
    "/part/team",
    "/figures",
    "/figures/resolution-time",
    "/figures/incoming?by=queue",
    "/figures/backlog-by-age",
    "/figures/surveys",
    "/figures/articles",
    "/operations",
    "/part/operations/mark",
    "/operations/mailboxes",
    "/operations/quarantine",
    "/operations/outbox",
    "/operations/incidents",
    "/operations/workers",
    "/admin",
    "/admin/queues",
    "/admin/agents",
    "/admin/entitlements",
    "/admin/audit",
)
WEIGHT, SECONDS = 100 * 1024, 0.2
"""The budget of one page: bytes, and seconds at p50."""


@dataclass(frozen=True)
class Look:
    """One page: its bytes, the seconds of each look at it, those of the processor, and what it asked."""

    page: str
    status: int
    size: int
    seconds: tuple[float, ...]
    processor: float
    """Of one look, on the average: of this process and of the database's."""
    asked: tuple[Asked, ...]
    """In the last look."""

    @property
    def held(self) -> bool:
        return self.status == httpx.codes.OK and self.size <= WEIGHT and quantile(self.seconds, 0.5) <= SECONDS


def say(words: str) -> None:
    print(f"{time.perf_counter() - BEGAN:6.1f} s  {words}", file=sys.stderr, flush=True)


BEGAN = time.perf_counter()


async def fill(house: House, cases: int, now: datetime) -> None:
    """An organisation, its years, and its figures, into the house's empty database."""
    database = house.database
    await upgrade_async(database.url)
    await apply_file(database, ORGANISATION, now=now, keyring=house.keyring, secret=lambda _source, _name: "secret")
    own = counted_by_house(database, cases)
    await filled(database, cases, searched=False, first=now - YEARS, uncounted=own)
    say(f"{cases:,} cases")
    await lived(database, say)
    await counted_all(database, house.definitions, cases)


async def looked(
    house: House, now: datetime, only: str = "", looks: int = LOOKS, server: int | None = None
) -> list[Look]:
    """Every page of `PAGES` whose address has the word, over a house that is filled. `server`: of `spent`."""
    async with house.database.write() as session:
        agent = await session.scalar(select(Agent.id).where(Agent.slug == "agent-0"))
        assert agent is not None
        await session.execute(update(Agent).where(Agent.id == agent).values(roles=[role.value for role in Role]))
        secret = await begin(session, agent, now=now, address="127.0.0.1", program="benchmark")
    named = await _named(house)
    transport = httpx.ASGITransport(site(house))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", cookies={COOKIE: secret}, timeout=300
    ) as browser:
        return [await _look(browser, page, page.format(**named), looks, server) for page in PAGES if only in page]


async def _named(house: House) -> dict[str, str]:
    """The cases that pages are about: the one of very many entries, one that is open, and one that is closed."""
    async with house.database.read() as session:
        open_ = select(func.min(Case.number)).where(Case.status == CaseStatus.ACTIVE.value)
        long = await session.scalar(open_)
        middle = await session.scalar(
            select(func.min(Case.number)).where(Case.number > "CAS-5", Case.status == CaseStatus.ACTIVE.value)
        )
        closed = await session.scalar(select(func.min(Case.number)).where(Case.status == CaseStatus.RESOLVED.value))
    return {"long": str(long), "case": str(middle or long), "closed": str(closed)}


async def _look(browser: httpx.AsyncClient, page: str, address: str, looks: int, server: int | None) -> Look:
    answer, seconds, texts = await browser.get(address), [], []
    used = spent(server)
    for _ in range(looks):
        began = time.perf_counter()
        with asked() as found:
            answer = await browser.get(address)
        seconds.append(time.perf_counter() - began)
        texts = found
    each = (spent(server) - used) / looks
    return Look(page, answer.status_code, len(answer.content), tuple(seconds), each, tuple(texts))


def spent(server: int | None) -> float:
    """Seconds of the processor until now, by this process, and by a PostgreSQL whose first process has this id."""
    if server is None:
        return time.process_time()
    first = psutil.Process(server)
    times = [first.cpu_times()]
    ended = times[0].children_user + times[0].children_system
    for each in first.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times.append(each.cpu_times())
    return time.process_time() + ended + sum(each.user + each.system for each in times)


def table(looks: list[Look]) -> Iterator[str]:
    """Lines of Markdown."""
    yield "| page | kB | p50 | p99 | statements | processor | in budget |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for look in looks:
        p50, p99, used = (
            milliseconds(each) for each in (quantile(look.seconds, 0.5), quantile(look.seconds, 0.99), look.processor)
        )
        said = "yes" if look.held else f"no (status {look.status})" if look.status != httpx.codes.OK else "no"
        yield f"| `{look.page}` | {look.size / 1024:.0f} | {p50} | {p99} | {len(look.asked)} | {used} | {said} |"


def slowest(look: Look, most: int = 4) -> Iterator[str]:
    """The statements of a page that took longest."""
    yield f"{look.page}: {milliseconds(sum(each.seconds for each in look.asked))} in {len(look.asked)} statements"
    for each in sorted(look.asked, key=lambda each: -each.seconds)[:most]:
        yield f"    {milliseconds(each.seconds)}  {' '.join(each.text.split())[:900]}"


@asynccontextmanager
async def databases(folder: Path, *, postgresql: bool) -> AsyncIterator[tuple[str, int | None]]:
    """The address of the database that lies in the folder, which is made if there is none, and the id of its server's first
    process."""
    if not postgresql:
        yield f"sqlite:///{folder / 'pages.db'}", None
        return
    fresh = not (folder / "postgres").exists()
    async with PostgresServer(folder / "postgres") as server:
        url = await server.create_database("pages") if fresh else server.url("pages")
        yield url, server.pid


async def main(given: argparse.Namespace) -> int:
    with TemporaryDirectory(prefix="caseloom-bench-") as made:
        folder = Path(given.use or given.keep or made)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        if folder == Path(made):
            # Where root runs this, PostgreSQL runs as another user, and must get into a folder that was made for root alone.
            await asyncio.to_thread(folder.chmod, 0o755)
        async with databases(folder, postgresql=given.postgresql) as (url, server):
            database = Database(url)
            try:
                # Nothing that is read needs the engine: the client would connect with the first command.
                client = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
                house = build(Settings.model_construct(data=folder, temporal_ui=None), database, client)
                filled_on = folder / "filled.json"
                if not given.use:
                    now = datetime.now(UTC)
                    await fill(house, given.cases, now)
                    filled_on.write_text(json.dumps(now.isoformat()), encoding="utf-8")
                await upgrade_async(database.url)
                looks = await looked(house, datetime.now(UTC), given.only, given.looks, server)
            finally:
                await database.close()
    if given.slow:
        for look in looks:
            print("\n".join(slowest(look)))
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the end")
    for line in table(looks):
        print(line)
    return 0 if all(look.held for look in looks) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", metavar="DIR", help="leave the filled database in this folder")
    parser.add_argument("--use", metavar="DIR", help="take the filled database of this folder")
    parser.add_argument("--only", metavar="WORD", default="", help="pages whose address has the word")
    parser.add_argument("--looks", type=int, default=LOOKS, help=f"at each page ({LOOKS})")
    parser.add_argument("--slow", action="store_true", help="print the slowest statements of each page")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    raise SystemExit(asyncio.run(main(parser.parse_args())))
