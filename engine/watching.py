"""The frame of an endless activity: heartbeats from its own loop, leaves when the worker does, ends after hours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

SIX_HOURS = timedelta(hours=6)
"""After which the activity returns, so that the workflow can continue as new."""
LONGEST_SILENCE = 20.0
"""Seconds between two heartbeats of an idle loop."""
HANDOVER_AFTER = timedelta(milliseconds=100)

T = TypeVar("T")


class Watch:
    """Entered by the activity for as long as it runs.

    Heartbeats come from the loop itself: a task beside it would keep a hung loop alive for ever.
    """

    def __init__(self, longest: timedelta = SIX_HOURS) -> None:
        loop = asyncio.get_running_loop()
        self._loop, self._end = loop, loop.time() + longest.total_seconds()
        timeout = activity.info().heartbeat_timeout
        self.slice = min(LONGEST_SILENCE, timeout.total_seconds() / 3 if timeout else LONGEST_SILENCE)
        """Seconds that the loop may wait without a heartbeat."""
        self._shutdown: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._shutdown = asyncio.create_task(activity.wait_for_worker_shutdown())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shutdown is not None:
            self._shutdown.cancel()
            await asyncio.gather(self._shutdown, return_exceptions=True)

    @property
    def over(self) -> bool:
        return self._loop.time() >= self._end

    def beat(self, *details: Any) -> None:
        """A sign of life; a worker that shuts down hands the activity over to the next one here."""
        activity.heartbeat(*details)
        if activity.is_worker_shutdown():
            raise ApplicationError(
                "the worker shuts down",
                type="Handover",
                next_retry_delay=HANDOVER_AFTER,
                category=ApplicationErrorCategory.BENIGN,
            )

    async def wait(self, waiting: Awaitable[Any], seconds: float | None) -> None:
        """Until `waiting` is done, the seconds are over, or the worker shuts down.

        At most one slice; None where `waiting` keeps to that itself.
        """
        if self._shutdown is None:
            raise RuntimeError("the watch was not entered")
        task = asyncio.ensure_future(waiting)
        try:
            timeout = None if seconds is None else min(seconds, self.slice)
            await asyncio.wait({task, self._shutdown}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def during(self, work: Coroutine[Any, Any, T], longest: timedelta) -> T:
        """The result of `work`, with heartbeats meanwhile.

        TimeoutError after so long: without a bound the heartbeats would keep a hung call alive for ever.
        """
        task = asyncio.create_task(work)
        try:
            async with asyncio.timeout(longest.total_seconds()):
                while not task.done():
                    await asyncio.wait({task}, timeout=self.slice)
                    self.beat()
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def pause(self, seconds: float, *details: Any) -> None:
        """Sleep with heartbeats."""
        end = self._loop.time() + seconds
        while (left := end - self._loop.time()) > 0 and not self.over:
            self.beat(*details)
            await self.wait(asyncio.sleep(left), left)
        self.beat(*details)
