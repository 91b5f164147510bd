"""A short run of the state machine on each database, and that it would find something; a long one: python -m tests.machine."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Uuid, bindparam, text

from models.messages.api_cases import NoteBody
from models.messages.cases import HOUSE_VERBS, CommandKind
from tests.machine.deeds import ON_A_CASE
from tests.machine.driver import Machine
from tests.support.desks import DeskFactory

SEED, COMMANDS = 4, 50


async def test_a_short_run(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, Machine.on(desk, SEED) as machine:
        report = await machine.run(COMMANDS)
    assert report.violations == []
    assert report.done() > COMMANDS / 2, "a good part of the commands is done"
    assert len(report.states) > 15, "cases come into many states"


def test_every_verb_of_an_agent_is_drawn() -> None:
    assert set(ON_A_CASE) == set(CommandKind) - HOUSE_VERBS


SPOILED = {
    "UPDATE service_case SET queue = 'nowhere' WHERE id = :id": "its run says",
    "UPDATE service_case SET queue = NULL WHERE id = :id": "live items",
    "UPDATE service_case SET owner_id = (SELECT id FROM agent LIMIT 1), owner_team_id = (SELECT id FROM team LIMIT 1) "
    "WHERE id = :id": "two owners",
    "UPDATE service_case SET title = 'Another' WHERE id = :id": "its timeline says",
    "UPDATE service_case SET version = version + 1 WHERE id = :id": "its version grew",
    "UPDATE service_case SET status = 'cancelled' WHERE id = :id": "its run is RUNNING",
    "UPDATE service_case SET life = 3 WHERE id = :id": "in life 3",
    "UPDATE service_case SET stage = 'nowhere' WHERE id = :id": "its stage is nowhere",
    "UPDATE service_case SET next_due = NULL WHERE id = :id": "due next",
    "UPDATE service_case SET parent_id = id WHERE id = :id": "a child and has children",
    "UPDATE queue_item SET live = false WHERE case_id = :id": "0 live items",
    "UPDATE agent SET load = load + 1 WHERE slug = 'lee' AND :id = :id": "are counted",
    "UPDATE entitlement SET remaining_terms = 7 WHERE slug = 'care' AND :id = :id": "its ledger says otherwise",
    "DELETE FROM timeline_entry WHERE key LIKE 'command/%' AND case_id = :id": "with []",
    "UPDATE command SET state = 'pending' WHERE case_id = :id": "is pending",
    "UPDATE timeline_entry SET actor_id = NULL WHERE key LIKE 'command/%' AND case_id = :id": "is told of nobody",
}
"""What is done to the rows of one case, and what is said of it."""


class _TakenBack(Exception):
    """What was spoiled is as it was."""


async def test_whatever_is_spoiled_is_seen(open_desk: DeskFactory, sqlite_url: str) -> None:
    async with open_desk() as desk, Machine.on(desk, SEED) as machine:
        number = await desk.open()
        await machine.run(8)
        await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="One."))
        id = (await desk.case(number)).id
        unseen = []
        for statement, word in SPOILED.items():
            with suppress(_TakenBack):
                async with desk.house.database.write() as session:
                    assert await machine.faults(session, everything=True) == []
                    spoil = text(statement).bindparams(bindparam("id", id, type_=Uuid()))
                    assert (await session.execute(spoil)).rowcount, statement  # type: ignore[attr-defined]
                    session.expire_all()
                    found = await machine.faults(session, everything=True)
                    if not any(word in fault for fault in found):
                        unseen.append((statement, found))
                    raise _TakenBack
        assert unseen == []
