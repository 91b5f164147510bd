"""What everything is measured beside: empty workflows a second, and an empty update on a running empty workflow."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from activities.dispatch import start_options
from benchmarks.empty import EMPTY_QUEUE, EMPTY_WORKFLOW, RESTING_WORKFLOW, TOUCH_UPDATE
from benchmarks.load import at_once
from benchmarks.site import Site
from models.messages.cases import CaseStart


async def empty_starts(site: Site, count: int) -> float:
    """Empty workflows a second, from start to result, with a case's summary and search attributes."""
    seconds = await at_once([lambda: _execute(site) for _ in range(count)])
    return count / seconds


async def _execute(site: Site) -> None:
    await site.house.client.execute_workflow(EMPTY_WORKFLOW, *_argument_and_options()[0], **_argument_and_options()[1])


async def resting(site: Site, count: int) -> list[WorkflowHandle[Any, Any]]:
    """Running empty workflows, each of which has answered an update already, as a case has been opened already."""
    handles = await asyncio.gather(*(_rest(site) for _ in range(count)))
    await at_once([handle_touch(handle) for handle in handles])
    return list(handles)
