"""A workflow task that was lost after its local activity wrote: the row is ahead of the run, and the case goes on."""

from __future__ import annotations

import pytest

from desk.commands import body_hash, command_id
from desk.errors import Conflict
from models.messages.api_cases import NoteBody, ReactivateBody, ReplyBody, ResolveBody, stored
from models.messages.cases import CaseCommand, CaseStatus, CommandInput, CommandKind, Outcome
from models.records.commands import Command
from tests.support.correspondence import receive
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import activities, run
from tests.support.rest import at_rest

RESOLVE = ResolveBody(resolution="It pairs now.")
KEY = "lost"


async def _resolve_in_a_task_that_is_lost(desk: Desk, number: str) -> None:
    """What a worker does that dies between its commit and the answer to Temporal."""
    case, grace = await desk.case(number), await desk.agent("grace")
    body = stored(RESOLVE)
    command = CaseCommand(
        id=command_id(grace.agent_id, KEY),
        kind=CommandKind.RESOLVE,
        actor_id=grace.agent_id,
        key=KEY,
        body_hash=body_hash(number, CommandKind.RESOLVE, body | {}),
    )
    signed = desk.house.sender.proof.sign(command, case.id)
    async with desk.house.database.write() as session:
        row = {"id": command.id, "case_id": case.id, "actor_id": grace.agent_id, "key": KEY, "kind": command.kind.value}
        session.add(Command(**row, body=body, body_hash=command.body_hash, state="pending"))
    given = CommandInput(case_id=case.id, now=OPENED_ON, version=case.version, command=signed)
    outcome: Outcome = await run(activities(desk)["apply_command"], given)
    assert outcome.refusal is None
    assert (await desk.case(number)).status == CaseStatus.RESOLVED


async def test_a_mail_is_applied_to_the_row_as_it_is(desk: Desk) -> None:
    number = await desk.open()
    await _resolve_in_a_task_that_is_lost(desk, number)
    delivery = await receive(desk, number)
    assert delivery.outcome == "attach-only"
    await at_rest(desk, [number])
    case = await desk.case(number)
    assert (case.status, case.version) == (CaseStatus.RESOLVED, 3)


async def test_a_command_is_decided_by_the_row_as_it_is(desk: Desk) -> None:
    number = await desk.open()
    await _resolve_in_a_task_that_is_lost(desk, number)
    case = await desk.case(number)
    with pytest.raises(Conflict) as refused:
        await desk.send("grace", number, CommandKind.REPLY, ReplyBody(text="Still here?"))
    assert refused.value.type == "case-not-active"
    assert (await desk.case(number)).version == case.version


async def test_the_command_that_was_done_is_answered_by_its_key(desk: Desk) -> None:
    number = await desk.open()
    await _resolve_in_a_task_that_is_lost(desk, number)
    answer = await desk.send("grace", number, CommandKind.RESOLVE, RESOLVE, key=KEY)
    assert (answer.version, answer.replayed) == (2, True)
    assert len(await desk.ledger()) == 1


async def test_the_case_can_be_woken_again(desk: Desk) -> None:
    number = await desk.open()
    await _resolve_in_a_task_that_is_lost(desk, number)
    answer = await desk.send("grace", number, CommandKind.REACTIVATE, ReactivateBody())
    assert answer.version == 3
    assert (await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="Again."))).version == 4
    assert (await desk.case(number)).status == CaseStatus.ACTIVE
