"""A desk under test: a house over a real database and server, its cases worked by a real worker, warm or cold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from bootstrap import WORKFLOWS, House, build, make_workers, sandbox
from cases.opener import NewCase, insert_case
from cases.queue_news import rules_in_force
from desk.commands import CaseDesk, CommandAnswer
from desk.identity import Identity
from desk.refusals import EngineUnavailable
from models.messages.base import Message
from models.messages.cases import CaseStatus, CommandKind
from models.messages.names import CASES_QUEUE, case_workflow_id, queue_workflow_id
from models.messages.reference import Role
from models.messages.slas import KpiInstance
from models.records.cases import Case, QueueItem
from models.records.commands import Delivery, Incident
from models.records.promises import KpiRow, LedgerEntry
from models.records.reference import Account, Agent, Contact, Entitlement
from models.records.timeline import TimelineEntry
from policies.kpi import next_clocks
from settings import Settings
from storage.engines import Database
from storage.repositories.mails import overdue_kpis
from tests.support.applied import in_force
from tests.support.waiting import BOUND, until

A_MOMENT = timedelta(seconds=1)
WARM, COLD = 1000, 0
OPENED_ON = datetime(2031, 3, 27, 9, 0, tzinfo=UTC)
"""A Thursday; on Sunday, 30 March 2031 Europe sets its clocks forward. Far from now, so that literals stay literals."""


class Desk:
    """What tests do with a desk: open cases, send commands, move one case's clock, read rows."""

    def __init__(self, house: House, temporal: WorkflowEnvironment) -> None:
        self.house, self.temporal = house, temporal
        self.commands = CaseDesk(house.database, house.sender)

    async def agent(self, slug: str) -> Identity:
        async with self.house.database.read() as session:
            row = await session.scalar(select(Agent).where(Agent.slug == slug))
            assert row is not None, f"no agent {slug}"
            return Identity(row.id, row.slug, row.name, frozenset(Role(role) for role in row.roles))

    async def insert(self, now: datetime = OPENED_ON, **fields: Any) -> Case:
        """A case's row and delivery, as an opener leaves them; nobody was told yet."""
        async with self.house.database.write() as session:
            account = await session.scalar(select(Account).order_by(Account.id).limit(1))
            contact = await session.scalar(select(Contact).order_by(Contact.id).limit(1))
            assert account is not None
            assert contact is not None
            given = {"title": "It does not pair", "origin": "phone", "account_id": account.id, "contact_id": contact.id}
            case, _ = await insert_case(session, NewCase(**{**given, **fields}), now, prefix="CAS")
            return case

    async def open(self, now: datetime = OPENED_ON, **fields: Any) -> str:
        """The number of a case that has passed all parts of the opening."""
        case = await self.insert(now, **fields)
        await self.house.dispatcher.open(case.id, case.number, case.origin)
        await self.until_status(case.number, CaseStatus.ACTIVE)
        await self.settled(case.number)
        return case.number

    async def send(
        self, agent: str, number: str, kind: CommandKind, body: Message | None = None, **options: Any
    ) -> CommandAnswer:
        """Have the case do it. Raises refusals. What a busy machine keeps waiting is asked again, with the same key."""
        identity, options = await self.agent(agent), {"key": uuid4().hex} | options
        async with asyncio.timeout(BOUND):
            while True:
                with suppress(EngineUnavailable):
                    answer = await self.commands.command(identity, number, kind, body, **options)
                    if answer.version is not None:
                        return answer

    def handle(self, number: str) -> WorkflowHandle[Any, Any]:
        return self.house.client.get_workflow_handle(case_workflow_id(number))

    async def settled(self, number: str) -> WorkflowHistory:
        """The history of the case's latest run, with no workflow task under way.

        Two cases at work at once are beyond a cache of none: the SDK then cancels the local activity of one to make
        room for the other, and repeats it when the server has waited ten seconds.
        """
        handle = self.handle(number)

        async with asyncio.timeout(BOUND):
            while (await handle.describe()).raw_description.HasField("pending_workflow_task"):
                await asyncio.sleep(0.02)
        return await handle.fetch_history()

    async def forward_to(self, number: str, instant: datetime) -> None:
        """Move that case's own clock a moment past `instant`; its worker does what falls due on the way.

        A workflow task does not hold the clock as an ordinary activity does: on a slow machine the target is reached
        while the case still works at what fell due.
        """
        handle = self.handle(number)
        now = await self.temporal.get_current_time(handle)
        assert await self.temporal.fast_forward(handle, instant - now + A_MOMENT), f"{number} ended on the way"
        # A timer that was set while the clock went past it fires a moment later.
        await until(lambda: self._is_done_until(number, instant))
        await self.settled(number)

    async def _is_done_until(self, number: str, instant: datetime) -> bool:
        async with self.house.database.read() as session:
            return number not in {late for late, _ in await overdue_kpis(session, instant + A_MOMENT)}

    async def case(self, number: str) -> Case:
        async with self.house.database.read() as session:
            row = await session.scalar(select(Case).where(Case.number == number))
            assert row is not None, f"no case {number}"
            return row

    async def kpis(self, number: str) -> dict[str, list[dict[str, Any]]]:
        """Bodies of the KPI instances by KPI, oldest first."""
        case = await self.case(number)
        async with self.house.database.read() as session:
            bodies = list(await session.scalars(select(KpiRow.body).where(KpiRow.case_id == case.id)))
        found: dict[str, list[dict[str, Any]]] = {}
        for body in sorted(bodies, key=lambda body: body["ordinal"]):
            found.setdefault(body["kpi"], []).append(body)
        return found

    async def next_clock(self, number: str) -> datetime | None:
        """When the run's timer wakes for the case's promises."""
        bodies = [body for of_kpi in (await self.kpis(number)).values() for body in of_kpi]
        clocks = next_clocks(map(KpiInstance.model_validate, bodies))
        return clocks[0].due if clocks else None

    async def timeline(self, number: str, kind: str | None = None) -> list[TimelineEntry]:
        case = await self.case(number)
        async with self.house.database.read() as session:
            rows = await session.scalars(
                select(TimelineEntry).where(TimelineEntry.case_id == case.id).order_by(TimelineEntry.id)
            )
            return [row for row in rows if kind is None or row.kind == kind]

    async def items(self, number: str) -> list[QueueItem]:
        case = await self.case(number)
        async with self.house.database.read() as session:
            rows = select(QueueItem).where(QueueItem.case_id == case.id).order_by(QueueItem.id)
            return list(await session.scalars(rows))

    async def ledger(self) -> list[LedgerEntry]:
        async with self.house.database.read() as session:
            return list(await session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))

    async def entitlement(self, slug: str) -> Entitlement:
        async with self.house.database.read() as session:
            row = await session.scalar(select(Entitlement).where(Entitlement.slug == slug))
            assert row is not None, f"no entitlement {slug}"
            return row

    async def incidents(self, number: str) -> list[Incident]:
        case = await self.case(number)
        async with self.house.database.read() as session:
            rows = select(Incident).where(Incident.case_id == case.id).order_by(Incident.id)
            return list(await session.scalars(rows))

    async def deliveries(self) -> list[Delivery]:
        async with self.house.database.read() as session:
            return list(await session.scalars(select(Delivery).order_by(Delivery.id)))

    async def until_status(self, number: str, status: CaseStatus) -> None:
        async def reached() -> bool:
            return (await self.case(number)).status == status

        await until(reached)

    async def histories_replay(self) -> int:
        """Every run of every case of this desk replays; the answer is how many did."""
        replayer = Replayer(
            workflows=WORKFLOWS[CASES_QUEUE], data_converter=pydantic_data_converter, workflow_runner=sandbox()
        )
        replayed = 0
        for number in await self.numbers():
            async for run in self.house.client.list_workflows(f"WorkflowId = '{case_workflow_id(number)}'"):
                handle = self.house.client.get_workflow_handle(run.id, run_id=run.run_id)
                await replayer.replay_workflow(await handle.fetch_history())
                replayed += 1
        return replayed

    async def numbers(self) -> list[str]:
        async with self.house.database.read() as session:
            return list(await session.scalars(select(Case.number).order_by(Case.number)))

    async def clear(self) -> None:
        """End the runs that this test leaves open, so that they do not come up in another test's worker."""
        await self.house.queues.told()
        async with self.house.database.read() as session:
            rules = await rules_in_force(session, self.house.definitions)
        queues = [queue_workflow_id(slug) for slug in rules]
        for id in (*map(case_workflow_id, await self.numbers()), *queues):
            try:
                await self.house.client.get_workflow_handle(id).terminate("the test is over")
            except RPCError:
                continue  # it had completed


