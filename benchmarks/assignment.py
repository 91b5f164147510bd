"""Assignment on real parts: `python -m benchmarks.assignment`. How evenly, and how its time grows with what waits.

Five waves of cases reach a queue of twenty agents, of whom another fifth is away in each wave: spread is the most that
somebody got less the least, in shares of what each should have got. Then all cases wait before anybody is there, a few and
ten times as many: growth is the time that a case takes among many, in shares of that among few. At last half of the cases need
a skill that half of the agents hold, and each agent has room for few: whoever is there and holds the same should get the same,
and no case waits while somebody is there who has room and holds what it needs. No agent may end above their capacity.
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
from benchmarks.site import ORGANISATION, Site, built
from desk.organisation import apply, load
from engine.queues import QueueTeller
from engine.standing import ensure_housekeeping
from models.messages.assignment import Presence
from models.records.reference import Agent

AGENTS, WAVES = 20, 5
SPREAD, GROWTH = 0.10, 2.0
PATIENCE = 1800.0
QUEUES = ("waves", "few", "many", "skilled")
SKILL, ROOM = "german", 1.2
"""The skill that half of the cases need; what the agents have room for, of all cases together."""
WORKED = "SELECT count(*) FROM queue_item i JOIN agent a ON a.id = i.worked_by JOIN queue q ON q.id = i.queue_id "
WORKED += "WHERE q.slug = ? AND i.live = 1 {}"


def organisation(cases: int) -> str:
    """A queue for each measurement, with twenty agents of its own, to be routed to by hand of the script."""
    agents: list[dict[str, Any]] = []
    queues, rules = [], []
    for name in QUEUES:
        slugs = [f"{name}-{n:02}" for n in range(AGENTS)]
        capacity = room_of(cases) if name == "skilled" else 10_000
        agents += [
            {"slug": slug, "name": slug, "email": f"{slug}@bench.example", "capacity": capacity}
            | ({"skills": {SKILL: 3}} if name == "skilled" and n % 2 else {})
            for n, slug in enumerate(slugs)
        ]
        queues.append({"slug": name, "name": name, "owner": slugs[0], "members": slugs})
        rules.append({"slug": name, "name": name, "queue": name, "method": "round-robin", "ageing": "1 hour"})
    house = yaml.safe_load(ORGANISATION.read_text(encoding="utf-8"))["organisation"] | {"skills": [SKILL]}
    return yaml.safe_dump({"organisation": house, "agents": agents, "queues": queues, "assignment_rules": rules})


async def routed_to(site: Site, name: str, **skills: int) -> None:
    rules = [{"name": name, "queue": name, "skills": skills}]
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


async def skilled_spread_of(site: Site, cases: int) -> float:
    """In waves, with changing presence, each half of which needs the skill: how far somebody is, at most, from an even share of
    what came for those who hold the same while they were there and had room; of the mean share. Raises `NotReached` where
    a case waits that somebody who is there could take."""
    shares, had = [0.0] * AGENTS, [0] * AGENTS
    for wave in range(WAVES):
        await are(site, "skilled", wave)
        for skills in ({SKILL: 2}, {}):
            await routed_to(site, "skilled", **skills)
            await opened(site, await inserted(site, cases // WAVES // 2))
        await QueueTeller(site.house.client).tell("skilled")
        await until(lambda: nobody_waits_in_vain(site), "each case given out that somebody can take", 0.5, PATIENCE)
        has = [got(site, "skilled", n) for n in range(AGENTS)]
        for holds in (0, 1):
            # Who is full has got what there was room for.
            even = [n for n in range(AGENTS) if n % 2 == holds and n % WAVES != wave and has[n] < room_of(cases)]
            for n in range(holds, AGENTS, 2):
                share = sum(has[m] - had[m] for m in even) / len(even) if n in even else has[n] - had[n]
                shares[n] += share
        had = has
    print(f"skills: {sum(had)} of {cases} cases given out: {had[1::2]} to those who hold it, {had[::2]} to the others")
    return max(abs(many - share) for many, share in zip(had, shares, strict=True)) / (sum(shares) / AGENTS)


def room_of(cases: int) -> int:
    """How many cases an agent of the last measurement has room for."""
    return int(ROOM * cases / AGENTS)


def nobody_waits_in_vain(site: Site) -> bool:
    waits = (
        "SELECT count(*) FROM queue_item i JOIN service_case c ON c.id = i.case_id JOIN queue q ON q.id = i.queue_id "
    )
    waits += "WHERE q.slug = 'skilled' AND i.live = 1 AND i.worked_by IS NULL AND coalesce(c.skills, 'null') {} LIKE '%german%'"
    room = "SELECT count(*) FROM agent WHERE slug LIKE 'skilled-%' AND presence = 'online' AND load < capacity "
    room += "AND coalesce(skills, '{{}}') LIKE '{}'"
    plain, asking = site.rows.one(waits.format("NOT")), site.rows.one(waits.format(""))
    anybody, holding = site.rows.one(room.format("%")), site.rows.one(room.format("%german%"))
    return not (plain and anybody) and not (asking and holding)


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
            lines = load(organisation(cases), "lines")
            await apply(site.house.database, lines, "benchmarks", datetime.now(UTC), keyring=site.house.keyring)
            async with site.working():
                # A command that its queue gave up waiting for is taken up by housekeeping alone; without it, on a busy
                # machine, its case waits for ever.
                await ensure_housekeeping(site.house.client)
                spread = await spread_of(site, cases)
                few = await seconds_a_case(site, "few", cases)
                many = await seconds_a_case(site, "many", large)
                skilled = await skilled_spread_of(site, cases)
            async with site.house.database.read() as session:
                above = await session.scalar(select(func.count()).where(Agent.load > Agent.capacity))
            if above:
                raise NotReached(f"{above} agents work on more than their capacity")
    growth = f"time of a case among {large}, of that among {cases}"
    return [
        Ratio("spread", "most less least that an agent got, of the mean", spread, SPREAD, at_least=False),
        Ratio(
            "skilled spread",
            "most that one is from an even share of what came for their skills while they were there",
            skilled,
            SPREAD,
            at_least=False,
        ),
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
