"""Commands whose caller died are taken up: each is decided once, by whoever sends it, and none stays pending for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from temporalio.client import WorkflowHistory

from cases import pending
from cases.pending import PendingCommands, Pursuit, command_of, pending_row
from desk.commands import body_hash, command_id
from engine.commands import CommandSender
from engine.proof import DeskProof
from models.messages.api_cases import NoteBody, ReactivateBody, ReplyBody, ResolveBody, stored
from models.messages.base import Message
from models.messages.cases import CaseCommand, CaseStatus, CommandKind
from models.messages.names import case_workflow_id
from models.records.commands import Command
from tests.support.desks import Desk, DeskFactory
from tests.support.rest import at_rest
from tests.support.waiting import until

NOTE, REPLY, RESOLVE, REACTIVATE = CommandKind.NOTE, CommandKind.REPLY, CommandKind.RESOLVE, CommandKind.REACTIVATE
LONG_AGO = timedelta(minutes=2)


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk() as made:
        yield made


async def left(
    desk: Desk, number: str, kind: CommandKind, body: Message, key: str, age: timedelta = LONG_AGO, **beside: Any
) -> CaseCommand:
    """A command's row as a process leaves it that dies before it sends the update."""
    case, grace = await desk.case(number), await desk.agent("grace")
    command = CaseCommand(
        id=command_id(grace.agent_id, key),
        kind=kind,
        actor_id=grace.agent_id,
        key=key,
        body_hash=body_hash(number, kind, stored(body)),
        **beside,
    )
    row = pending_row(command, case.id, stored(body))
    row.recorded_at = datetime.now(UTC) - age
    async with desk.house.database.write() as session:
        session.add(row)
    return command


async def row_of(desk: Desk, command: CaseCommand) -> Command:
    async with desk.house.database.read() as session:
        return await session.get_one(Command, command.id)


def updates(history: WorkflowHistory) -> int:
    return sum(event.HasField("workflow_execution_update_accepted_event_attributes") for event in history.events)


async def runs(desk: Desk, number: str) -> int:
    return len([run async for run in desk.house.client.list_workflows(f"WorkflowId = '{case_workflow_id(number)}'")])


async def test_a_command_left_behind_is_applied_exactly_once(desk: Desk) -> None:
    number = await desk.open()
    command = await left(desk, number, NOTE, NoteBody(text="Mine."), "n")
    assert await desk.house.pending.sweep() == 1
    row = await row_of(desk, command)
    assert (row.state, row.applied_version) == ("done", 2)
    before = updates(await desk.settled(number))

    assert await desk.house.pending.sweep() == 0
    assert len(await desk.timeline(number, "note")) == 1
    assert ((await desk.case(number)).version, updates(await desk.settled(number))) == (2, before)
    answer = await desk.send("grace", number, NOTE, NoteBody(text="Mine."), key="n")
    assert (answer.version, answer.replayed) == (2, True)


async def test_what_somebody_may_still_pursue_is_left_to_them(desk: Desk) -> None:
    number = await desk.open()
    command = await left(desk, number, NOTE, NoteBody(text="Mine."), "n", timedelta(seconds=30))
    assert await desk.house.pending.sweep() == 0
    assert (await row_of(desk, command)).state == "pending"


async def test_callers_and_sweeps_at_once_have_it_done_once(desk: Desk) -> None:
    number = await desk.open()
    keys = [f"n{n}" for n in range(12)]
    for key in keys:
        await left(desk, number, NOTE, NoteBody(text=key), key)
    grace = await desk.agent("grace")
    # On a busy machine some are answered that they are still under way: what counts is what becomes of them.
    await asyncio.gather(
        *(desk.commands.command(grace, number, NOTE, NoteBody(text=key), key=key) for key in keys),
        *(desk.house.pending.sweep() for _ in range(2)),
    )

    async def all_done() -> bool:
        return (await desk.case(number)).version == 1 + len(keys)

    await until(all_done)
    assert len(await desk.timeline(number, "note")) == len(keys)


