"""Waiting until the runs of a desk's cases have nothing left to do but wait."""

from __future__ import annotations

from collections.abc import Iterable

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from tests.support.desks import Desk
from tests.support.waiting import until


async def at_rest(desk: Desk, numbers: Iterable[str], bound: float = 60.0) -> None:
    """Every signal was heard and every activity has ended, also of what no row speaks of: a repeated delivery."""
    working = dict.fromkeys(numbers, "")

    async def all_rest() -> bool:
        for number in sorted(working):
            working[number] = await _work_of(desk, number)
            if working[number]:
                return False
            del working[number]
        return True

    try:
        await until(all_rest, bound)
    except TimeoutError:
        raise AssertionError(f"no rest after {bound} s: {working}") from None


async def _work_of(desk: Desk, number: str) -> str:
    """What the case's run still has to do, in words; empty if there is nothing."""
    try:
        found = await desk.handle(number).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return ""
        raise
    if found.status is not WorkflowExecutionStatus.RUNNING:
        return ""
    raw = found.raw_description
    if raw.HasField("pending_workflow_task"):
        return f"workflow task, attempt {raw.pending_workflow_task.attempt}"
    return "; ".join(
        f"{activity.activity_type.name}, attempt {activity.attempt}: {activity.last_failure.message}"
        for activity in raw.pending_activities
    )
