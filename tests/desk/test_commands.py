"""Commands sent to real runs: their keys, and what happens when a run ends while a command is on its way."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from desk.commands import CommandAnswer, body_hash, checked_key, command_id
from desk.errors import Conflict, Invalid
from models.messages.api_cases import ActivityBody, NoteBody, ReactivateBody, ResolveBody
from models.messages.cases import CommandKind
from tests.support.desks import Desk

AGENT, OTHER = UUID(int=1), UUID(int=2)


def test_an_id_is_the_agents_key() -> None:
    assert command_id(AGENT, "k") == command_id(AGENT, "k")
    assert len({command_id(AGENT, "k"), command_id(AGENT, "l"), command_id(OTHER, "k")}) == 3


def test_a_hash_is_of_case_kind_and_content_in_any_order() -> None:
    one = body_hash("CAS-1", "note", {"a": 1, "b": [True, None]})
    assert one == body_hash("CAS-1", "note", {"b": [True, None], "a": 1})
    others = [
        body_hash("CAS-2", "note", {"a": 1, "b": [True, None]}),
        body_hash("CAS-1", "reply", {"a": 1, "b": [True, None]}),
        body_hash("CAS-1", "note", {"a": 1}),
    ]
    assert len({one, *others}) == 4


@pytest.mark.parametrize("key", ["", "x" * 201, "a\n", "ü", "\x7f"])
def test_a_key_is_bounded_and_printable(key: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_key(key)
    assert caught.value.field == "Idempotency-Key"


def test_the_server_makes_a_key_of_its_own() -> None:
    assert checked_key(None) != checked_key(None)
    assert checked_key("mine") == "mine"


async def test_notes_that_race_with_the_resolve_are_each_written_once(desk: Desk) -> None:
    number = await desk.open()

    async def note(n: int) -> CommandAnswer:
        return await desk.send("grace", number, CommandKind.NOTE, NoteBody(text=f"Note {n}"), key=f"n{n}")

    resolve = desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="Done."), key="r")
    answers = await asyncio.gather(*(note(n) for n in range(4)), resolve, *(note(n) for n in range(4, 9)))
    assert all(answer.version is not None for answer in answers)
    assert len(await desk.timeline(number, "note")) == 9
    assert len(await desk.timeline(number, "resolved")) == 1
    again = await asyncio.gather(*(note(n) for n in range(9)))
    assert all(answer.replayed for answer in again)
    assert len(await desk.timeline(number, "note")) == 9


async def test_resolves_and_reactivations_at_once_keep_a_case_in_one_state(desk: Desk) -> None:
    number = await desk.open()

    async def turn(n: int) -> str:
        try:
            if n % 2:
                await desk.send("grace", number, CommandKind.REACTIVATE, ReactivateBody(), key=f"t{n}")
            else:
                await desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="Done."), key=f"t{n}")
        except Conflict as error:
            return error.type
        return "done"

    outcomes = await asyncio.gather(*(turn(n) for n in range(8)))
    assert set(outcomes) <= {"done", "case-not-active", "case-not-closed"}
    resolved = len(await desk.timeline(number, "resolved"))
    reactivated = len(await desk.timeline(number, "reactivated"))
    assert resolved + reactivated == outcomes.count("done")
    case = await desk.case(number)
    assert case.status == ("resolved" if resolved > reactivated else "active")
    # Terms are held exactly while the case is resolved (domain 3.4).
    assert -sum(entry.terms for entry in await desk.ledger()) == resolved - reactivated
    assert resolved - reactivated in (0, 1)


async def test_a_case_whose_run_was_lost_is_woken_by_its_next_command(desk: Desk) -> None:
    number = await desk.open()
    await desk.handle(number).terminate("lost on purpose")
    answer = await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title="Go on"))
    assert answer.resource is not None
    assert (await desk.case(number)).version == answer.version
