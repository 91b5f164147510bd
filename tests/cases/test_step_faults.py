"""Every step of a case, and every write within it, broken in three ways (design, "One bad command stops nobody").

Generated from the registry of verbs, deliveries, parts of the opening and deadlines. A value that cannot be is refused, or
its part is left out; a fault of ours is an incident, and done once after the repair; while the database is away nothing
happens, and afterwards the same step is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from activities.case import CaseActivities
from cases.attempts import TRIES
from models.messages.cases import CommandInput, CommandKind, DeliveryInput, LapseInput, Outcome, StepInput
from models.messages.mailflow import DeliveryKind
from models.records.cases import QueueItem
from models.records.commands import Command, Delivery, Incident
from models.records.reference import Agent, Entitlement, EntitlementChannel
from tests.support.breaking import Break, Breaker, breaking
from tests.support.correspondence import must_hear
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import PRESENT, Hands
from tests.support.rows import Rows, all_rows
from tests.support.steps import COMMANDS, K, undone_delivery

LEFT_OPEN = {"incident", "command", "timeline_entry", "service_case", "delivery"}
"""Tables that may differ after a step was set aside: the incident itself, and what points to it."""

Given = CommandInput | DeliveryInput | StepInput | LapseInput
Do = Callable[[Given], Awaitable[Outcome]]


@dataclass(frozen=True)
class Prepared:
    """A step that is ready to be done on a case of its own."""

    number: str
    given: Given


def steps_of(desk: Desk) -> CaseActivities:
    (step,) = [each for each in desk.house.activities["cases"] if each.__name__ == "step"]
    found = step.__self__  # type: ignore[attr-defined]  # a bound method of the class that holds all kinds of steps
    assert isinstance(found, CaseActivities)
    return found


async def once(desk: Desk, given: Given) -> Outcome:
    """Do it as the last of its tries."""
    steps, environment = steps_of(desk), ActivityEnvironment()
    environment.payload_converter = pydantic_data_converter.payload_converter
    environment.info = replace(environment.info, is_local=True, attempt=TRIES)
    method: Any
    match given:
        case CommandInput():
            method = steps.command
        case DeliveryInput():
            method = steps.deliver
        case LapseInput():
            method = steps.lapse
        case StepInput():
            method = steps.open
    outcome: Outcome = await environment.run(method, given)
    return outcome


async def a_command(desk: Desk, kind: CommandKind) -> Prepared:
    hands = await Hands.opened(desk)
    *before, asked = COMMANDS[kind]
    for step in before:
        await hands.do(*step)
    return Prepared(hands.case.number, await hands.ask(*asked))


async def a_delivery(desk: Desk, kind: DeliveryKind) -> Prepared:
    hands = await Hands.opened(desk)
    delivery = await undone_delivery(hands, kind)
    case = await desk.case(delivery.number)
    return Prepared(
        case.number, DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=delivery.id)
    )


async def an_opening(desk: Desk) -> Prepared:
    case = await desk.insert()
    return Prepared(case.number, StepInput(case_id=case.id, now=OPENED_ON))


async def a_deadline(desk: Desk, kind: str) -> Prepared:
    hands = await Hands.opened(desk)
    late = OPENED_ON + (timedelta(minutes=10) if kind == "warns" else timedelta(days=7))
    return Prepared(hands.case.number, LapseInput(case_id=hands.case.id, now=late))


STEPS: dict[str, Callable[[Desk], Awaitable[Prepared]]] = {
    **{f"command {kind}": partial(a_command, kind=kind) for kind in CommandKind},
    **{f"delivery {kind}": partial(a_delivery, kind=kind) for kind in DeliveryKind},
    "opening": an_opening,
    **{f"deadline {kind}": partial(a_deadline, kind=kind) for kind in ("warns", "fails")},
}


@pytest.fixture
def breaker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Breaker]:
    with breaking(desk.house.database, monkeypatch) as made:
        yield made


async def rows(desk: Desk) -> Rows:
    async with desk.house.database.read() as session:
        return await all_rows(session)


def changed(before: Rows, after: Rows) -> set[str]:
    return {table for table in before if before[table] != after[table]}


async def writes_of(desk: Desk, breaker: Breaker, prepare: Callable[[Desk], Awaitable[Prepared]]) -> int:
    prepared = await prepare(desk)
    breaker.disarm()
    outcome = await once(desk, prepared.given)
    assert (outcome.refusal, outcome.fault) == (None, None)
    return breaker.seen


@pytest.mark.parametrize("name", STEPS)
async def test_whichever_write_breaks_the_step_ends_and_can_be_done_later(
    desk: Desk, breaker: Breaker, name: str
) -> None:
    prepare = STEPS[name]
    count = await writes_of(desk, breaker, prepare)
    await _free(desk)
    assert count > 0, f"{name} writes nothing"
    for at in range(1, count + 1):
        for kind in Break:
            where = f"{name}, write {at} of {count}, {kind}"
            prepared = await prepare(desk)
            before = await rows(desk)
            breaker.arm(at, kind)
            if kind is Break.AWAY:
                with pytest.raises(OperationalError):
                    await once(desk, prepared.given)
                breaker.disarm()
                assert changed(before, await rows(desk)) == set(), where
                outcome = await once(desk, prepared.given)
                assert (outcome.refusal, outcome.fault) == (None, None), where
            else:
                outcome = await once(desk, prepared.given)
                breaker.disarm()
                assert breaker.hits >= 1, where
                await _stands(desk, prepared, kind, outcome, changed(before, await rows(desk)), where)
            await _free(desk)


async def _stands(desk: Desk, prepared: Prepared, kind: Break, outcome: Outcome, touched: set[str], where: str) -> None:
    """The step has ended; what was left open is an incident, and is done once after the repair."""
    if outcome.refusal is not None:
        assert kind is Break.DATA, where
        assert outcome.refusal.type == "invalid", where
        assert touched <= LEFT_OPEN, where
        return
    case = await desk.case(prepared.number)
    open_ones = [row for row in await desk.incidents(prepared.number) if row.state == "open"]
    assert case.open_incidents == len(open_ones) > 0, where
    if outcome.fault is not None:
        assert touched <= LEFT_OPEN, where
    for incident in open_ones:
        await _repair(desk, prepared, incident, where)
    case = await desk.case(prepared.number)
    assert case.open_incidents == 0, where
    keys = [entry.key for entry in await desk.timeline(prepared.number)]
    assert len(keys) == len(set(keys)), where


async def _repair(desk: Desk, prepared: Prepared, incident: Incident, where: str) -> None:
    case = await desk.case(prepared.number)
    if incident.key.startswith("command/"):
        assert isinstance(prepared.given, CommandInput)
        outcome = await once(desk, prepared.given)
        async with desk.house.database.read() as session:
            row = await session.get_one(Command, prepared.given.command.id)
        assert (row.state, outcome.fault) == ("done", None), where
        again = await once(desk, prepared.given)
        assert again.resource == outcome.resource, where
        return
    if incident.key in ("opening/case", "clocks"):
        # The run tries these again by itself.
        outcome = await once(desk, prepared.given)
    else:
        retry = await _told_again(desk, prepared.number, incident)
        given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=retry.id)
        outcome = await once(desk, given)
    assert (outcome.refusal, outcome.fault) == (None, None), f"{where}: {incident.key} again"


async def _told_again(desk: Desk, number: str, incident: Incident) -> Delivery:
    """The delivery of a retry, as the desk makes it: one row an incident, however often it is tried."""
    async with desk.house.database.write() as session:
        of_incident = Delivery.subject_id == incident.id
        known = await session.scalar(select(Delivery).where(Delivery.kind == DeliveryKind.RETRY, of_incident))
        if known is not None:
            known.done, known.outcome = False, None
            return known
    return await must_hear(desk, number, incident.id, DeliveryKind.RETRY)


async def _free(desk: Desk) -> None:
    """The next case must find every agent with nothing to do, and every contract full: else it would write other rows."""
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).values(load=0))
        await session.execute(update(QueueItem).values(worked_by=None))
        await session.execute(update(Entitlement).values(remaining_terms=Entitlement.total_terms))
        await session.execute(update(EntitlementChannel).values(remaining_terms=EntitlementChannel.total_terms))


def test_every_kind_of_step_is_broken() -> None:
    assert {f"command {kind}" for kind in CommandKind} | {f"delivery {kind}" for kind in DeliveryKind} < set(STEPS)
    assert K.PICK in COMMANDS
