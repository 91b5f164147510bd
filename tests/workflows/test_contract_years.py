"""A contract whose end is decades ahead: its timer survives that its run goes on as a new one, and other workers (temporal 1.4).

On a server of its own, which suggests a new run after a few dozen events instead of 4,096.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from bootstrap import make_workers, sandbox
from engine.contracts import ContractTeller
from models.messages.names import CASES_QUEUE, entitlement_workflow_id
from tests.support.contracts import Contracts
from tests.support.desks import DeskFactory
from tests.support.temporal import time_skipping_server
from tests.support.waiting import until
from tests.workflows.test_contract_warnings import letters
from tests.workflows.test_entitlement import day

SUGGESTED_AFTER = 40
YEAR = 365


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with time_skipping_server({"limit.historyCount.suggestContinueAsNew": str(SUGGESTED_AFTER)}) as environment:
        yield environment


async def test_an_end_that_is_decades_ahead(open_desk: DeskFactory, cached: int) -> None:
    async with open_desk(work=False, cached=cached) as desk:
        contracts = Contracts(desk, datetime.now(UTC))

        async def runs(id: object) -> list[WorkflowExecutionStatus | None]:
            found = desk.house.client.list_workflows(f"WorkflowId = '{entitlement_workflow_id(id)}'")  # type: ignore[arg-type]
            return [run.status async for run in found]

        (first,) = make_workers(desk.house, queues=(CASES_QUEUE,), runner=sandbox())
        async with first:
            id = await contracts.make("long", day(-3), day(60 * YEAR), owner="grace", warnings=[{"days_left": YEAR}])
            due = (await contracts.stands("long", "active")).due_on
            assert due is not None
            teller = ContractTeller(desk.house.client)

            async def continued() -> bool:
                await teller.tell(id, "long")
                await contracts.settled(id)
                return WorkflowExecutionStatus.CONTINUED_AS_NEW in await runs(id)

            await until(continued)
        # Another worker, which has none of it in memory, works from then on.
        (second,) = make_workers(desk.house, queues=(CASES_QUEUE,), runner=sandbox())
        async with second:
            await contracts.forward_to(id, due)

            async def told() -> bool:
                return bool(await letters(desk))

            await until(told)
            await contracts.settled(id)
            assert await letters(desk) == [("grace@desk.example", f"long: {YEAR} days left")]
            end = (await contracts.row("long")).due_on
            assert end is not None
            assert (end - due).days in (YEAR - 1, YEAR)
            await contracts.forward_to(id, end)
            await contracts.stands("long", "expired", timed=False)
            await contracts.is_over(id)
        assert (await runs(id)).count(WorkflowExecutionStatus.COMPLETED) == 1
        assert await contracts.replay() >= 2
