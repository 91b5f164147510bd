"""The audit of a case: every field of every change, with what it was before, who did it and by which command or rule."""

from __future__ import annotations

from typing import Any

import pytest

from cases.changes import TOLD, FieldChanges, plain
from desk.errors import NotFound
from desk.identity import Identity
from desk.queries.changes import changes_of
from models.messages.api_cases import ChangeBody, HoldBody, NoteBody, ReactivateBody, ReplyBody, ResolveBody
from models.messages.cases import CommandKind, LapseInput, StepInput
from models.records.base import new_id
from models.records.cases import Case
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import Hands, activities, run
from tests.support.organisations import add
from tests.support.searching import out_of_step


async def told(desk: Desk, who: Identity, number: str) -> list[dict[str, Any]]:
    """The oldest first."""
    async with desk.house.database.read() as session:
        return (await changes_of(session, who, number, None, 200))[::-1]


def standing(case: Case) -> dict[str, Any]:
    return {name: plain(getattr(case, name)) for name in TOLD}


async def test_what_the_audit_tells_leads_from_the_first_row_to_the_last(desk: Desk) -> None:
    made = await desk.insert(title="Stumm", custom={"device": "One"})
    first = standing(await desk.case(made.number))
    hands = await Hands.opened(desk)
    other = hands.case.number
    await run(activities(desk)["open_case"], StepInput(case_id=made.id, now=OPENED_ON))
    hands = Hands(desk, await desk.case(made.number), "grace")
    await hands.do(CommandKind.PICK)
    change = ChangeBody.model_validate({"title": "Taub", "priority": "high", "custom": {"device": None, "seen": True}})
    changed = await hands.ask(CommandKind.CHANGE, change)
    await run(activities(desk)["apply_command"], changed)
    await hands.do(CommandKind.NOTE, NoteBody(text="Nothing of the case changes but that it was written"))
    await hands.do(CommandKind.HOLD, HoldBody())
    await hands.do(CommandKind.RESUME)
    await hands.do(CommandKind.REPLY, ReplyBody(text="Hold the button."))
    await hands.do(CommandKind.RESOLVE, ResolveBody(resolution_type="problem-solved", resolution="It works."))
    await hands.do(CommandKind.REACTIVATE, ReactivateBody())

    grace = await desk.agent("grace")
    entries = await told(desk, grace, made.number)
    reached = dict(first)
    for entry in entries:
        for field, (old, new) in entry["changes"].items():
            assert reached[field] == old, f"{entry['action']}: {field}"
            reached[field] = new
    assert reached == standing(await desk.case(made.number))

    by_action = {entry["action"]: entry for entry in entries}
    assert by_action["changed"]["actor"] == "grace"
    assert by_action["changed"]["command"] == str(changed.command.id)
    assert by_action["changed"]["changes"]["title"] == ["Stumm", "Taub"]
    assert by_action["changed"]["changes"]["custom"] == [{"device": "One"}, {"seen": True}]
    assert by_action["routed"]["actor"] == "system"
    assert by_action["routed"]["command"] is None
    assert by_action["routed"]["because"]["rule"]
    assert by_action["routed"]["changes"]["queue"][0] is None
    assert {"picked", "held", "resumed", "reply", "resolved", "reactivated"} <= set(by_action)
    assert "note" not in by_action
    assert {entry["object"] for entry in await told(desk, grace, other)} == {other}
    assert await out_of_step(desk.house.database) == []  # what a search finds has followed each of these writes


async def test_the_first_stage_stands_on_the_entry_of_its_process(desk: Desk) -> None:
    calls = {"slug": "calls", "name": "Calls", "order": 1, "stages": [{"slug": "first", "name": "First"}]}
    when = {"all": [{"field": "case.origin", "value": "phone"}]}
    await add(desk, {"processes": [calls | {"applies_when": when}]})
    made = (await Hands.opened(desk, origin="phone")).case
    entries = await told(desk, await desk.agent("grace"), made.number)
    assert [entry["action"] for entry in entries if "stage" in entry["changes"]] == ["process"]


async def test_a_deadline_is_told_by_the_engine(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    due = hands.case.next_due
    assert due is not None
    await run(activities(desk)["lapse_clocks"], LapseInput(case_id=hands.case.id, now=due))
    last = (await told(desk, await desk.agent("grace"), hands.case.number))[-1]
    assert last["actor"] == "system"
    assert last["changes"]["next_due"][0] == due.isoformat()
    with pytest.raises(NotFound):
        await told(desk, await desk.agent("grace"), "CAS-99999-ABCDEF")


def test_a_value_that_comes_back_is_no_change_and_true_is_not_one() -> None:
    case = Case(id=new_id(), title="A", custom={"n": 1}, escalated=False)
    changes = FieldChanges(case)
    case.title = "B"
    case.title = "A"
    assert changes.taken() is None
    case.title, case.version = "B", 7
    assert changes.taken() == {"title": ["A", "B"]}
    assert changes.taken() is None
    case.custom = {"n": True}
    assert changes.taken() == {"custom": [{"n": 1}, {"n": True}]}
