"""Answers to what may take a minute: at once as JSON, or with its progress, line by line (`application/x-ndjson`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from models.messages.api_trying import TryingProgress
from models.messages.base import Message

NDJSON = "application/x-ndjson"
LINES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": f"The answer. With `Accept: {NDJSON}` its progress as well, a line each, and the answer in the last line.",
        "content": {NDJSON: {"schema": {"$ref": "#/components/schemas/TryingProgress"}}},
    }
}

M = TypeVar("M", bound=Message)
Work = Callable[[Callable[[int, datetime], None]], Awaitable[M]]
"""What is to be done, given whom to tell of its progress."""


async def answered(request: Request, work: Work[M]) -> M | Response:
    """The answer, or the lines of who asked for them. What is refused is refused before the first line.

    Who goes away ends the work.
    """
    if NDJSON not in request.headers.get("accept", ""):
        return await work(lambda looked_at, reached: None)
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
        first = await told.get()
        if first is None:
            await task  # raises what it was refused with
    except BaseException:
        task.cancel()
        raise
    return StreamingResponse(_lines(task, first, told), media_type=NDJSON)


async def _lines(
    task: asyncio.Future[M], progress: TryingProgress | None, told: asyncio.Queue[TryingProgress | None]
) -> AsyncIterator[str]:
    try:
        while progress is not None:
            yield f"{progress.model_dump_json()}\n"
            progress = await told.get()
        yield f"{(await task).model_dump_json()}\n"
    finally:
        task.cancel()
