"""Keeping one endless activity alive: what `MailboxWorkflow` and `OutboxWorkflow` share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType, ActivityHandle

with workflow.unsafe.imports_passed_through():
    from models.messages.mailflow import MailboxJob

LONGEST = timedelta(hours=7)
"""The activities themselves return after about six, so that the run can continue as new."""

Activity = Callable[[Any, MailboxJob], Awaitable[bool]]

RESTARTS = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=5))
"""Without an end. A mail server that is away is waited for inside the activity; what comes back here is the death of a
worker, and a mailbox whose workers died often (the attempts of six hours count) must not be blind for longer each time."""


class Keeper:
    """One endless activity, started again whenever it was asked to take in new settings.

    The activity answers True to go on in a new run, False when there is nothing to keep (mailbox gone or inactive).
    """

    def __init__(
        self, activity: Callable[[Any, MailboxJob], Awaitable[bool]], job: MailboxJob, task_queue: str
    ) -> None:
        self.activity, self.job, self.task_queue = activity, job, task_queue
        self.begun = False
        self.asked = 0
        self.stopped = 0

    async def keep(self) -> bool:
        """Until the activity has returned by itself, or the history is long enough."""
        self.begun = True
        while True:
            asked = self.asked
            handle = self._start()
            try:
                await self._done_or_asked(handle, asked)
            except asyncio.CancelledError:
                handle.cancel()
                with suppress(ActivityError):
                    await handle
                raise
            go_on = await self._end(handle)
            self.stopped = self.asked
            if self.asked == asked or workflow.info().is_continue_as_new_suggested():
                return go_on

    async def restart(self) -> None:
        """Until the activity that ran with the old settings has ended; the next one follows at once."""
        # A handler of a cold worker may run before `run` itself (sdk-python#1591).
        await workflow.wait_condition(lambda: self.begun)
        self.asked += 1
        mine = self.asked
        await workflow.wait_condition(lambda: self.stopped >= mine)

    def _start(self) -> ActivityHandle[bool]:
        return workflow.start_activity_method(
            self.activity,
            self.job,
            task_queue=self.task_queue,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=timedelta(seconds=self.job.heartbeat_seconds),
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            retry_policy=RESTARTS,
            summary=self.job.slug,
        )

    async def _done_or_asked(self, handle: ActivityHandle[bool], asked: int) -> None:
        await workflow.wait_condition(lambda: handle.done() or self.asked > asked)

    async def _end(self, handle: ActivityHandle[bool]) -> bool:
        if not handle.done():
            handle.cancel()
        try:
            return await handle
        except ActivityError as error:
            if not is_cancelled_exception(error) or self.asked == self.stopped:
                raise
            return True
