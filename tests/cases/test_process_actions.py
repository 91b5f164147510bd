"""What a process does by itself, broken write by write: the change stands, the action is an incident, and is done once
after the repair (domain 7; design, "One bad command stops nobody")."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.messages.api_cases import StageBody, SwitchBody
from models.messages.cases import CommandKind, DeliveryInput
from models.messages.mailflow import DeliveryKind
from models.messages.processes import DataValue
from models.records.mails import Outbox
from models.records.processes import ProcessInstance
from models.records.reference import Agent
from models.records.webhooks import Webhook
from tests.cases.test_step_faults import once
from tests.support.breaking import Break, Breaker, breaking
from tests.support.correspondence import must_hear
from tests.support.desks import Desk
from tests.support.faults import missing
from tests.support.hands import PRESENT, Hands
from tests.support.organisations import add

K = CommandKind
ALL: list[dict[str, Any]] = [
    {"do": "set", "values": {"custom.seen": True, "priority": "low", "severity": "s2"}},
    {"do": "send", "template": "told", "to": "queue"},
    {"do": "assign", "agent": "grace"},
    {"do": "route", "queue": "gold"},
    {"do": "webhook", "url": "https://hooks.example/a"},
]
ACTING = {
    "slug": "acting",
    "name": "Acting",
    "stages": [{"slug": "a", "name": "A"}, {"slug": "b", "name": "B", "on_entry": ALL}],
}
TEXT = {"en": {"subject": "About {{ case.number }}", "body": "It is through."}}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: tests/cases/test_step_faults.py breaks the writes of both."""
    return sqlite_url


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await add(desk, {"templates": [{"slug": "told", "name": "Told", "texts": TEXT}], "processes": [ACTING]})
    return desk


@pytest.fixture
def breaker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Breaker]:
    with breaking(desk.house.database, monkeypatch) as made:
        yield made


async def ready(desk: Desk) -> Hands:
    hands = await Hands.opened(desk)
    await hands.do(K.PROCESS_SWITCH, SwitchBody(process="acting"))
    return hands


async def effects(desk: Desk, hands: Hands) -> tuple[Any, ...]:
    """What the actions have brought about, and how often."""
    case = await desk.case(hands.case.number)
    async with desk.house.database.read() as session:
        told = await session.scalar(
            select(func.count()).where(Outbox.case_id == case.id, Outbox.key.startswith("process/"))
        )
        hooks = await session.scalar(select(func.count()).where(Webhook.case_id == case.id))
    return case.stage, case.custom, case.priority, case.severity, case.owner_id is not None, case.queue, told, hooks


async def test_whichever_write_of_an_action_breaks_the_change_stands_and_the_rest_is_done_later(
    desk: Desk, breaker: Breaker
) -> None:
    hands = await ready(desk)
    whole = await hands.ask(K.STAGE_NEXT, StageBody())
    breaker.disarm()
    assert (await once(desk, whole)).fault is None
    count, done = breaker.seen, await effects(desk, hands)
    assert done == ("b", {"seen": True}, "low", "s2", True, "gold", 1, 1)
    broken: set[str] = set()
    for at in range(1, count + 1):
        for kind in (Break.FAULT, Break.DATA):
            hands = await ready(desk)
            asked = await hands.ask(K.STAGE_NEXT, StageBody())
            breaker.arm(at, kind)
            outcome = await once(desk, asked)
            breaker.disarm()
            where = f"write {at} of {count}, {kind}"
            if outcome.fault is not None or outcome.refusal is not None:
                continue  # It was a write of the command itself: tests/cases/test_step_faults.py
            assert (await desk.case(hands.case.number)).stage == "b", where
            broken |= await repaired(desk, hands)
            assert await effects(desk, hands) == done, where
    # As after a botched migration: what only the last statements of a write show.
    hands = await ready(desk)
    asked = await hands.ask(K.STAGE_NEXT, StageBody())
    async with missing(desk, "webhook"):
        assert (await once(desk, asked)).fault is None
        assert (await desk.case(hands.case.number)).stage == "b"
    broken |= await repaired(desk, hands)
    assert await effects(desk, hands) == done
    assert {"acting: send", "acting: webhook"} <= broken


