"""Housekeeping on a real server and both databases: what it finds, and that it adds nothing where there is nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url, update
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.housekeeping import HousekeepingActivities
from bootstrap import ensure_running, make_workers, sandbox
from cases.opener import NewCase, insert_case
from cases.sweeps import DeliverySweep, OverdueSweep
from engine.housekeeping import Housekeeper
from engine.standing import RETIRED_SCHEDULES, RETIRED_WORKFLOWS, ensure_housekeeping
from models.messages.names import CASES_QUEUE, HOUSEKEEPING_ID, WEBHOOKS_ID
from models.records.base import Record, new_id
from models.records.promises import KpiRow
from models.records.reference import Mailbox
from storage.figures.sweep import FigureSweep
from tests.support.desks import OPENED_ON, DeskFactory
from tests.support.mailroom import NOW, Case, Delivery, Mailroom, open_mailroom
from tests.support.waiting import until
from workflows.housekeeping import HousekeepingWorkflow

MOMENT = timedelta(milliseconds=5)
ROUNDS_AN_HOUR = 3600 // 5
"""Of an idle house: a round every five seconds."""


@dataclass
class Rounds:
    """A sweep that finds nothing, and counts how often it was asked."""

    count: int = 0

    async def sweep(self) -> int:
        self.count += 1
        return 0


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        yield room


@pytest.fixture
async def client(temporal: WorkflowEnvironment) -> AsyncIterator[Client]:
    """The server's client; what has one id for the whole house is ended after the test."""
    yield temporal.client
    for id in (HOUSEKEEPING_ID, WEBHOOKS_ID):
        with suppress(RPCError):  # it was not begun, or has ended
            await temporal.client.get_workflow_handle(id).terminate("the test is over")


