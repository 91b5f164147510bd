"""Queues before a door: of what concerns one key only so much at once goes on, in order of arrival."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gates:
    """One gate a key, made by the first who comes and dropped by the last who leaves: idle keys take no memory.

    Args:
        width: how many are let in at once for each key.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._gates: dict[str, tuple[asyncio.Semaphore, list[None]]] = {}

    def __len__(self) -> int:
        """Keys that somebody waits for or is let in for."""
        return len(self._gates)

    @asynccontextmanager
    async def through(self, key: str) -> AsyncIterator[None]:
        """Wait for one's turn, and hold the place until the block ends."""
        turn, here = self._gates.setdefault(key, (asyncio.Semaphore(self._width), []))
        here.append(None)
        try:
            async with turn:
                yield
        finally:
            here.pop()
            if not here:
                del self._gates[key]