async def repaired(desk: Desk, hands: Hands) -> set[str]:
    """Each incident is tried again, and is done; the answer names the actions among them."""
    found = set()
    for incident in await desk.incidents(hands.case.number):
        if incident.key.startswith("process/"):
            found.add(incident.step)
        retry = await must_hear(desk, hands.case.number, incident.id, DeliveryKind.RETRY)
        case = await desk.case(hands.case.number)
        given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=retry.id)
        assert (await once(desk, given)).fault is None
    assert {incident.state for incident in await desk.incidents(hands.case.number)} <= {"done"}
    return found


async def test_an_opening_goes_on_where_its_process_cannot_act(desk: Desk) -> None:
    """An agent without room is told, and nothing else is held up."""
    first = {
        **ACTING,
        "slug": "first",
        "order": 0,
        "on_applied": [{"do": "assign", "agent": "sam"}, *json.loads(json.dumps(ALL[:2]))],
        "applies_when": {"all": [{"field": "case.origin", "value": "phone"}]},
    }
    await add(desk, {"processes": [first]})
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "sam").values(load=1))
    hands = await Hands.opened(desk)
    case = await desk.case(hands.case.number)
    assert (case.status, case.stage, case.priority, case.owner_id) == ("active", "a", "low", None)
    assert (case.custom, case.severity) == ({"seen": True}, "s2")
    (full,) = await desk.timeline(case.number, "not-assigned")
    assert (full.data["owner"], full.data["event"]) == ("sam", "applied")
    (set_,) = [entry for entry in await desk.timeline(case.number, "changed") if entry.data.get("by") == "process"]
    assert set_.data["changes"]["priority"] == ["normal", "low"]
    (chosen,) = await desk.timeline(case.number, "process")
    assert chosen.data["why"] == "matched: case.origin eq 'phone'"


async def test_a_stage_starts_a_kpi_of_its_own_and_the_next_one_ends_it(desk: Desk) -> None:
    item = {
        "name": "Two days in b",
        "kpi": "in-b",
        "applicable_from": "stage_entered_on",
        "applicable_when": {"all": [{"field": "case.stage", "value": "b"}]},
        "success": {"all": [{"field": "case.stage", "op": "ne", "value": "b"}]},
        "fail_after": "2 days",
    }
    sla = {"slug": "by-stage", "name": "By stage", "items": [item]}
    await add(desk, {"kpis": [{"slug": "in-b", "name": "In b", "role": "none"}], "slas": [sla]})
    hands = await Hands.opened(desk, sla="by-stage")
    await hands.do(K.PROCESS_SWITCH, SwitchBody(process="acting"))
    assert await desk.kpis(hands.case.number) == {}
    await hands.do(K.STAGE_NEXT, StageBody())
    (running,) = (await desk.kpis(hands.case.number))["in-b"]
    assert (running["status"], running["applicable_from"]) == (
        "in-progress",
        PRESENT.isoformat().replace("+00:00", "Z"),
    )
    await hands.do(K.STAGE_PREVIOUS, StageBody())
    (ended,) = (await desk.kpis(hands.case.number))["in-b"]
    assert ended["status"] == "succeeded"


async def test_the_examples_of_processes_apply_and_guide_cases_of_their_origin(desk: Desk) -> None:
    await add(desk, "examples/processes.yaml")
    for origin, slug, stage in (("phone", "phone-to-case", "identify"), ("email", "email-to-case", "triage")):
        hands = await Hands.opened(desk, origin=origin)
        assert hands.case.stage == stage
        async with desk.house.database.read() as session:
            row = await session.scalar(select(ProcessInstance).where(ProcessInstance.case_id == hands.case.id))
            assert row is not None
            assert row.definition == slug
    hands = await Hands.opened(desk, origin="email")
    known: dict[str, DataValue] = {"case_type": "question", "custom.complete": True}
    answered: dict[str, DataValue] = {"custom.answered": True}
    for data, stage in ((known, "answer"), (answered, "confirm")):
        await hands.do(K.STAGE_NEXT, StageBody(data=data))
        assert (await desk.case(hands.case.number)).stage == stage
    await hands.do(K.PROCESS_FINISH, StageBody())
