"""The sender against a real server: what is sent again, under which id, and when it gives up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from cases.pending import Pursuit
from engine.commands import AT_ONCE, CommandSender, NotAnswered, Receiver
from models.messages.cases import CaseCommand, CaseStatus, CommandKind, CommandResult
from models.records.base import new_id
from models.records.cases import Case
from tests.support.desks import Desk, DeskFactory


async def a_pick(desk: Desk) -> CaseCommand:
    grace = await desk.agent("grace")
    return CaseCommand(id=new_id(), kind=CommandKind.PICK, actor_id=grace.agent_id, key="straight", body_hash="-")


def receiver(case: Case) -> Receiver:
    return Receiver(case.id, case.number, case.origin, case.version, wake=False)


class LetsGo(CommandSender):
    """The engine aborts the first update that it took, as it does when a run ends or has too many under way."""

    sent = 0

    async def _tell(self, update_id: str, command: CaseCommand, to: Receiver) -> CommandResult:
        self.sent += 1
        await super()._tell(update_id, command, to)
        raise RPCError("workflow update was aborted", RPCStatusCode.UNAVAILABLE, b"")


async def test_an_update_that_the_engine_lets_go_of_is_sent_again(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        number = await desk.open()
        case, command = await desk.case(number), await a_pick(desk)
        sender = LetsGo(desk.house.client, desk.house.sender.proof)
        decided = await Pursuit(desk.house.database, sender).pursue(command, receiver(case))
        assert (decided, sender.sent) == (CommandResult(version=2), 1)
        assert len(await desk.timeline(number, "picked")) == 1


async def test_another_attempt_is_another_update_of_the_same_command(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        number = await desk.open()
        case, command = await desk.case(number), await a_pick(desk)
        pursuit = Pursuit(desk.house.database, desk.house.sender)
        outcomes = [await pursuit.pursue(command, receiver(case), attempt=attempt) for attempt in (0, 0, 1, 2)]
        assert set(map(type, outcomes)) == {CommandResult}
        accepted = [
            event.workflow_execution_update_accepted_event_attributes.accepted_request.meta.update_id
            for event in (await desk.settled(number)).events
            if event.HasField("workflow_execution_update_accepted_event_attributes")
        ]
        assert accepted == [str(command.id), f"{command.id}.1", f"{command.id}.2"]
        assert len(await desk.timeline(number, "picked")) == 1


async def test_who_is_not_answered_in_time_leaves_the_gate_to_others(open_desk: DeskFactory) -> None:
    """No worker: nobody is answered, and those behind the gate give up as those within it do."""
    async with open_desk(work=False) as desk:
        case = await desk.insert()
        await desk.house.dispatcher.open(case.id, case.number, case.origin)
        async with desk.house.database.write() as session:
            row = await session.get_one(Case, case.id)
            row.status, row.version = CaseStatus.ACTIVE, 1
        pursuit = Pursuit(desk.house.database, desk.house.sender)

        async def ask() -> None:
            with pytest.raises(NotAnswered):
                await pursuit.pursue(await a_pick(desk), receiver(row), patience=timedelta(seconds=0.5))

        await asyncio.gather(*(ask() for _ in range(AT_ONCE + 2)))
        assert len(desk.house.sender.gates) == 0
        await desk.clear()
