"""Waiting for what happens elsewhere: polled, with a bound."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

BOUND = 60.0
"""Seconds after which a wait is given up. They are many, because the machine may be busy with other things."""


async def until(holds: Callable[[], bool | Awaitable[bool]], bound: float = BOUND) -> None:
    async with asyncio.timeout(bound):
        while True:
            answer = holds()
            if await answer if inspect.isawaitable(answer) else answer:
                return
            await asyncio.sleep(0.02)
