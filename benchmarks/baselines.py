"""What everything is measured beside: empty workflows a second, and an empty update on a running empty workflow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from benchmarks.empty import EMPTY_QUEUE, EMPTY_WORKFLOW, RESTING_WORKFLOW, TOUCH_UPDATE
from benchmarks.load import at_once
from engine.dispatch import start_options
from models.messages.cases import CaseStart

Handle = WorkflowHandle[Any, Any]


def _start() -> tuple[CaseStart, dict[str, Any]]:
    """A case's start argument, summary and search attributes, for a workflow that has no use for them."""
    id = uuid4()
    number = f"EMP-00000-{id.hex[:12].upper()}"
    return CaseStart(case_id=id, number=number), start_options(number, "web") | {"task_queue": EMPTY_QUEUE}


async def empty_starts(client: Client, count: int) -> float:
    """Empty workflows a second, each from its start to its result."""

    async def execute() -> None:
        argument, options = _start()
        await client.execute_workflow(EMPTY_WORKFLOW, argument, **options)

    return count / await at_once([execute] * count)


async def resting(client: Client, count: int) -> list[Handle]:
    """Running empty workflows that have answered once already, as a case has been opened before it is picked."""

    async def start() -> Handle:
        argument, options = _start()
        return await client.start_workflow(RESTING_WORKFLOW, argument, **options)

    handles = await asyncio.gather(*(start() for _ in range(count)))
    await empty_updates(handles)
    return handles


async def empty_updates(handles: Sequence[Handle]) -> float:
    """Empty updates a second, one on each workflow."""
    return len(handles) / await at_once([lambda handle=handle: touch(handle) for handle in handles])  # type: ignore[misc]  # a lambda with a default


async def touch(handle: Handle) -> None:
    await handle.execute_update(TOUCH_UPDATE)
