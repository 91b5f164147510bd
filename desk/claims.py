"""Which cases callers of this process are about to pick: others leave those out, and wait if nothing else is left."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager


class Claims:
    """One for the process. It only spares useless tries: the case itself decides who gets it."""

    def __init__(self) -> None:
        self._held: dict[str, asyncio.Event] = {}

    def free_of(self, numbers: Collection[str]) -> str | None:
        """The first case that nobody is about to pick; None if there is none."""
        return next((number for number in numbers if number not in self._held), None)

    @contextmanager
    def of(self, number: str) -> Iterator[None]:
        """Nobody else of this process tries the case meanwhile."""
        ended = self._held[number] = asyncio.Event()
        try:
            yield
        finally:
            del self._held[number]
            ended.set()

    async def one_ends(self, numbers: Collection[str]) -> None:
        """Until one of those that others hold is picked or given up."""
        held = [asyncio.ensure_future(self._held[number].wait()) for number in numbers if number in self._held]
        if not held:
            return
        try:
            await asyncio.wait(held, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in held:
                waiting.cancel()
