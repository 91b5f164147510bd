"""Queues that assign by themselves, through their runs and the cases' (domain 5.2; checklist 33)."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from cases.queue_sweep import QueueSweep
from models.messages.api_cases import ChangeBody, ResolveBody
from models.messages.assignment import Presence
from models.messages.cases import CaseStatus, CommandKind
from models.messages.names import QUEUE_NEWS
from models.records.cases import Case
from models.records.reference import Agent
from tests.support.assignment import QUEUE, are, later, people, run_of, staffed, worked, worker_of
from tests.support.desks import Desk, DeskFactory
from tests.support.organisations import add, queue, settings
from tests.support.waiting import until
from workflows.run_length import MOST_EVENTS

CASES, AGENTS, CAPACITY = 50, 5, 8


async def opened(desk: Desk, count: int, **fields: Any) -> list[str]:
    """Cases that are opened at once: their numbers. One looks whether they are, not each for itself."""
    cases = [await desk.insert(**fields) for _ in range(count)]
    await asyncio.gather(*(desk.house.dispatcher.open(case.id, case.number, case.origin) for case in cases))
    ids = [case.id for case in cases]

    async def all_open() -> bool:
        async with desk.house.database.read() as session:
            active = select(func.count()).where(Case.id.in_(ids), Case.status == CaseStatus.ACTIVE)
            return await session.scalar(active) == count

    await until(all_open)
    return [case.number for case in cases]


async def events(desk: Desk) -> int:
    return len((await run_of(desk).fetch_history()).events)


async def quiet(desk: Desk) -> None:
    """Until the queue's run has nothing under way."""
    await desk.house.queues.told()

    async def idle() -> bool:
        found = (await run_of(desk).describe()).raw_description
        return not found.HasField("pending_workflow_task") and not found.pending_activities

    await until(idle)


