"""Work that may take a minute, told as it goes: how far it has come, and at last what it found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from models.messages.api_trying import TryingProgress
from models.messages.base import Message

M = TypeVar("M", bound=Message)
Work = Callable[[Callable[[int, datetime], None]], Awaitable[M]]
"""What is to be done, given whom to tell of its progress."""


async def steps(work: Work[M]) -> AsyncGenerator[TryingProgress | M, None]:
    """Each step, and the answer as the last. What is refused is raised at the first step. Who stops listening ends the work."""
    told: asyncio.Queue[TryingProgress | None] = asyncio.Queue()

    def tell(looked_at: int, reached: datetime) -> None:
        told.put_nowait(TryingProgress(looked_at=looked_at, reached=reached))

    async def done() -> M:
        try:
            return await work(tell)
        finally:
            told.put_nowait(None)

    task = asyncio.ensure_future(done())
    try:
        while (progress := await told.get()) is not None:
            yield progress
        yield await task
    finally:
        task.cancel()
