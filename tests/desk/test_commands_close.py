"""The desk at its end: what it still pursues is let go of, and stands in its row."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from desk import commands
from desk.commands import command_id
from models.messages.api_cases import NoteBody
from models.messages.cases import CommandKind
from models.records.cases import Case
from models.records.commands import Command
from tests.support.desks import DeskFactory


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_asks_the_database_after_the_end(open_desk: DeskFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "ANSWER_WITHIN", 0.05)
    async with open_desk(work=False) as desk:  # nobody works cases, so nothing is ever answered
        grace, case = await desk.agent("grace"), await desk.insert()
        async with desk.house.database.write() as session:
            await session.execute(update(Case).values(status="active", status_reason="in-progress"))
        answer = await desk.commands.command(grace, case.number, CommandKind.NOTE, NoteBody(text="Mine."), key="k")
        assert answer.version is None
        assert desk.commands.under_way(grace, answer.command_id) is not None
        before = asyncio.all_tasks()
        await desk.commands.close()
        assert desk.commands.under_way(grace, answer.command_id) is None
        assert asyncio.all_tasks() < before
        async with desk.house.database.read() as session:
            row = await session.scalar(select(Command).where(Command.id == command_id(grace.agent_id, "k")))
        assert row is not None
        assert row.state == "pending"
        await desk.clear()