async def test_a_refused_one_gets_its_refusal_in_its_row(desk: Desk) -> None:
    """What its caller asked beside the body still counts: the version that they had seen."""
    number = await desk.open()
    await desk.send("grace", number, NOTE, NoteBody(text="Quicker."))
    command = await left(desk, number, NOTE, NoteBody(text="Late."), "n", if_version=1)
    assert command_of(await row_of(desk, command)) == command
    assert await desk.house.pending.sweep() == 1
    row = await row_of(desk, command)
    assert (row.state, (row.result or {})["type"]) == ("refused", "stale-version")
    assert len(await desk.timeline(number, "note")) == 1


async def test_a_closed_case_is_woken_for_what_it_takes_and_for_nothing_else(desk: Desk) -> None:
    number = await desk.open()
    await desk.send("grace", number, RESOLVE, ResolveBody(resolution="Done."))
    await at_rest(desk, [number])
    reply = await left(desk, number, REPLY, ReplyBody(text="Still here?"), "r")
    assert await desk.house.pending.sweep() == 1
    row = await row_of(desk, reply)
    assert (row.state, (row.result or {})["type"]) == ("refused", "case-not-active")
    assert await runs(desk, number) == 1

    reactivate = await left(desk, number, REACTIVATE, ReactivateBody(), "a")
    assert await desk.house.pending.sweep() == 1
    assert (await row_of(desk, reactivate)).state == "done"
    assert (await desk.case(number)).status == CaseStatus.ACTIVE


async def test_a_case_whose_run_was_lost_is_woken(desk: Desk) -> None:
    number = await desk.open()
    await desk.handle(number).terminate("lost on purpose")
    await left(desk, number, NOTE, NoteBody(text="Mine."), "n")
    assert await desk.house.pending.sweep() == 1
    assert len(await desk.timeline(number, "note")) == 1


async def test_a_row_that_is_no_command_any_more_stops_no_other(desk: Desk) -> None:
    number = await desk.open()
    gone = await left(desk, number, NOTE, NoteBody(text="?"), "gone")
    async with desk.house.database.write() as session:
        (await session.get_one(Command, gone.id)).kind = "vanished"
    other = await left(desk, number, NOTE, NoteBody(text="Mine."), "n")
    assert await desk.house.pending.sweep() == 2
    row = await row_of(desk, gone)
    assert (row.state, (row.result or {})["type"]) == ("refused", "invalid")
    assert (row.result or {})["detail"].startswith("kind: ")
    assert (await row_of(desk, other)).state == "done"


async def test_the_oldest_come_first_and_so_many_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "A_SWEEP", 2)
    number = await desk.open()
    commands = [
        await left(desk, number, NOTE, NoteBody(text=f"{minutes}"), f"n{minutes}", timedelta(minutes=minutes))
        for minutes in (3, 5, 4, 2)
    ]
    assert await desk.house.pending.sweep() == 2
    assert [(await row_of(desk, command)).state for command in commands] == ["pending", "done", "done", "pending"]
    assert await desk.house.pending.sweep() == 2
    async with desk.house.database.read() as session:
        assert await session.scalar(select(func.count()).where(Command.state == "pending")) == 0


async def test_those_that_cannot_be_decided_keep_nobody_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent by a process with another key, no case takes them; each sweep goes on where the last one ended."""
    monkeypatch.setattr(pending, "A_SWEEP", 1)
    stranger = CommandSender(desk.house.client, DeskProof("k1", {"k1": b"another house's key, 32 bytes lo"}))
    sweeps = PendingCommands(Pursuit(desk.house.database, stranger))
    older, younger = await desk.open(), await desk.open()
    await left(desk, older, NOTE, NoteBody(text="Older."), "o", timedelta(minutes=3))
    await left(desk, younger, NOTE, NoteBody(text="Younger."), "y")

    async def tried() -> tuple[bool, bool]:
        assert await sweeps.sweep() == 0
        return updates(await desk.settled(older)) > 0, updates(await desk.settled(younger)) > 0

    assert await tried() == (True, False)
    assert await tried() == (True, True)
    assert await tried() == (True, True)
    monkeypatch.undo()
    assert await desk.house.pending.sweep() == 2, "with the house's own key they are done"
