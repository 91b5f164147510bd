"""One command, once: keys, versions, refusals without a trace, and runs that ended (design, "Commands")."""

from __future__ import annotations

import asyncio

from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError

from engine.commands import said_by
from models.messages.api_cases import ChangeBody, NoteBody, ReactivateBody, ReplyBody, ResolveBody
from models.messages.cases import CaseCommand, CaseStatus, CommandKind, Refusal
from models.messages.names import case_workflow_id, verb_name
from models.records.base import new_id
from models.records.commands import Command
from models.records.mails import Outbox
from tests.support.desks import Desk
from tests.support.refusals import problem, refusal
from tests.support.waiting import until

NOTE, REPLY, RESOLVE = CommandKind.NOTE, CommandKind.REPLY, CommandKind.RESOLVE


async def runs(desk: Desk, number: str) -> int:
    return len([run async for run in desk.house.client.list_workflows(f"WorkflowId = '{case_workflow_id(number)}'")])


async def ended(desk: Desk, number: str) -> None:
    """The case's run is over."""

    async def over() -> bool:
        return (await desk.handle(number).describe()).status is not WorkflowExecutionStatus.RUNNING

    await until(over)


async def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(desk: Desk) -> None:
    number, other = await desk.open(), await desk.open()
    first = await desk.send("grace", number, REPLY, ReplyBody(text="Hold it."), key="k1")
    again = await desk.send("grace", number, REPLY, ReplyBody(text="Hold it."), key="k1")
    assert (again.version, again.resource, again.replayed) == (first.version, first.resource, True)
    for asked in (
        desk.send("grace", number, REPLY, ReplyBody(text="Hold on."), key="k1"),
        desk.send("grace", number, NOTE, NoteBody(text="Hold it."), key="k1"),
        desk.send("grace", other, REPLY, ReplyBody(text="Hold it."), key="k1"),
    ):
        assert await problem(asked) == (422, "idempotency-key-reused")
    await desk.send("sam", number, REPLY, ReplyBody(text="Mine."), key="k1")  # keys are each agent's own
    async with desk.house.database.read() as session:
        assert len(list(await session.scalars(select(Outbox.id).where(Outbox.kind == "reply")))) == 2


async def test_ten_at_once_with_one_key_are_one(desk: Desk) -> None:
    number = await desk.open()
    answers = await asyncio.gather(
        *(desk.send("grace", number, NOTE, NoteBody(text="Once."), key="once") for _ in range(10))
    )
    assert len({(answer.version, answer.resource) for answer in answers}) == 1
    assert len(await desk.timeline(number, "note")) == 1
    assert (await desk.case(number)).version == 2


async def test_a_stale_version_is_refused_wherever_it_is_found(desk: Desk) -> None:
    number = await desk.open()
    change = ChangeBody(title="Anew")
    await desk.send("grace", number, CommandKind.CHANGE, change, if_version=1)
    error = await refusal(desk.send("grace", number, CommandKind.CHANGE, change, if_version=1))
    assert (error.status, error.type, error.version) == (412, "stale-version", 2)  # type: ignore[attr-defined]
    assert (await desk.case(number)).version == 2
    # Both saw version 2; the one who comes second under the lock is stale.
    answers = await asyncio.gather(
        *(desk.send("grace", number, CommandKind.CHANGE, ChangeBody(title=t), if_version=2) for t in "ab"),
        return_exceptions=True,
    )
    assert sorted(getattr(answer, "type", "done") for answer in answers) == ["done", "stale-version"]
    assert (await desk.case(number)).version == 3


async def test_what_the_state_forbids_leaves_no_event(desk: Desk) -> None:
    """The validator's own refusal: sent straight to the run, past the desk, which would have refused it before."""
    number = await desk.open()
    before = len((await desk.settled(number)).events)
    grace = await desk.agent("grace")
    command = CaseCommand(id=new_id(), kind=CommandKind.RELEASE, actor_id=grace.agent_id, key="straight", body_hash="-")
    for _ in range(3):
        try:
            await desk.handle(number).execute_update(verb_name(command.kind), command, id=str(new_id()))
        except WorkflowUpdateFailedError as error:
            found = said_by(error)
            assert isinstance(found, Refusal)
            assert (found.type, found.allowed) == ("not-picked", ("pick",))
        else:
            raise AssertionError("it was not refused")
    assert len((await desk.settled(number)).events) == before
    assert await problem(desk.send("grace", number, CommandKind.RELEASE)) == (409, "not-picked")
    assert len((await desk.settled(number)).events) == before


async def test_a_refusal_of_the_database_is_remembered_by_its_key(desk: Desk) -> None:
    first, second = await desk.open(), await desk.open()
    await desk.send("sam", first, CommandKind.PICK)
    assert await problem(desk.send("sam", second, CommandKind.PICK, key="mine")) == (409, "no-capacity")
    await desk.send("sam", first, CommandKind.RELEASE)
    assert await problem(desk.send("sam", second, CommandKind.PICK, key="mine")) == (409, "no-capacity")
    await desk.send("sam", second, CommandKind.PICK, key="another")


async def test_an_opening_case_takes_no_verb(desk: Desk) -> None:
    case = await desk.insert()
    for kind, body in (
        (CommandKind.PICK, None),
        (NOTE, NoteBody(text="Early.")),
        (RESOLVE, ResolveBody(resolution="-")),
    ):
        assert await problem(desk.send("grace", case.number, kind, body)) == (409, "case-opening")
    async with desk.house.database.read() as session:
        assert list(await session.scalars(select(Command))) == []
    assert await runs(desk, case.number) == 0, "a refused command starts no run"
    await desk.house.dispatcher.open(case.id, case.number, case.origin)
    await desk.until_status(case.number, CaseStatus.ACTIVE)


async def test_repeated_after_the_run_ended_a_command_gives_its_stored_answer(desk: Desk) -> None:
    number = await desk.open()
    body = ResolveBody(resolution="Done.")
    resolved = await desk.send("grace", number, RESOLVE, body, key="r1")
    await ended(desk, number)
    again = await desk.send("grace", number, RESOLVE, body, key="r1")
    assert (again.version, again.resource, again.replayed) == (resolved.version, resolved.resource, True)
    assert await problem(desk.send("grace", number, RESOLVE, body, key="r2")) == (409, "case-not-active")
    assert await runs(desk, number) == 1, "neither started a run"

    note = await desk.send("grace", number, NOTE, NoteBody(text="Thanks."), key="n1")
    await ended(desk, number)
    assert await runs(desk, number) == 2, "woken for the note, and over at once"
    assert (await desk.send("grace", number, NOTE, NoteBody(text="Thanks."), key="n1")).resource == note.resource

    await desk.send("grace", number, CommandKind.REACTIVATE, ReactivateBody(), key="a1")
    assert (await desk.case(number)).status == CaseStatus.ACTIVE
    assert await runs(desk, number) == 3, "a reactivated case lives on in the run that it was woken in"
    assert (await desk.send("grace", number, RESOLVE, body, key="r1")).version == resolved.version
    assert (await desk.case(number)).status == CaseStatus.ACTIVE, "an old answer resolves nothing"
    assert len(await desk.timeline(number, "resolved")) == 1
