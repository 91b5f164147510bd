"""A desk whose cases no worker works: each step is called here, as a retry would call it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.desks import Desk, DeskFactory


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made
        await made.clear()
