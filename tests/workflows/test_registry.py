"""Every workflow, warm and with a cache of none, and its history replays; generated from what the workers register.

A new workflow without a scenario here fails. What each of them does in detail stands in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from bootstrap import WORKFLOWS, make_workers, sandbox
from desk.bulk import BulkDesk
from desk.reference.article_life import expire
from desk.reference.records import Edit
from engine.articles import ArticleTeller
from engine.contracts import ContractTeller
from engine.operations import OperationStarter
from engine.standing import ensure_housekeeping, ensure_mailbox_workflows, ensure_webhooks
from letters.posting import Poster
from models.messages.api_cases import ReplyBody
from models.messages.articles import ExpireBody
from models.messages.assignment import Presence
from models.messages.cases import CaseStatus, CommandKind
from models.messages.families import MergeBody
from models.messages.names import (
    HOUSEKEEPING_ID,
    WEBHOOKS_ID,
    article_workflow_id,
    entitlement_workflow_id,
    family_workflow_id,
    mailbox_workflow_id,
    operation_workflow_id,
    outbox_workflow_id,
    queue_workflow_id,
)
from models.messages.operations import BulkAction, BulkBody
from models.records.commands import Delivery
from tests.support.articles import Articles
from tests.support.assignment import are, worker_of
from tests.support.correspondence import CUSTOMER, SUPPORT
from tests.support.desks import COLD, WARM, Desk, DeskFactory
from tests.support.mailboxes import arrived, mail_server, served
from tests.support.mailroom import letter
from tests.support.organisations import add
from tests.support.receiver import receiving
from tests.support.scenario import Scenario
from tests.support.steps import webhook
from tests.support.waiting import until
from workflows.article import ArticleWorkflow
from workflows.case import CaseWorkflow
from workflows.entitlement import EntitlementWorkflow
from workflows.family import FamilyWorkflow
from workflows.housekeeping import HousekeepingWorkflow
from workflows.mailbox import MailboxWorkflow
from workflows.operation import OperationWorkflow
from workflows.outbox import OutboxWorkflow
from workflows.queue import QueueWorkflow
from workflows.webhooks import WebhookWorkflow

REGISTERED = [workflow for queue in WORKFLOWS.values() for workflow in queue]


async def case(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    return desk.handle(await Scenario(desk).play())


async def mailbox(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    async with mail_server(folder) as hub:
        job = await served(desk, hub)
        await ensure_mailbox_workflows(desk.house.client, [job])
        await hub.deliver(SUPPORT, letter(to=SUPPORT))

        async def opened() -> bool:
            numbers = await desk.numbers()
            return bool(numbers) and (await desk.case(numbers[0])).status == CaseStatus.ACTIVE

        await until(opened)
        return await ended(desk, mailbox_workflow_id(job.slug), outbox_workflow_id(job.slug))


async def outbox(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    async with mail_server(folder) as hub:
        job = await served(desk, hub)
        number = await desk.open()
        await desk.send("grace", number, CommandKind.REPLY, ReplyBody(text="Hold the button."))
        await ensure_mailbox_workflows(desk.house.client, [job])
        await until(lambda: len(arrived(folder, CUSTOMER)) == 1)
        return await ended(desk, outbox_workflow_id(job.slug), mailbox_workflow_id(job.slug))


async def housekeeping(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    made = await desk.insert()
    async with desk.house.database.write() as session:
        long_ago = datetime.now(UTC) - timedelta(minutes=1)
        await session.execute(update(Delivery).values(recorded_at=long_ago))
    await ensure_housekeeping(desk.house.client)
    await desk.until_status(made.number, CaseStatus.ACTIVE)
    await desk.settled(made.number)
    return await ended(desk, HOUSEKEEPING_ID)


async def webhooks(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    """Told, and the case hears what became of it."""
    number = await desk.open()
    async with receiving() as receiver:
        desk.house.webhooks.poster = Poster(("127.0.0.1",))
        await webhook(desk, (await desk.case(number)).id, receiver.url("/200"))
        await ensure_webhooks(desk.house.client)

        async def heard() -> bool:
            return bool(await desk.timeline(number, "webhook-delivered"))

        await until(heard)
        await desk.settled(number)
        return await ended(desk, WEBHOOKS_ID)


async def entitlement(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    contract = await desk.entitlement("care")
    await ContractTeller(desk.house.client).tell(contract.id, contract.slug)

    async def kept() -> bool:
        return (await desk.entitlement("care")).due_on is not None

    await until(kept)
    return await ended(desk, entitlement_workflow_id(contract.id))


async def article(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    articles = Articles(desk)
    root = await articles.root("pairing")
    async with desk.house.database.write() as session:
        await expire(
            Edit(session, "mona", datetime.now(UTC)), "pairing", ExpireBody(at=datetime(2091, 1, 1, tzinfo=UTC))
        )
    assert await ArticleTeller(desk.house.client).tell(root.id, root.number)
    await articles.kept("pairing")
    return await ended(desk, article_workflow_id(root.id))


async def family(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    survivor, loser = await desk.open(), await desk.open()
    answer = await desk.send("grace", survivor, CommandKind.MERGE, MergeBody(losers=(loser,)))
    handle = desk.house.client.get_workflow_handle(family_workflow_id("merge", answer.command_id))
    assert await handle.result() == {"total": 2, "done": 2}
    assert (await desk.case(loser)).merged_into == survivor
    return handle


async def operation(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    numbers = tuple([await desk.open() for _ in range(2)])
    house = desk.house
    bulk = BulkDesk(house.database, house.definitions, OperationStarter(house.client))
    asked = await bulk.ask(
        await desk.agent("grace"), BulkBody(action=BulkAction.CANCEL, numbers=numbers), datetime.now(UTC)
    )
    handle = house.client.get_workflow_handle(operation_workflow_id(asked.id))
    assert await handle.result() == {"total": 2, "decided": 2, "ended": True}
    assert {(await desk.case(number)).status for number in numbers} == {CaseStatus.CANCELLED}
    return handle


async def queue(desk: Desk, folder: Path) -> WorkflowHandle[Any, Any]:
    """The cases are there before the rule is, so that no two runs are at work at once."""
    numbers = [await desk.open() for _ in range(2)]
    await add(desk, {"assignment_rules": [{"slug": "gold", "name": "G", "queue": "gold", "method": "least-loaded"}]})
    await are(desk, Presence.ONLINE, "grace")
    await desk.house.queues.tell("gold")

    async def given_out() -> bool:
        return [await worker_of(desk, number) for number in numbers] == ["grace", "grace"]

    await until(given_out)
    for number in numbers:
        await desk.settled(number)
    return await ended(desk, queue_workflow_id("gold"))


SCENARIOS: dict[type, Callable[[Desk, Path], Awaitable[WorkflowHandle[Any, Any]]]] = {
    CaseWorkflow: case,
    MailboxWorkflow: mailbox,
    OutboxWorkflow: outbox,
    HousekeepingWorkflow: housekeeping,
    EntitlementWorkflow: entitlement,
    ArticleWorkflow: article,
    WebhookWorkflow: webhooks,
    FamilyWorkflow: family,
    OperationWorkflow: operation,
    QueueWorkflow: queue,
}


async def ended(desk: Desk, id: str, *others: str) -> WorkflowHandle[Any, Any]:
    """Endless workflows cancelled, as an operator would; the first is the answer."""
    for each in (id, *others):
        handle = desk.house.client.get_workflow_handle(each)
        await handle.cancel()

        async def over(handle: WorkflowHandle[Any, Any] = handle) -> bool:
            return (await handle.describe()).status is WorkflowExecutionStatus.CANCELED

        await until(over)
    return desk.house.client.get_workflow_handle(id)


@asynccontextmanager
async def worked(open_desk: DeskFactory, cached: int) -> AsyncIterator[Desk]:
    """A desk with a worker on every queue."""
    async with open_desk(cached=cached, work=False) as desk, AsyncExitStack() as stack:
        for worker in make_workers(desk.house, runner=sandbox()):
            await stack.enter_async_context(worker)
        yield desk
        await desk.histories_replay()
        await desk.clear()


def test_every_workflow_has_a_scenario() -> None:
    assert set(REGISTERED) == set(SCENARIOS)


@pytest.fixture(params=[WARM, COLD], ids=["warm", "cold"])
def cached(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough, because these tests look at the runs and not at rows."""
    return sqlite_url


@pytest.mark.parametrize("workflow", REGISTERED, ids=lambda workflow: workflow.__name__)
async def test_it_runs_and_its_history_replays(
    open_desk: DeskFactory, tmp_path: Path, cached: int, workflow: type
) -> None:
    async with worked(open_desk, cached) as desk:
        handle = await SCENARIOS[workflow](desk, tmp_path)
        history = await handle.fetch_history()
        began = history.events[0].workflow_execution_started_event_attributes
        assert began.workflow_type.name == workflow.__name__
        replayer = Replayer(workflows=REGISTERED, data_converter=pydantic_data_converter, workflow_runner=sandbox())
        await replayer.replay_workflow(history)
