"""Who works for the house, as the workflow engine tells it."""

from __future__ import annotations

from desk.services import WiredHouse
from engine.polling import Polled, polled

__all__ = ["Polled", "polled_queues"]


async def polled_queues(house: WiredHouse) -> list[Polled]:
    """Each task queue with its pollers and what waits there. Without the engine all of them are unknown."""
    return await polled(house.client)
