"""A rule that names an agent, in a queue that gives its cases to agents by itself: the rule is what counts (domain 5.1, 5.2)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models.messages.cases import CommandKind
from models.records.reference import Agent
from tests.support.assignment import QUEUE, people, staffed, worker_of
from tests.support.desks import Desk
from tests.support.hands import Hands
from tests.support.organisations import add


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What an agent has room for is asked on both in test_picking."""
    return sqlite_url


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await staffed(desk, people(3, capacity=1))
    return desk


async def rules(desk: Desk, **target: Any) -> None:
    await add(desk, {"routing_rule_sets": [{"slug": "by-tier", "name": "All", "rules": [{"name": "All", **target}]}]})


async def load(desk: Desk, slug: str) -> int:
    async with desk.house.database.read() as session:
        return (await session.scalars(select(Agent.load).where(Agent.slug == slug))).one()


async def owner(desk: Desk, number: str) -> str | None:
    case = await desk.case(number)
    async with desk.house.database.read() as session:
        return await session.scalar(select(Agent.slug).where(Agent.id == case.owner_id))


async def test_they_work_on_it_so_that_the_queue_gives_it_to_nobody_else(desk: Desk) -> None:
    await rules(desk, agent="five-1")
    hands = await Hands.opened(desk, queue=QUEUE)
    assert (await worker_of(desk, hands.case.number), await load(desk, "five-1")) == ("five-1", 1)

    # They have no room for another: it is theirs, and the queue may give it to somebody.
    second = await Hands.opened(desk, queue=QUEUE)
    assert (await owner(desk, second.case.number), await worker_of(desk, second.case.number)) == ("five-1", None)


async def test_the_rules_applied_again_take_a_waiting_case_out_of_the_queues_hands(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    assert await worker_of(desk, hands.case.number) is None
    await rules(desk, agent="five-2")
    await hands.do(CommandKind.APPLY_ROUTING)
    assert (await worker_of(desk, hands.case.number), await load(desk, "five-2")) == ("five-2", 1)


async def test_in_a_queue_that_is_worked_by_hand_it_waits_for_them(desk: Desk) -> None:
    await rules(desk, agent="five-1")
    hands = await Hands.opened(desk, queue="standard")
    assert (await owner(desk, hands.case.number), await worker_of(desk, hands.case.number)) == ("five-1", None)
