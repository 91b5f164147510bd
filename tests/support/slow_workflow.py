"""A workflow whose thread the machine leaves without time for a while."""

from __future__ import annotations

import time

from temporalio import workflow


@workflow.defn
class LeftWithoutTime:
    """In a file of its own, so that the workflow's code brings nothing of the tests."""

    @workflow.run
    async def run(self, seconds: float) -> str:
        time.sleep(seconds)  # noqa: ASYNC251  # the thread itself is held up, as by a machine that does something else
        return "done"
