"""Whatever happens to cases, and however late: what is kept is what their rows say."""

from __future__ import annotations

import random
from typing import Any

from sqlalchemy import select

from models.records.base import table_of
from models.records.cases import Case
from models.records.figures import FigureDay, FigureFact
from storage.definitions import Definitions
from storage.figures import counting
from storage.figures.days import kept_rows
from storage.figures.registry import FIGURES
from storage.figures.sweep import FigureSweep
from tests.storage.figures.telling import ACCOUNTS, AGENTS, QUEUES, SURVEYS, Told, World

CASES, STEPS, SEED = 12, 120, 8


def opening(chance: random.Random) -> list[str]:
    day, hour, minute = chance.randrange(-5, 9), chance.randrange(24), chance.randrange(60)
    origin, priority = chance.choice(("email", "phone", "web")), chance.choice(("high", "normal"))
    customer, queue = chance.choice((*ACCOUNTS, "-")), chance.choice((*QUEUES, "-"))
    return [str(day), f"{hour}:{minute}", origin, priority, customer, queue]


def step(chance: random.Random, told: Told, numbers: list[str]) -> list[str]:
    """Any step that the case's state allows; at any instant, before those that were told already as well."""
    after, who = str(chance.randrange(10_000)), chance.choice(AGENTS)
    allowed: list[list[str]] = [
        ["mail", after],
        ["machine", after],
        ["call", after],
        ["did", after, who, chance.choice(("task", "phone-call")), str(chance.randrange(30))],
        ["escalate", after],
        ["set", after, chance.choice(("priority=low", "product=router", "stage=research", "origin=web"))],
    ]
    if told.status == "active":
        allowed += [["resolve", after, who], ["cancel", after], ["merge", after, chance.choice(numbers)]]
        allowed += [["kpi", after, f"kpi-{after}", chance.choice(("succeeded", "noncompliant", "paused", "cancelled"))]]
        allowed += [["unanswer", after] if told.answered else ["answer", after, who]]
    if told.status == "resolved":
        allowed += [["reopen", after]] * 3
        if told.life not in told.asked:
            allowed += [[chance.choice(SURVEYS), after, str(chance.randrange(1, 6))]] * 2
    if told.item is not None:
        allowed += [["pick", after, who]] * 2 + [["move", after, chance.choice(QUEUES)]] * 2
    return chance.choice(allowed)


async def counted(world: World, definitions: Definitions) -> FigureSweep:
    sweep = FigureSweep(world.database, definitions, every=0)
    while await sweep.sweep():
        pass
    return sweep


async def adopted(world: World, merged: list[tuple[Told, str]]) -> None:
    """The survivors take over what the merged cases had, which have been counted by then and are not written again."""
    while merged:
        async with world.database.write() as session:
            await world.adopt(session, *merged.pop())


def comparable(rows: Any) -> list[tuple[Any, ...]]:
    columns = [name for name in table_of(FigureFact).c.keys() if name != "id"]  # noqa: SIM118 - it is no dict
    return sorted(tuple(str(row[name]) for name in columns) for row in rows)


async def assert_all_is_kept(world: World, definitions: Definitions) -> tuple[int, int]:
    """Facts and days are what is read from the rows now; how many there are."""
    async with world.database.read() as session:
        by = await counting.basis(session, definitions)
        everything = list(await session.scalars(select(Case.id)))
        kept = (await session.execute(select(*table_of(FigureFact).c))).mappings().all()
        assert comparable(kept) == comparable(await counting.read_facts(session, by, everything))
        days = sorted({row["day"] for row in kept})
        columns = [column.key for column in table_of(FigureDay).c]
        of_days = (await session.execute(select(*table_of(FigureDay).c))).mappings().all()
        fresh = [row for figure in FIGURES for row in await kept_rows(session, figure, by.organisation, days)]
        assert sorted(repr([row[name] for name in columns]) for row in of_days) == sorted(
            repr([row[name] for name in columns]) for row in fresh
        )
        return len(kept), len(of_days)


async def test_what_is_kept_is_what_the_rows_say_after_any_history(world: World) -> None:
    chance, definitions = random.Random(SEED), Definitions()
    for _ in range(CASES):
        async with world.database.write() as session:
            await world.open(session, opening(chance))
    numbers = [told.number for told in world.cases]
    merged: list[tuple[Told, str]] = []
    for turn in range(STEPS):
        told = chance.choice(world.cases)
        what = step(chance, told, numbers)
        async with world.database.write() as session:
            await world.step(session, told, what)
        if what[0] == "merge":
            merged.append((told, what[2]))
        if turn % 40 == 20:
            await counted(world, definitions)
            await adopted(world, merged)
    await counted(world, definitions)
    await adopted(world, merged)
    await counted(world, definitions)
    facts, kept = await assert_all_is_kept(world, definitions)
    assert facts > CASES
    assert kept > facts
