"""Twenty agents at work at once, each as an agent works: list, view, pick, note, reply, on to the next stage, release."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from benchmarks.figures import Line, Spending, milliseconds, quantile
from benchmarks.intake import start_mailbox, stop_reading
from benchmarks.load import filled, inserted
from benchmarks.site import Site, Working
from desk.identity import create_token
from models.messages.reference import Role

NAME = "agents"
LAST_STAGE = "resolve"
TAKEN = 409
"""Another agent was quicker: the agent looks at the list again."""


@dataclass(frozen=True)
class AgentsOrder:
    agents: int = 20
    """As many as examples/bench.yaml has, at most."""
    seconds: float = 60
    cases: int = 20
    """Open cases for each agent, so that there is always one to pick."""


@dataclass
class Tally:
    """Seconds of each request, by what was asked."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    taken: int = 0

    @property
    def requests(self) -> int:
        return sum(map(len, self.seconds.values()))


class AtWork:
    """One agent, with a client of their own."""

    def __init__(self, api: httpx.AsyncClient, tally: Tally, chance: random.Random) -> None:
        self._api, self._tally, self._chance = api, tally, chance

    async def until(self, ends: float) -> None:
        """From case to case, and no new case after `ends` (of `time.perf_counter`)."""
        while time.perf_counter() < ends:
            await self.one_case()

    async def one_case(self) -> None:
        page = await self._ask("list", "GET", "/cases", params={"queue": "desk", "status": "active"})
        case = f"/cases/{self._chance.choice(page['items'])['number']}"
        await self._ask("view", "GET", case)
        picked = await self._ask("pick", "POST", f"{case}/pick")
        if picked is None:
            return
        await self._ask("note", "POST", f"{case}/notes", json={"text": "The customer is on site until Friday."})
        await self._ask("reply", "POST", f"{case}/replies", json={"text": "Please restart the speaker."})
        if picked["stage"] == LAST_STAGE:
            await self._ask("resolve", "POST", f"{case}/resolve", json={"resolution": "Restarted."})
        else:
            await self._ask("next stage", "POST", f"{case}/process/next")
            await self._ask("release", "POST", f"{case}/release")

    async def _ask(self, what: str, method: str, path: str, **more: Any) -> Any:
        """The answer's JSON; None: another agent has the case."""
        began = time.perf_counter()
        answer = await self._api.request(method, path, **more)
        self._tally.seconds[what].append(time.perf_counter() - began)
        if what == "pick" and answer.status_code == TAKEN:
            self._tally.taken += 1
            return None
        answer.raise_for_status()
        return answer.json()


async def measure(site: Site, order: AgentsOrder, say: Callable[[str], None]) -> list[Line]:
    """All agents at once for a while. Lines alone: what an agent does has no baseline that does the same."""
    async with site.working() as working, AsyncExitStack() as stack:
        count = order.cases * order.agents
        say(f"agents: opening {count} cases")
        await start_mailbox(site)
        await filled(site, await inserted(site, count))
        clients = [await stack.enter_async_context(await _client(site, working, n)) for n in range(order.agents)]
        await asyncio.gather(
            *(AtWork(api, Tally(), random.Random(n)).one_case() for n, api in enumerate(clients))
        )  # warm
        say(f"agents: {order.agents} at work for {order.seconds:g} s")
        tally, spent, before = Tally(), Spending(), working.cpu.spent()
        began = time.perf_counter()
        work = (AtWork(api, tally, random.Random(n)).until(began + order.seconds) for n, api in enumerate(clients))
        await asyncio.gather(*work)
        elapsed = time.perf_counter() - began
        used = [after - first for after, first in zip(working.cpu.spent(), before, strict=True)]
        spent.add(tally.requests, *used)
        await stop_reading(site)
    return _lines(order, tally, spent, elapsed)


async def _client(site: Site, working: Working, number: int) -> httpx.AsyncClient:
    async with site.house.database.write() as session:
        slug, now = f"agent-{number + 1:02}", datetime.now(UTC)
        token = await create_token(session, slug, Role.AGENT, actor="benchmarks", now=now)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=working.api.base_url, headers=headers, timeout=working.api.timeout)


def _lines(order: AgentsOrder, tally: Tally, spent: Spending, elapsed: float) -> list[Line]:
    who = f"{order.agents} agents at once"
    house, temporal = (100 * seconds / elapsed for seconds in (spent.house, spent.temporal))
    return [
        Line(who, f"{tally.requests / elapsed:.1f} requests a second; {tally.taken} picks came too late"),
        *(
            Line(f"{who}: {what}", f"p50 {milliseconds(quantile(s, 0.5))}, p95 {milliseconds(quantile(s, 0.95))}")
            for what, s in tally.seconds.items()
        ),
        Line(f"{who}: share of a core", f"house {house:.0f} %, Temporal {temporal:.0f} %"),
        spent.line("a request of an agent"),
    ]