async def test_fifty_cases_at_once_fill_five_agents_and_none_is_lost(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        slugs = await staffed(desk, people(AGENTS, capacity=CAPACITY))
        numbers = await opened(desk, CASES)
        full = Counter(dict.fromkeys(slugs, CAPACITY) | {None: CASES - AGENTS * CAPACITY})

        async def given_out() -> bool:
            return await worked(desk) == full

        await until(given_out)
        await quiet(desk)
        async with desk.house.database.read() as session:
            loads = await session.scalars(select(Agent.load).where(Agent.slug.in_(slugs)))
            assert set(loads) == {CAPACITY}, "the load is what they work on"

        # Nothing changes, so nothing happens: not by housekeeping either.
        before = await events(desk)
        sweep = QueueSweep(desk.house.database, desk.house.definitions, desk.house.queues)
        assert await sweep.sweep() == 0
        await quiet(desk)
        assert await events(desk) == before

        # A hand that is free again gets the next one.
        theirs = [number for number in numbers if await worker_of(desk, number) == slugs[0]]
        number = theirs[0]
        await desk.send(slugs[0], number, CommandKind.RESOLVE, ResolveBody(resolution="Paired."))

        async def next_one() -> bool:
            return await worked(desk) == full - Counter({None: 1})

        await until(next_one)
        await quiet(desk)
        (entry,) = await desk.timeline(number, "assigned")
        assert (entry.actor_id, entry.data["by"], entry.data["owner"]) == (None, "queue", slugs[0])
        assert {each["agent"] for each in entry.data["passed_over"]} == set(slugs[1:])


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """PostgreSQL for the crowd, where many write at once; the rest looks at what the run does."""
    engine = "postgres" if "fifty" in request.node.name else "sqlite"
    url: str = request.getfixturevalue(f"{engine}_url")
    return url


async def test_who_comes_gets_it_and_who_gives_it_back_does_not_get_it_again(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        first, second = await staffed(desk, people(2), online=False, method="least-loaded")
        number = await desk.open()
        await quiet(desk)
        assert await worker_of(desk, number) is None
        await are(desk, Presence.ONLINE, first)
        sweep = QueueSweep(desk.house.database, desk.house.definitions, desk.house.queues)
        assert await sweep.sweep() == 1, "who was there could get it, and nobody said so"
        await until(lambda: _works(desk, number, first))
        await desk.send(first, number, CommandKind.RELEASE)
        await quiet(desk)
        assert await worker_of(desk, number) is None
        await are(desk, Presence.ONLINE, second)
        await desk.house.queues.tell(QUEUE)
        await until(lambda: _works(desk, number, second))


async def _works(desk: Desk, number: str, slug: str) -> bool:
    return await worker_of(desk, number) == slug


async def test_skills_that_a_rule_asks_for_are_minded_and_can_be_changed(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        await settings(desk, skills=["german", "billing"])
        able, other = await staffed(desk, [*people(1, skills={"german": 3}), *people(2)[1:]])
        rules = [{"name": "German", "queue": QUEUE, "skills": {"german": 2}}]
        await add(desk, {"routing_rule_sets": [{"slug": "by-tier", "name": "German", "rules": rules}]})
        numbers = await opened(desk, 2)
        for number in numbers:
            await until(partial(_works, desk, number, able))
            assert (await desk.case(number)).skills == {"german": 2}
            (entry,) = await desk.timeline(number, "assigned")
            assert entry.data["passed_over"] == [{"agent": other, "why": "does not hold 'german'"}]
        await are(desk, Presence.OFFLINE, able)
        third = await desk.open()
        await quiet(desk)
        assert await worker_of(desk, third) is None
        await desk.send("mona", third, CommandKind.CHANGE, ChangeBody(skills={}))
        await until(lambda: _works(desk, third, other))
        # Whom people choose works on it, there or not: else the queue would choose somebody else.
        fourth = await desk.open()
        await desk.send("mona", fourth, CommandKind.ASSIGN, target_id=(await desk.agent(able)).agent_id)
        assert await worker_of(desk, fourth) == able


async def test_what_waits_too_long_goes_on_once_with_its_reason(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        overflow = {"to": ["standard", "gold"], "longest_wait": "2 hours"}
        await staffed(desk, people(1), online=False, overflow=overflow)
        standard = {"slug": "standard", "name": "S", "queue": "standard"}
        back = {**standard, "overflow": {"to": [QUEUE], "longest_queue": 1}}
        await add(desk, {"assignment_rules": [back]})
        numbers = await opened(desk, 2)
        await quiet(desk)
        assert [(await desk.case(number)).queue for number in numbers] == [QUEUE, QUEUE]
        await later(desk, timedelta(hours=2))

        async def gone() -> bool:
            return {(await desk.case(number)).queue for number in numbers} == {"standard", "gold"}

        await until(gone)
        for number in numbers:
            entry = (await desk.timeline(number, "routed"))[-1]
            assert (entry.data["by"], entry.data["overflowed"]) == ("queue", QUEUE)
            assert entry.data["why"] == "it has waited 2 hours"
        # One stands in `standard` by overflow: however long that queue is, it stays.
        await desk.send("mona", numbers[0], CommandKind.ROUTE, target_id=(await queue(desk, QUEUE)).id)
        await quiet(desk)


async def test_a_busy_queue_goes_on_in_a_new_run_before_its_history_is_long(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        (slug,) = await staffed(desk, people(1, capacity=CAPACITY))
        await opened(desk, 1)
        await quiet(desk)
        first = (await run_of(desk).describe()).run_id

        async def gone_on() -> bool:
            """It hears news without a pause, also in the moment in which it continues."""
            await run_of(desk).signal(QUEUE_NEWS)
            return (await run_of(desk).describe()).run_id != first

        await until(gone_on)
        ended = desk.house.client.get_workflow_handle(run_of(desk).id, run_id=first)
        assert MOST_EVENTS <= len((await ended.fetch_history()).events) < 1000
        await opened(desk, 1)

        async def both() -> bool:
            return await worked(desk) == {slug: 2}

        await until(both)


async def test_a_queue_without_a_rule_any_more_ends_its_run(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        await staffed(desk, people(1))
        number = await desk.open()
        await until(lambda: _works(desk, number, "five-0"))
        given = {"slug": QUEUE, "name": "Five", "queue": QUEUE}
        await add(desk, {"assignment_rules": [given]})
        await desk.house.queues.tell(QUEUE)
        await asyncio.wait_for(run_of(desk).result(), 30)
