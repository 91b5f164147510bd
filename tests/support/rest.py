"""Waiting until the runs of a desk's cases have nothing left to do but wait."""

from __future__ import annotations

from collections.abc import Iterable

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from tests.support.desks import Desk
from tests.support.waiting import until


async def at_rest(desk: Desk, numbers: Iterable[str], bound: float = 60.0) -> None:
    """Every signal was heard and every activity has ended, also of what no row speaks of: a repeated delivery."""
    working = set(numbers)

    async def all_rest() -> bool:
        for number in sorted(working):
            if not await _rests(desk, number):
                return False
            working.discard(number)
        return True

    await until(all_rest, bound)


async def _rests(desk: Desk, number: str) -> bool:
    try:
        found = await desk.handle(number).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return True
        raise
    if found.status is not WorkflowExecutionStatus.RUNNING:
        return True
    raw = found.raw_description
    return not raw.HasField("pending_workflow_task") and not raw.pending_activities
