"""Thirty commands at once on one case go in order: none runs into the engine's limit of ten, which would make it wait."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig

from engine.commands import CommandSender
from models.messages.names import case_workflow_id
from models.records.commands import Command
from tests.support.asking import Http, asked
from tests.support.desks import Desk, DeskFactory
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("patience")

NOTES = 30
EARLIER = 65
"""With so many commands before, some of thirty stayed pending for good before there was a gate."""


async def watched(desk: Desk) -> Callable[[], int]:
    """Send this desk's commands through a client whose requests are counted: how many updates the engine put off.

    Beyond its limit it answers RESOURCE_EXHAUSTED, or aborts updates that it had taken already (UNAVAILABLE).
    """
    buffer = MetricBuffer(100_000)
    client = await Client.connect(
        desk.house.client.service_client.config.target_host,
        data_converter=pydantic_data_converter,
        runtime=Runtime(telemetry=TelemetryConfig(metrics=buffer)),
    )
    desk.house.sender = CommandSender(client, desk.house.sender.proof)

    def put_off() -> int:
        failures = (each for each in buffer.retrieve_updates() if each.metric.name == "temporal_long_request_failure")
        return sum(
            int(each.value) for each in failures if each.attributes.get("operation") == "UpdateWorkflowExecution"
        )

    return put_off


async def note(http: Http, number: str, text: str) -> int:
    return (await http("grace", "POST", f"/cases/{number}/notes", {"text": text}, Idempotency_Key=text)).status_code


@pytest.mark.parametrize("earlier", [0, EARLIER])
async def test_thirty_notes_at_once_are_all_done_and_none_is_put_off(open_desk: DeskFactory, earlier: int) -> None:
    async with open_desk() as desk:
        put_off = await watched(desk)
        number = await desk.open()
        async with asked(desk) as http:
            for n in range(earlier):
                assert await note(http, number, f"earlier {n}") == 201
            answers = await asyncio.gather(*(note(http, number, f"at once {n}") for n in range(NOTES)))
        assert Counter(answers) == {201: NOTES}
        assert put_off() == 0
        assert len(desk.house.sender.gates) == 0, "nobody is left, so nothing is kept"
        assert len(await desk.timeline(number, "note")) == earlier + NOTES
        async with desk.house.database.read() as session:
            assert set(await session.scalars(select(Command.state))) == {"done"}


async def test_the_figure_is_another_than_zero_where_more_wait_than_the_engine_takes(open_desk: DeskFactory) -> None:
    """Nobody works here, so that none of them is ever done: the eleventh is put off, however quick the machine is."""
    async with open_desk(work=False) as desk:
        put_off = await watched(desk)
        case = await desk.insert()
        await desk.house.dispatcher.open(case.id, case.number, case.origin)
        handle = desk.house.sender.client.get_workflow_handle(case_workflow_id(case.number))
        waiting = [asyncio.create_task(handle.execute_update("note", n, id=f"note-{n}")) for n in range(NOTES)]
        try:
            await until(lambda: put_off() > 0)
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            await desk.clear()
