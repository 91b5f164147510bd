"""Ctrl-C and `kill`: everything is taken down in order, once; a second Ctrl-C ends at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starting.logs import log_errors_of

INTERRUPTED = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopping:
    """While `wait` is awaited a signal is the ordinary end; at any other time it cuts the work short."""

    def __init__(self, task: asyncio.Task[Any], loop: asyncio.AbstractEventLoop) -> None:
        self._task, self._loop = task, loop
        self._waiting = False
        self._stop = asyncio.Event()

    @property
    def asked(self) -> bool:
        return self._stop.is_set()

    async def wait(self, other: Awaitable[str]) -> str | None:
        """Until a signal (None), or until `other` has an answer."""
        self._waiting = True
        tasks = [asyncio.ensure_future(self._stop.wait()), asyncio.ensure_future(other)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            answer = tasks[1].result() if tasks[1].done() else None
            return str(answer) if answer is not None else None
        finally:
            self._waiting = False
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def ask(self) -> None:
        self._stop.set()
        for each in SIGNALS:
            self._loop.remove_signal_handler(each)
        if not self._waiting:
            self._task.cancel()


def run(work: Callable[[Stopping], Coroutine[Any, Any, int]]) -> int:
    """Run the work to its exit code; 130 when a signal cut it short."""

    async def supervised() -> int:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is None:
            raise RuntimeError("asyncio.run() runs a task")
        log_errors_of(loop)
        stopping = Stopping(task, loop)
        for each in SIGNALS:
            loop.add_signal_handler(each, stopping.ask)
        try:
            return await work(stopping)
        except asyncio.CancelledError:
            if not stopping.asked:
                raise
            return INTERRUPTED

    return asyncio.run(supervised())
