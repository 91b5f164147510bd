"""One case with a family that is worked on for so long that its run continues as new: nothing of it is lost (temporal 1.4).

On a server of its own, which suggests it after a few dozen events; a long run on one that does not: python -m tests.machine.long.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.machine.long import LongCase
from tests.support.desks import DeskFactory
from tests.support.temporal import time_skipping_server

SUGGESTED_AFTER, ENTRIES = 40, 50


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with time_skipping_server({"limit.historyCount.suggestContinueAsNew": str(SUGGESTED_AFTER)}) as environment:
        yield environment


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The databases do not differ in what a history is."""
    return sqlite_url


async def test_nothing_is_lost_of_a_case_that_is_worked_on_for_long(open_desk: DeskFactory) -> None:
    """Commands of several agents at once, also while a run ends: holds, activities, replies, children, merges, mails, and
    deadlines that a later run keeps. What must hold is looked at after each round."""
    async with open_desk() as desk, LongCase.on(desk, 6) as case:
        report = await case.until(ENTRIES)
        assert report.violations == []
        assert await case.continued() >= 2