def rows_of(database: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows by table, so that a failure says what was written."""
    return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in Record.metadata.tables}  # noqa: S608 - our own tables


def worker(client: Client, queue: str, housekeeper: Housekeeper) -> Worker:
    activity = HousekeepingActivities(housekeeper).keep_house
    return Worker(
        client,
        task_queue=queue,
        workflows=[HousekeepingWorkflow],
        activities=[activity],
        workflow_runner=sandbox(),
    )


async def case_of(room: Mailroom, age: timedelta) -> Case:
    """A case that was opened that long ago, and has not heard of it."""
    async with room.database.write() as session:
        case, delivery = await insert_case(session, NewCase(title="Printer", origin="phone"), NOW, prefix="CAS")
        delivery.recorded_at = datetime.now(UTC) - age
    return case


async def test_undone_deliveries_are_dispatched_again_oldest_first(room: Mailroom) -> None:
    younger, older = await case_of(room, timedelta(seconds=20)), await case_of(room, timedelta(seconds=30))
    await case_of(room, timedelta(0))
    done = await case_of(room, timedelta(seconds=40))
    async with room.database.write() as session:
        await session.execute(update(Delivery).where(Delivery.case_id == done.id).values(done=True))
        mail = Delivery(
            id=new_id(), case_id=older.id, number=older.number, kind="mail", subject_id=uuid4(), recorded_at=NOW
        )
        session.add(mail)
    assert await DeliverySweep(room.database, room.told).sweep() == 3
    assert room.told.opened == [older.number, younger.number]
    assert room.told.delivered == [(older.number, mail.id)]


async def test_a_delivery_that_stays_undone_is_repeated_ever_more_seldom(room: Mailroom) -> None:
    """A case that cannot confirm must not get a signal with every round."""
    case, seconds = await case_of(room, timedelta(seconds=20)), 0.0
    sweep = DeliverySweep(room.database, room.told, clock=lambda: seconds)
    repeated: list[float] = []
    while seconds < 1400:
        if await sweep.sweep():
            repeated.append(seconds)
        seconds += 5
    assert repeated == [0, 5, 15, 35, 75, 155, 315, 615, 915, 1215]
    assert room.told.opened == [case.number] * len(repeated)
    async with room.database.write() as session:
        await session.execute(update(Delivery).values(done=True))
    seconds += 600
    assert await sweep.sweep() == 0


async def test_many_that_are_stuck_hide_no_younger_one(room: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.sweeps.DELIVERIES_A_SWEEP", 2)
    cases = [await case_of(room, timedelta(seconds=60 - number)) for number in range(5)]
    sweep = DeliverySweep(room.database, room.told, clock=lambda: 0.0)
    assert [await sweep.sweep() for _ in range(4)] == [2, 2, 1, 0]
    assert room.told.opened == [case.number for case in cases]


async def test_a_delivery_that_cannot_be_made_leaves_the_others_alone(room: Mailroom) -> None:
    cases = [await case_of(room, timedelta(seconds=20 - number)) for number in range(3)]
    told = room.told

    class Failing(type(told)):  # type: ignore[misc]
        async def open(self, case_id: object, number: str, origin: str) -> None:
            if number == cases[0].number:
                raise RuntimeError("a fault of ours")
            await super().open(case_id, number, origin)

    failing = Failing()
    sweep = DeliverySweep(room.database, failing)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        await sweep.sweep()
    await until(lambda: failing.opened == [case.number for case in cases[1:]])
    assert await sweep.sweep() == 0, "the one that fails is not tried with every round"


@pytest.mark.parametrize(
    ("status", "warning", "failure", "found"),
    [
        ("in-progress", -120, 600, 1),
        ("in-progress", -10, 600, 0),
        ("nearing-noncompliance", -120, 600, 0),
        ("nearing-noncompliance", -240, -120, 1),
        ("in-progress", None, -120, 1),
        ("paused", -240, -120, 0),
        ("succeeded", -240, -120, 0),
    ],
)
async def test_overdue_deadlines_are_counted(
    room: Mailroom, status: str, warning: int | None, failure: int, found: int
) -> None:
    case, now = await case_of(room, timedelta(0)), datetime.now(UTC)
    row = KpiRow(
        id=new_id(),
        case_id=case.id,
        kpi="first-response",
        status=status,
        body={},
        warning_at=None if warning is None else now + timedelta(seconds=warning),
        failure_at=now + timedelta(seconds=failure),
    )
    await room.add(row)
    seconds = 0.0
    sweep = OverdueSweep(room.database, clock=lambda: seconds)
    assert await sweep.sweep() == 0, "it has nothing done"
    assert sweep.overdue == ({(case.number, "first-response")} if found else set())
    async with room.database.write() as session:
        await session.execute(update(Case).values(status="resolved"))
    seconds = 29.0
    await sweep.sweep()
    assert len(sweep.overdue) == found, "it looks every half minute"
    seconds = 30.0
    await sweep.sweep()
    assert sweep.overdue == set()


async def test_what_nobody_told_is_told_by_one_worker_and_after_its_end_by_the_other(
    room: Mailroom, client: Client
) -> None:
    queue, first, second = f"cases-{uuid4()}", Rounds(), Rounds()
    deliveries = DeliverySweep(room.database, room.told)
    await ensure_housekeeping(client, task_queue=queue)
    async with worker(client, queue, Housekeeper([second, deliveries], quick=MOMENT, slow=MOMENT)):
        # A client has one worker a task queue, as a process has one client.
        other = await Client.connect(client.service_client.config.target_host, data_converter=client.data_converter)
        async with worker(other, queue, Housekeeper([first, deliveries], quick=MOMENT, slow=MOMENT)):
            await until(lambda: first.count + second.count >= 20)
            idle = second if first.count else first
            assert idle.count == 0
            case = await case_of(room, timedelta(seconds=30))
            await until(lambda: case.number in room.told.opened)
            assert idle.count == 0
        # Whichever it was: from here on there is one worker, and it goes on.
        counted = second.count
        await until(lambda: second.count >= counted + 20)
    history = await client.get_workflow_handle(HOUSEKEEPING_ID).fetch_history()
    await Replayer(
        workflows=[HousekeepingWorkflow], data_converter=client.data_converter, workflow_runner=sandbox()
    ).replay_workflow(history)


async def test_after_its_hours_it_goes_on_in_a_new_run(room: Mailroom, client: Client) -> None:
    queue, rounds = f"cases-{uuid4()}", Rounds()
    housekeeper = Housekeeper([rounds], quick=MOMENT, slow=MOMENT, longest=timedelta(seconds=0.3))
    await ensure_housekeeping(client, task_queue=queue)
    first = (await client.get_workflow_handle(HOUSEKEEPING_ID).describe()).run_id
    async with worker(client, queue, housekeeper):

        async def goes_on() -> bool:
            now = await client.get_workflow_handle(HOUSEKEEPING_ID).describe()
            return now.run_id != first and now.status is WorkflowExecutionStatus.RUNNING

        await until(goes_on)
        counted = rounds.count
        await until(lambda: rounds.count > counted)
    ended = await client.get_workflow_handle(HOUSEKEEPING_ID, run_id=first).describe()
    assert ended.status is WorkflowExecutionStatus.CONTINUED_AS_NEW


async def test_a_start_takes_away_what_housekeeping_has_replaced(open_desk: DeskFactory, client: Client) -> None:
    schedule = RETIRED_SCHEDULES[0]
    action = ScheduleActionStartWorkflow(RETIRED_WORKFLOWS[0], id=schedule, task_queue=f"nobody-{uuid4()}")
    await client.create_schedule(schedule, Schedule(action=action, spec=ScheduleSpec()))
    async with open_desk(work=False) as desk:
        async with desk.house.database.write() as session:
            await session.execute(update(Mailbox).values(active=False))
        await ensure_running(desk.house)
    with pytest.raises(RPCError, match="not found"):
        await client.get_schedule_handle(schedule).describe()
    assert (await client.get_workflow_handle(HOUSEKEEPING_ID).describe()).status is WorkflowExecutionStatus.RUNNING


async def runs_of(client: Client) -> list[tuple[str, str, str]]:
    """Every execution that the server has ever seen: id, run and state."""
    return sorted([(run.id, run.run_id, str(run.status)) async for run in client.list_workflows()])


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_an_idle_hour_adds_no_run_no_event_and_no_row(
    open_desk: DeskFactory, client: Client, database_url: str
) -> None:
    """An hour of a desk without a mailbox and with one open case, during which nothing is to be done.

    The server skips time for one workflow at a time, and never for one whose activity runs, as that of housekeeping
    always does. So the hour is passed in two halves. The case's own clock is moved an hour forward while housekeeping
    runs beside it. Housekeeping then makes as many rounds as it makes in an hour (one every five seconds, 720), with the
    pause between them shortened and nothing else changed; its run lasts six hours by its own clock, which
    `test_after_its_hours_it_goes_on_in_a_new_run` looks at. On SQLite, which can tell whether anybody has written.
    """
    async with open_desk(organisation="tests/organisations/desk.yaml", work=False) as desk:
        house, rounds = desk.house, Rounds()
        house.housekeeper.sweeps = [*house.housekeeper.sweeps, rounds]
        house.housekeeper.quick = house.housekeeper.slow = MOMENT
        (figures,) = [each for each in house.housekeeper.sweeps if isinstance(each, FigureSweep)]
        figures.every = 0
        async with house.database.write() as session:
            await session.execute(update(Mailbox).values(active=False))
        (cases,) = make_workers(house, queues=(CASES_QUEUE,))
        async with cases:
            await ensure_running(house)
            number = await desk.open()
            await until(lambda: rounds.count > 0)

            async def contract_is_kept() -> bool:
                return (await desk.entitlement("care")).due_on is not None

            async def figures_are_counted() -> bool:
                return await figures.step() == 0

            await until(contract_is_kept)
            before = await runs_of(client)
            await desk.forward_to(number, OPENED_ON + timedelta(hours=1))
            await until(figures_are_counted)
            kept = client.get_workflow_handle(HOUSEKEEPING_ID)
            history = await kept.fetch_history()
            with closing(sqlite3.connect(make_url(database_url).database or "")) as looking:
                version, rows = looking.execute("PRAGMA data_version").fetchone(), rows_of(looking)
                counted = rounds.count
                await until(lambda: rounds.count >= counted + ROUNDS_AN_HOUR)
                written = [table for table, found in rows_of(looking).items() if found != rows[table]]
                assert (looking.execute("PRAGMA data_version").fetchone(), written) == (version, [])
            assert await runs_of(client) == before
            events = [event.event_type for event in (await kept.fetch_history()).events]
            assert events == [event.event_type for event in history.events]
            # The start of an activity is written when it ends: these four are all that its six hours add.
            assert events == [
                EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
                EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
                EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
                EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
                EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
            ]
        await desk.clear()
