"""The sweeps' workflows and what keeps them running, on a real server and both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import update
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.sweeps import Sweeps
from cases.opener import NewCase, insert_case
from engine.schedules import ensure_mailbox_workflows, ensure_schedules
from models.messages.mailflow import MailboxJob, SweepResult
from models.messages.names import (
    DELIVERY_SWEEP_SCHEDULE,
    DELIVERY_SWEEP_WORKFLOW,
    OVERDUE_SWEEP_SCHEDULE,
    OVERDUE_SWEEP_WORKFLOW,
    mailbox_workflow_id,
    outbox_workflow_id,
)
from models.records.base import new_id
from models.records.cases import KpiRow
from tests.support.mailroom import NOW, Case, Delivery, Mailroom, open_mailroom
from tests.support.waiting import until
from workflows.sweeps import DeliverySweepWorkflow, OverdueSweepWorkflow


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        yield room


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
    sweeps = Sweeps(room.database, room.told)
    assert await sweeps.sweep_deliveries() == SweepResult(found=3, repeated=3)
    assert room.told.opened == [older.number, younger.number]
    assert room.told.delivered == [(older.number, mail.id)]
    assert await sweeps.sweep_deliveries() == SweepResult(found=3, repeated=3)


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
    sweeps = Sweeps(room.database, room.told)
    assert await sweeps.find_overdue() == found
    async with room.database.write() as session:
        await session.execute(update(Case).values(status="resolved"))
    assert await sweeps.find_overdue() == 0


async def test_the_schedules_are_made_once_and_sweep(room: Mailroom, temporal: WorkflowEnvironment) -> None:
    case = await case_of(room, timedelta(seconds=30))
    sweeps, queue = Sweeps(room.database, room.told), f"cases-{uuid4()}"
    client = temporal.client
    try:
        for _ in range(2):
            await ensure_schedules(client, every=timedelta(seconds=1), task_queue=queue)
        async with Worker(
            client,
            task_queue=queue,
            workflows=[DeliverySweepWorkflow, OverdueSweepWorkflow],
            activities=[sweeps.sweep_deliveries, sweeps.find_overdue],
        ):
            await until(lambda: case.number in room.told.opened)
            assert await client.execute_workflow(OVERDUE_SWEEP_WORKFLOW, id=str(uuid4()), task_queue=queue) == 0
            result = await client.execute_workflow(
                DELIVERY_SWEEP_WORKFLOW, id=str(uuid4()), task_queue=queue, result_type=SweepResult
            )
            assert result.found == 1
    finally:
        for schedule in (DELIVERY_SWEEP_SCHEDULE, OVERDUE_SWEEP_SCHEDULE):
            await client.get_schedule_handle(schedule).delete()


async def test_each_mailbox_has_its_two_workflows_once(temporal: WorkflowEnvironment) -> None:
    job = MailboxJob(mailbox_id=uuid4(), slug=f"box-{uuid4().hex[:8]}")
    client = temporal.client
    handles = [client.get_workflow_handle(name(job.slug)) for name in (mailbox_workflow_id, outbox_workflow_id)]
    try:
        runs = []
        for _ in range(2):
            await ensure_mailbox_workflows(client, [job], task_queue=f"nobody-{uuid4()}")
            runs.append([(await handle.describe()).run_id for handle in handles])
        assert runs[0] == runs[1]
        states = [(await handle.describe()).status for handle in handles]
        assert states == [WorkflowExecutionStatus.RUNNING] * 2
    finally:
        for handle in handles:
            await handle.terminate()
