"""Pick next: each of many callers gets a case of their own, as long as there is one that they may and can take."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select, update

from api.app import create_app
from desk.commands import CaseDesk
from desk.errors import NotFound
from desk.identity import create_token
from desk.picking import pick_next
from desk.refusals import Faulted
from models.messages.incidents import StepFault
from models.messages.reference import Role
from models.records.cases import Case, QueueItem
from models.records.reference import Queue
from tests.support.asking import Http, asked, problem
from tests.support.desks import Desk, DeskFactory
from tests.support.organisations import add, load_of
from tests.support.waiting import BOUND

pytestmark = pytest.mark.usefixtures("patience")

AGENTS = [f"agent-{n}" for n in range(20)]
CASES = 30


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk() as made:
        people = [{"slug": slug, "name": slug, "email": f"{slug}@desk.example", "capacity": 1} for slug in AGENTS]
        await add(made, {"agents": people})
        yield made


async def clients(desk: Desk, stack: AsyncExitStack, processes: int) -> list[httpx.AsyncClient]:
    """One of each agent, shared out among API processes of their own."""
    apps = [create_app(desk.house) for _ in range(processes)]
    found = []
    async with desk.house.database.write() as session:
        for place, slug in enumerate(AGENTS):
            token = await create_token(session, slug, Role.AGENT, actor="test", now=datetime.now(UTC))
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(apps[place % processes], raise_app_exceptions=False),
                base_url="http://caseloom/api/v1",
                headers={"Authorization": f"Bearer {token}"},
                timeout=BOUND,
            )
            found.append(await stack.enter_async_context(client))
    return found


async def opened(desk: Desk, cases: int) -> set[str]:
    return set(await asyncio.gather(*(desk.open() for _ in range(cases))))


@pytest.mark.parametrize("processes", [1, 3])
async def test_twenty_agents_at_once_get_twenty_cases(desk: Desk, processes: int) -> None:
    numbers = await opened(desk, CASES)
    async with AsyncExitStack() as stack:
        agents = await clients(desk, stack, processes)
        answers = await asyncio.gather(*(agent.post("/queues/gold/next") for agent in agents))
        assert Counter(answer.status_code for answer in answers) == {200: 20}
        picked = [answer.json()["number"] for answer in answers]
        assert len(set(picked)) == 20
        assert set(picked) <= numbers
        assert [answer.json()["worked_by"] for answer in answers] == AGENTS
        # Each is full now, and there are ten left: that is said, and not that there is nothing.
        again = await asyncio.gather(*(agent.post("/queues/gold/next") for agent in agents))
        assert {problem(answer) for answer in again} == {(409, "no-capacity")}
        assert {await load_of(desk, slug) for slug in AGENTS} == {1}


async def test_when_there_are_fewer_cases_than_agents_the_rest_is_told_that_nothing_is_left(desk: Desk) -> None:
    numbers = await opened(desk, 7)
    async with AsyncExitStack() as stack:
        agents = await clients(desk, stack, 2)
        answers = await asyncio.gather(*(agent.post("/queues/gold/next") for agent in agents))
        assert Counter(answer.status_code for answer in answers) == {200: 7, 204: 13}
        assert {answer.json()["number"] for answer in answers if answer.status_code == 200} == numbers


async def test_what_others_are_about_to_pick_is_waited_for(desk: Desk) -> None:
    """Theirs may be refused: then the case is still there for the one who waits."""
    number, who = await desk.open(), await desk.agent("grace")
    with desk.commands.claims.of(number):
        waiting = asyncio.create_task(pick_next(desk.house.database, desk.commands, who, "gold"))
        await asyncio.wait({waiting}, timeout=0.5)
        assert not waiting.done(), "there is a case, so nobody is told that there is none"
    answer = await waiting
    assert answer is not None
    assert answer.number == number


async def test_a_case_that_cannot_be_picked_holds_nobody_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = sorted(await opened(desk, 3))
    order = [first, second, third]
    async with desk.house.database.write() as session:
        for place, number in enumerate(order):
            due = datetime(2031, 3, 27, 9, place, tzinfo=UTC)
            await session.execute(update(Case).where(Case.number == number).values(next_due=due))
    real = CaseDesk.command

    async def broken(self: CaseDesk, identity: object, number: str, *rest: object, **more: object) -> object:
        if number == first:
            raise Faulted(StepFault(step="pick"))
        if number == second:
            raise NotFound("case", number)
        return await real(self, identity, number, *rest, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(CaseDesk, "command", broken)
    who = await desk.agent("grace")
    answer = await pick_next(desk.house.database, desk.commands, who, "gold")
    assert answer is not None
    assert answer.number == third
    with pytest.raises(Faulted):
        await pick_next(desk.house.database, desk.commands, who, "gold")


async def test_the_same_key_gives_the_same_case_after_lost_turns(desk: Desk) -> None:
    await opened(desk, 3)
    who = await desk.agent("grace")
    first = await pick_next(desk.house.database, desk.commands, who, "gold", key="k")
    again = await pick_next(desk.house.database, desk.commands, who, "gold", key="k")
    other = await pick_next(desk.house.database, desk.commands, who, "gold", key="l")
    assert first is not None
    assert again is not None
    assert other is not None
    assert (again.number, again.replayed) == (first.number, True)
    assert other.number != first.number


async def test_nobody_picks_from_a_queue_that_is_not_active(desk: Desk) -> None:
    number = await desk.open()
    async with desk.house.database.write() as session:
        await session.execute(update(Queue).where(Queue.slug == "gold").values(active=False))
    async with asked(desk) as http:
        for path in (f"/cases/{number}/pick", "/queues/gold/next"):
            assert problem(await http("grace", "POST", path)) == (409, "queue-inactive")
    async with desk.house.database.read() as session:
        assert set(await session.scalars(select(QueueItem.worked_by))) == {None}


async def test_capacity_is_respected_by_picks_at_once(desk: Desk) -> None:
    await opened(desk, 5)
    async with asked(desk) as http:
        answers = await asyncio.gather(*(next_of(http, n) for n in range(5)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 4}
    assert await load_of(desk, "sam") == 1


async def next_of(http: Http, n: int) -> httpx.Response:
    return await http("sam", "POST", "/queues/gold/next", Idempotency_Key=f"next-{n}")


async def test_one_key_at_once_and_once_more_is_one_case(desk: Desk) -> None:
    await opened(desk, 5)
    async with asked(desk) as http:
        answers = await asyncio.gather(*(next_of(http, 1) for _ in range(8)))
        answers.append(await next_of(http, 1))
    assert [answer.status_code for answer in answers] == [200] * 9, [answer.text for answer in answers]
    assert len({answer.json()["number"] for answer in answers}) == 1
