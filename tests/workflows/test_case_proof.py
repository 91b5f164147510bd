"""Who can speak to the workflow engine alone cannot act as an agent (design, "Proof of the desk")."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowUpdateFailedError

from cases.pending import pending_row
from desk.commands import CaseDesk, body_hash, command_id
from engine.commands import CommandSender, said_by
from engine.proof import DeskProof
from models.messages.api_cases import NoteBody, stored
from models.messages.cases import CaseCommand, CommandKind, CommandResult, Refusal
from models.messages.names import verb_name
from models.records.base import new_id
from models.records.commands import Command
from tests.support.desks import Desk, DeskFactory
from tests.support.refusals import problem

FORGED = DeskProof("k1", {"k1": b"another house's key, 32 bytes lo"})


async def a_pick(desk: Desk) -> CaseCommand:
    grace = await desk.agent("grace")
    return CaseCommand(
        id=new_id(), kind=CommandKind.PICK, actor_id=grace.agent_id, key="straight", body_hash="-", row_version=1
    )


async def straight(desk: Desk, number: str, command: CaseCommand) -> CommandResult | Refusal:
    """Past the desk, as anybody does who reaches the engine."""
    try:
        result: CommandResult = await desk.handle(number).execute_update(
            verb_name(command.kind), command, id=str(command.id), result_type=CommandResult
        )
    except WorkflowUpdateFailedError as error:
        refusal = said_by(error)
        if not isinstance(refusal, Refusal):
            raise
        return refusal
    return result


async def rows(desk: Desk) -> list[Command]:
    async with desk.house.database.read() as session:
        return list(await session.scalars(select(Command)))


async def test_what_no_desk_signed_is_refused_and_the_case_goes_on(desk: Desk) -> None:
    number, other = await desk.open(), await desk.open()
    case, neighbour = await desk.case(number), await desk.case(other)
    proof, mona = desk.house.sender.proof, await desk.agent("mona")
    forgeries: list[Callable[[CaseCommand], CaseCommand]] = [
        lambda command: command,
        lambda command: FORGED.sign(command, case.id),
        lambda command: proof.sign(command, neighbour.id),
        lambda command: proof.sign(command, case.id).model_copy(update={"actor_id": mona.agent_id}),
        lambda command: command.model_copy(update={"signature": "k1:ü"}),
    ]
    for forged in forgeries:
        answer = await straight(desk, number, forged(await a_pick(desk)))
        assert isinstance(answer, Refusal)
        assert answer.type == "not-signed"
    assert (await desk.case(number)).version == case.version
    assert await rows(desk) == []
    assert await desk.timeline(number, "picked") == []

    await desk.send("grace", number, CommandKind.PICK)
    assert len(await desk.timeline(number, "picked")) == 1


async def test_a_forgery_under_a_commands_id_does_not_keep_the_command_from_being_done(desk: Desk) -> None:
    number, key, body = await desk.open(), "mine", NoteBody(text="Mine.")
    case, grace = await desk.case(number), await desk.agent("grace")
    command = CaseCommand(
        id=command_id(grace.agent_id, key),
        kind=CommandKind.NOTE,
        actor_id=grace.agent_id,
        key=key,
        body_hash=body_hash(number, CommandKind.NOTE, stored(body)),
    )
    async with desk.house.database.write() as session:
        session.add(pending_row(command, case.id, stored(body)))
    answer = await straight(desk, number, command)
    assert isinstance(answer, Refusal)
    assert [row.state for row in await rows(desk)] == ["pending"]
    # The run keeps the forgery's outcome under this update id.
    assert (await desk.send("grace", number, CommandKind.NOTE, body, key=key)).version == case.version + 1
    assert len(await desk.timeline(number, "note")) == 1


async def test_a_rotated_keys_older_signature_holds(open_desk: DeskFactory, cached: int, tmp_path: Path) -> None:
    old, new = b"o" * 32, b"n" * 32
    ring = {"current": "k2", "keys": {"k1": b64encode(old).decode(), "k2": b64encode(new).decode()}}
    (tmp_path / "data").mkdir()
    keys = tmp_path / "data" / "keys"
    keys.touch(mode=0o600)
    keys.write_text(json.dumps(ring))
    async with open_desk(cached=cached) as desk:
        number = await desk.open()
        case_id: UUID = (await desk.case(number)).id
        command = DeskProof("k1", {"k1": old}).sign(await a_pick(desk), case_id)
        assert command.signature.startswith("k1:")
        assert isinstance(await straight(desk, number, command), CommandResult)
        assert len(await desk.timeline(number, "picked")) == 1


@pytest.mark.parametrize("kind", [CommandKind.NOTE, CommandKind.PICK])
async def test_a_desk_with_another_key_says_so_and_loses_nothing(desk: Desk, kind: CommandKind) -> None:
    number, grace = await desk.open(), await desk.agent("grace")
    body = NoteBody(text="Mine.") if kind is CommandKind.NOTE else None
    stranger = CaseDesk(desk.house.database, CommandSender(desk.house.client, FORGED))
    assert await problem(stranger.command(grace, number, kind, body, key="k")) == (500, "not-signed")
    assert [row.state for row in await rows(desk)] == (["pending"] if body else [])
    assert (await desk.case(number)).version == 1
    assert (await desk.send("grace", number, kind, body, key="k")).version == 2
