"""Assignment on real parts: `python -m benchmarks.assignment`. How evenly, and how its time grows with what waits.

Five waves of cases reach a queue of twenty agents, of whom another fifth is away in each wave: spread is the most that
somebody got less the least, in shares of what each should have got. Then all cases wait before anybody is there, a few and
ten times as many: growth is the time that a case takes among many, in shares of that among few. No agent may end above
their capacity, and no case without an agent.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select, update

from benchmarks.figures import Ratio
from benchmarks.load import inserted, opened
from benchmarks.rows import NotReached, until
from benchmarks.site import Site, built
from desk.organisation import apply, load
from engine.queues import QueueTeller
from models.messages.assignment import Presence
from models.records.reference import Agent

AGENTS, WAVES = 20, 5
SPREAD, GROWTH = 0.10, 2.0
PATIENCE = 1800.0
QUEUES = ("waves", "few", "many")
WORKED = "SELECT count(*) FROM queue_item i JOIN agent a ON a.id = i.worked_by JOIN queue q ON q.id = i.queue_id "
WORKED += "WHERE q.slug = ? AND i.live = 1 {}"


def organisation() -> str:
    """A queue for each measurement, with twenty agents of its own, to be routed to by hand of the script."""
    agents: list[dict[str, Any]] = []
    queues, rules = [], []
    for name in QUEUES:
        slugs = [f"{name}-{n:02}" for n in range(AGENTS)]
        agents += [{"slug": s, "name": s, "email": f"{s}@bench.example", "capacity": 10_000} for s in slugs]
        queues.append({"slug": name, "name": name, "owner": slugs[0], "members": slugs})
        rules.append({"slug": name, "name": name, "queue": name, "method": "round-robin", "ageing": "1 hour"})
    return yaml.safe_dump({"agents": agents, "queues": queues, "assignment_rules": rules})


async def routed_to(site: Site, name: str) -> None:
    rules = [{"name": name, "queue": name}]
    lines = yaml.safe_dump({"routing_rule_sets": [{"slug": "bench", "name": "Bench", "rules": rules}]})
    await apply(site.house.database, load(lines, "lines"), "benchmarks", datetime.now(UTC), keyring=site.house.keyring)


async def are(site: Site, name: str, away: int | None) -> None:
    """All agents of the queue are online, but for one fifth of them; None: for all."""
    async with site.house.database.write() as session:
        for n in range(AGENTS):
            there = away is not None and n % WAVES != away
            presence = Presence.ONLINE if there else Presence.AWAY
            mine = update(Agent).where(Agent.slug == f"{name}-{n:02}")
            await session.execute(mine.values(presence=presence.value))


def got(site: Site, name: str, n: int) -> int:
    """How many live items of the queue an agent works on."""
    return int(site.rows.one(WORKED.format("AND a.slug = ?"), name, f"{name}-{n:02}"))


async def until_given(site: Site, name: str, count: int) -> None:
    given = WORKED.format("")
    await until(lambda: site.rows.one(given, name) >= count, f"{count} cases given out", 0.05, PATIENCE)


async def spread_of(site: Site, cases: int) -> float:
    """In waves, with changing presence: (most - least) / what each should have got."""
    await routed_to(site, "waves")
    for wave in range(WAVES):
        await are(site, "waves", wave)
        await opened(site, await inserted(site, cases // WAVES))
        await until_given(site, "waves", (wave + 1) * (cases // WAVES))
    each = [got(site, "waves", n) for n in range(AGENTS)]
    print(f"spread: {cases} cases to {AGENTS} agents: {min(each)} to {max(each)} each")
    return (max(each) - min(each)) / (cases / AGENTS)


async def seconds_a_case(site: Site, name: str, cases: int) -> float:
    """All wait before the agents come; then until the last is given out."""
    await routed_to(site, name)
    await are(site, name, None)
    began = time.perf_counter()
    await opened(site, await inserted(site, cases))
    print(f"growth: {cases} cases wait, opened in {time.perf_counter() - began:.1f} s")
    await are(site, name, WAVES)  # a fifth that nobody is in
    began = time.perf_counter()
    await QueueTeller(site.house.client).tell(name)
    await until_given(site, name, cases)
    took = time.perf_counter() - began
    print(f"growth: {cases} cases given out in {took:.1f} s")
    return took / cases


async def measure(cases: int, large: int) -> list[Ratio]:
    with tempfile.TemporaryDirectory(prefix="caseloom-bench-") as folder:
        async with built(Path(folder)) as site:
            lines = load(organisation(), "lines")
            await apply(site.house.database, lines, "benchmarks", datetime.now(UTC), keyring=site.house.keyring)
            async with site.working():
                spread = await spread_of(site, cases)
                few = await seconds_a_case(site, "few", cases)
                many = await seconds_a_case(site, "many", large)
            async with site.house.database.read() as session:
                above = await session.scalar(select(func.count()).where(Agent.load > Agent.capacity))
            if above:
                raise NotReached(f"{above} agents work on more than their capacity")
    growth = f"time of a case among {large}, of that among {cases}"
    return [
        Ratio("spread", "most less least that an agent got, of the mean", spread, SPREAD, at_least=False),
        Ratio("growth", growth, many / few, GROWTH, at_least=False),
    ]


def main(arguments: list[str]) -> int:
    made = argparse.ArgumentParser(prog="python -m benchmarks.assignment", description="Measure assignment.")
    made.add_argument("--cases", type=int, default=500, help="cases in waves, and few that wait (500)")
    made.add_argument("--large", type=int, default=5000, help="many that wait (5000)")
    made.add_argument("--check", action="store_true", help="exit with 1 when a ratio misses its budget")
    given = made.parse_args(arguments)
    ratios = asyncio.run(measure(given.cases, given.large))
    for ratio in ratios:
        print(f"{ratio.name}: {ratio.value:.3f} ({ratio.what}; {ratio.limit})")
    return 1 if given.check and not all(ratio.met for ratio in ratios) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
