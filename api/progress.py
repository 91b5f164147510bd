"""Answers to what may take a minute: at once as JSON, or with its progress, line by line (`application/x-ndjson`)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from desk.trying.progress import Work, steps
from models.messages.base import Message

NDJSON = "application/x-ndjson"
LINES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": f"The answer. With `Accept: {NDJSON}` its progress as well, a line each, and the answer in the last line.",
        "content": {NDJSON: {"schema": {"$ref": "#/components/schemas/TryingProgress"}}},
    }
}

M = TypeVar("M", bound=Message)


async def answered(request: Request, work: Work[M]) -> M | Response:
    """The answer, or the lines of who asked for them. What is refused is refused before the first line.

    Who goes away ends the work.
    """
    if NDJSON not in request.headers.get("accept", ""):
        return await work(lambda looked_at, reached: None)
    told = steps(work)
    first = await anext(told)  # raises what it was refused with
    return StreamingResponse(_lines(first, told), media_type=NDJSON)


async def _lines(first: Message, told: AsyncGenerator[Message, None]) -> AsyncIterator[str]:
    async with aclosing(told):
        yield f"{first.model_dump_json()}\n"
        async for each in told:
            yield f"{each.model_dump_json()}\n"
