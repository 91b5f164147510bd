"""Looks at a queue that assigns by itself, over real rows: what they read, and that they can be repeated (domain 5.2)."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from bootstrap import make_workers, sandbox
from cases.opener import NewCase, insert_opening
from cases.queue_looks import see
from cases.queue_rows import agents_of, waiting
from models.messages.api_cases import NoteBody
from models.messages.assigning import LookInput
from models.messages.assignment import AssignmentRule, Presence
from models.messages.cases import CaseStatus, CommandKind
from models.messages.names import CASES_QUEUE
from models.records.base import new_id
from models.records.cases import Case, QueueItem
from models.records.commands import Command
from models.records.reference import Agent, Queue
from policies.assignment import propose
from storage.repositories.threads import worked_on
from tests.support.assignment import QUEUE, are, people, staffed, worker_of
from tests.support.correspondence import mail
from tests.support.desks import Desk, DeskFactory
from tests.support.hands import activities, run
from tests.support.organisations import add, settings

NOW = datetime(2031, 3, 27, 19, 0, tzinfo=UTC)
"""A Thursday evening."""
PRIORITIES = ("high", "normal", "low")


async def waits(desk: Desk, minutes: int, queue: str = QUEUE, **fields: Any) -> UUID:
    """A case that has waited in the queue so long; the id of its item."""
    item_fields = {name: fields.pop(name) for name in ("released_by", "overflowed_from") if name in fields}
    entered = NOW - timedelta(minutes=minutes)
    async with desk.house.database.write() as session:
        new = NewCase(title="It does not pair", origin="phone", **fields)
        case = await session.get_one(Case, (await insert_opening(session, new, entered, prefix="CAS")).id)
        case.status, case.queue = CaseStatus.ACTIVE, queue
        place = (await session.scalars(select(Queue.id).where(Queue.slug == queue))).one()
        item = QueueItem(id=new_id(), case_id=case.id, queue_id=place, entered_on=entered, **item_fields)
        session.add(item)
        return item.id


async def seen(desk: Desk, now: datetime = NOW, queue: str = QUEUE) -> Any:
    async with desk.house.database.read() as session:
        return await see(session, desk.house.definitions, queue, now)


async def test_what_is_read_is_enough_for_the_policy(open_desk: DeskFactory) -> None:
    """Of each kind of item only the first are read: the policy chooses as it would among all that wait."""
    async with open_desk(work=False) as desk:
        await settings(desk, skills=["german"])
        roster = people(2, capacity=1)
        roster[0]["skills"] = {"german": 2}
        await staffed(desk, roster, ageing="30 minutes")
        async with desk.house.database.read() as session:
            agents = {row.slug: row.id for row in await session.scalars(select(Agent))}
            queue = (await session.scalars(select(Queue.id).where(Queue.slug == QUEUE))).one()
        chance = random.Random(7)
        for _ in range(40):
            needs = chance.choice([None, {"german": 2}])
            by = chance.choice([None, None, agents["five-1"]])
            priority = chance.choice(PRIORITIES)
            await waits(desk, chance.randrange(200), priority=priority, skills=needs, released_by=by)
        rule = AssignmentRule.model_validate(
            {"slug": "r", "name": "R", "queue": QUEUE, "method": "round-robin", "ageing": "30 minutes"}
        )
        given: Any = {"priorities": PRIORITIES, "overflow": None, "closed": None, "now": NOW}
        async with desk.house.database.read() as session:
            everything = [each.facts for each in await waiting(session, queue, first=1000, **given)]
            few = [each.facts for each in await waiting(session, queue, first=2, **given)]
            found = await agents_of(session, queue, {})
        assert (len(everything), len(found)) == (40, 2)
        assert len(few) < 40
        assert [item.place for item in everything] == list(range(40))
        assert propose(rule, few, found, NOW) == propose(rule, everything, found, NOW)
        assert len(propose(rule, few, found, NOW)) == 2


async def test_overflow_by_hours_by_length_and_by_wait(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        overflow = {"to": ["standard", "gold"], "out_of_hours": "lunch-break", "longest_queue": 3}
        await staffed(desk, people(1), online=False, overflow={**overflow, "longest_wait": "10 hours"})
        ends = {"to": ["inbox"], "longest_queue": 1}
        await add(desk, {"assignment_rules": [{"slug": "s", "name": "S", "queue": "standard", "overflow": ends}]})
        # In Berlin, an hour ahead of UTC, the desk closes at 16:00 UTC, three hours ago.
        old, older = await waits(desk, 60 * 9), await waits(desk, 60 * 11)
        late, moved = await waits(desk, 179), await waits(desk, 60, overflowed_from=new_id())
        plan = await seen(desk)
        assert [(move.item, move.to) for move in plan.moves] == [(late, "standard")]
        assert (plan.waiting, plan.proposals) == (4, ())
        assert plan.moves[0].why == "it came outside the hours of 'lunch-break'"
        # In its hours: what has waited too long, and nothing for the length, because only two are left before the last.
        morning = await seen(desk, NOW + timedelta(hours=14, minutes=30))
        assert {move.item for move in morning.moves} == {old, older, late}, "all three have waited ten hours by then"
        assert [move.to for move in morning.moves] == ["standard", "gold", "gold"], "the first has room for one"
        assert moved not in {move.item for move in morning.moves}


async def test_the_next_look_is_when_the_clock_changes_something(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        roster = people(1, calendar="lunch-break")
        await staffed(desk, roster, overflow={"to": ["standard"], "longest_wait": "2 days"})
        assert (await seen(desk)).next_look is None, "nothing waits"
        await waits(desk, 60)
        plan = await seen(desk)
        assert (plan.moves, plan.proposals) == ((), ())
        assert plan.next_look == datetime(2031, 3, 28, 8, 0, tzinfo=UTC), "their hours begin"
        await are(desk, Presence.AWAY, "five-0")
        assert (await seen(desk)).next_look == NOW + timedelta(hours=47), "it will have waited two days"
        assert await seen(desk, queue="gold") is None, "a queue without a rule does nothing by itself"


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """What is read is read on both engines by turns: each test needs one."""
    engine = "sqlite" if "repeated" in request.node.name else "postgres"
    url: str = request.getfixturevalue(f"{engine}_url")
    return url


async def test_a_case_that_has_not_answered_is_passed_over_and_looked_at_again(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        await staffed(desk, people(1))
        await waits(desk, 2)
        await waits(desk, 1)
        first, second = (await seen(desk)).proposals
        look = LookInput(id=new_id(), slug=QUEUE, now=NOW)
        desk.house.looks.patience = timedelta(seconds=0.2)
        died = await run(activities(desk)["look_at_queue"], look)
        assert (died.given, len(died.failed)) == (0, 2), "nobody works, so that no case answers"
        passed = await seen(desk)
        assert (passed.waiting, passed.proposals) == (2, ())
        assert passed.next_look == NOW + timedelta(minutes=1), "what they will say is no news to the queue"
        async with desk.house.database.write() as session:
            # As their runs, or housekeeping, refuse a command for which nobody waits any more.
            await session.execute(update(Command).values(state="refused"))
        again = await seen(desk)
        assert ([each.item for each in again.proposals], again.next_look) == ([first.item, second.item], None)


async def test_a_look_that_died_is_repeated_and_its_commands_are_the_same(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        await staffed(desk, people(1), online=False)
        case = await desk.insert(opening_mail_id=(await mail(desk)).id)
        await desk.house.dispatcher.open(case.id, case.number, case.origin)
        (worker,) = make_workers(desk.house, queues=(CASES_QUEUE,), runner=sandbox())
        async with worker:
            await desk.until_status(case.number, CaseStatus.ACTIVE)
            await desk.settled(case.number)
        await are(desk, Presence.ONLINE, "five-0")
        look, given = activities(desk)["look_at_queue"], LookInput(id=new_id(), slug=QUEUE, now=datetime.now(UTC))
        desk.house.looks.patience = timedelta(seconds=0.2)
        died = await run(look, given)
        assert (died.given, len(died.failed)) == (0, 1), "nobody works, so that no case answers"
        desk.house.looks.patience = timedelta(seconds=30)
        async with make_workers(desk.house, queues=(CASES_QUEUE,), runner=sandbox())[0]:
            again = await run(look, given)
            assert (again.given, again.failed) == (1, ())
            assert await worker_of(desk, case.number) == "five-0"
            async with desk.house.database.read() as session:
                assert await session.scalar(select(func.count()).select_from(Command)) == 1
                begun = await worked_on(session, [case.id])
            assert not begun, "nobody has begun, so that a mail may still show it to be part of another case"
            await desk.send("five-0", case.number, CommandKind.NOTE, NoteBody(text="The button."))
            async with desk.house.database.read() as session:
                assert await worked_on(session, [case.id]) == {case.id}
            await desk.clear()