DeskFactory = Callable[..., AbstractAsyncContextManager[Desk]]


@asynccontextmanager
async def desk_at(
    temporal: WorkflowEnvironment,
    database_url: str,
    folder: Path,
    *,
    cached: int = WARM,
    organisation: str = "tests/organisations/desk.yaml",
    work: bool = True,
) -> AsyncIterator[Desk]:
    """A desk over a migrated database and a server that are there; with a worker on the cases queue, if `work`."""
    settings = Settings(data=folder / "data", database_url=database_url, cached_cases=cached)
    await in_force(settings, organisation)
    database = Database(settings.database)
    house = build(settings, database, temporal.client)
    desk = Desk(house, temporal)
    try:
        if not work:
            yield desk
            return
        (worker,) = make_workers(house, queues=(CASES_QUEUE,), runner=sandbox())
        async with worker:
            try:
                yield desk
                await desk.histories_replay()
            finally:
                await desk.clear()
    finally:
        await desk.commands.close()
        await database.close()


@pytest.fixture
def open_desk(temporal: WorkflowEnvironment, database_url: str, tmp_path: Path) -> DeskFactory:
    """`async with open_desk(cached=COLD, organisation="...yaml") as desk:`, see `desk_at`."""
    return partial(desk_at, temporal, database_url, tmp_path)


@pytest.fixture(params=[WARM, COLD], ids=["warm", "cold"])
async def desk(request: pytest.FixtureRequest, open_desk: DeskFactory) -> AsyncIterator[Desk]:
    """The tests' organisation, on both databases, with cases kept in memory and with a cache of none."""
    async with open_desk(cached=request.param) as made:
        yield made
