"""A short run of the state machine on each database, and that it would find something; a long one: python -m tests.machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from models.messages.cases import CommandKind
from models.records.cases import Case, QueueItem, TimelineEntry
from models.records.reference import Agent, Entitlement
from tests.machine import invariants, whole
from tests.machine.deeds import ON_A_CASE
from tests.machine.driver import Machine
from tests.machine.seen import look
from tests.support.desks import Desk, DeskFactory

SEED, COMMANDS = 4, 100
BY_THE_HOUSE = {CommandKind.QUEUE_ASSIGN, CommandKind.OVERFLOW}


async def test_a_short_run(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, Machine.on(desk, SEED) as machine:
        report = await machine.run(COMMANDS)
    assert report.violations == []
    assert report.done() > COMMANDS / 2, "a good part of the commands is done"
    assert len(report.states) > 20, "cases come into many states"


def test_every_verb_of_an_agent_is_drawn() -> None:
    assert set(ON_A_CASE) == set(CommandKind) - BY_THE_HOUSE


@pytest.fixture
async def spoiled(open_desk: DeskFactory, sqlite_url: str) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as desk:
        yield desk


Spoils = dict[str, tuple[type[Any], dict[str, Any], str]]
SPOILS: Spoils = {
    "two owners": (Case, {"owner_team_id": None, "queue": "standard"}, "is in queue standard"),
}
