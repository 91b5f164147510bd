"""The business process of a case, through desk and workflow (domain 7; checklist 38)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models.messages.api_cases import StageBody, SwitchBody
from models.messages.cases import CommandKind
from models.records.processes import ProcessInstance
from tests.support.desks import Desk
from tests.support.refusals import problem, refusal

NEXT, PREVIOUS, FINISH = CommandKind.STAGE_NEXT, CommandKind.STAGE_PREVIOUS, CommandKind.PROCESS_FINISH


@pytest.fixture
def engine() -> str:
    """One database is enough: what is decided here is in one JSON document."""
    return "sqlite"


async def go(desk: Desk, number: str, kind: CommandKind, **data: Any) -> None:
    await desk.send("grace", number, kind, StageBody(data={name.replace("__", "."): data[name] for name in data}))


async def stage(desk: Desk, number: str) -> str | None:
    return (await desk.case(number)).stage


async def test_next_waits_for_the_stages_data_steps_and_names_them(desk: Desk) -> None:
    number = await desk.open()
    error = await refusal(go(desk, number, NEXT))
    assert (error.status, error.type) == (409, "data-step-missing")
    assert error.missing == ("case_type",)  # type: ignore[attr-defined]
    assert await problem(go(desk, number, NEXT, case_type="riddle")) == (422, "invalid")
    assert await problem(go(desk, number, NEXT, custom__confirmed=True)) == (422, "invalid"), "another stage's step"
    before = await desk.case(number)
    assert (before.stage, before.case_type, before.custom) == ("identify", None, {})

    await go(desk, number, NEXT, case_type="problem")
    after = await desk.case(number)
    assert (after.stage, after.case_type) == ("research", "problem")
    # A required yes or no must be yes.
    error = await refusal(go(desk, number, NEXT, custom__article_sent=False))
    assert error.missing == ("custom.article_sent",)  # type: ignore[attr-defined]
    assert (await desk.case(number)).custom == {}, "what was refused was not written"


async def test_only_next_leads_forward_and_only_the_last_stage_finishes(desk: Desk) -> None:
    number = await desk.open()
    forward = desk.send("grace", number, CommandKind.STAGE_SET_ACTIVE, stage="resolve")
    assert await problem(forward) == (409, "stage-forbidden")
    assert await problem(go(desk, number, PREVIOUS)) == (409, "stage-forbidden")
    assert await problem(go(desk, number, FINISH, case_type="problem")) == (409, "stage-forbidden")
    await go(desk, number, NEXT, case_type="problem")
    await go(desk, number, NEXT, custom__article_sent=True)
    assert await problem(go(desk, number, NEXT, custom__confirmed=True)) == (409, "stage-forbidden"), "the last one"

    await desk.send("grace", number, CommandKind.STAGE_SET_ACTIVE, stage="identify")
    assert await stage(desk, number) == "identify"
    await go(desk, number, NEXT)
    await go(desk, number, PREVIOUS)
    await go(desk, number, NEXT)
    await go(desk, number, NEXT)
    assert await stage(desk, number) == "resolve", "what was filled stays filled"
    assert await problem(go(desk, number, FINISH)) == (409, "data-step-missing")
    await go(desk, number, FINISH, custom__confirmed=True)
    assert await problem(go(desk, number, PREVIOUS)) == (409, "process-not-active")
    assert (await desk.case(number)).status == "active", "finishing the process does not resolve the case"


async def test_an_ended_process_can_be_taken_up_again(desk: Desk) -> None:
    number = await desk.open()
    assert await problem(desk.send("grace", number, CommandKind.PROCESS_REACTIVATE)) == (409, "stage-forbidden")
    await go(desk, number, NEXT, case_type="problem")
    await desk.send("grace", number, CommandKind.PROCESS_ABANDON)
    error = await refusal(go(desk, number, NEXT, custom__article_sent=True))
    assert error.allowed == ("process-reactivate", "process-switch")  # type: ignore[attr-defined]
    await desk.send("grace", number, CommandKind.PROCESS_REACTIVATE)
    await go(desk, number, NEXT, custom__article_sent=True)
    assert await stage(desk, number) == "resolve"


async def test_switching_parks_the_process_and_restores_it_as_it_was(desk: Desk) -> None:
    number = await desk.open()
    await go(desk, number, NEXT, case_type="problem")
    await desk.send("grace", number, CommandKind.PROCESS_SWITCH, SwitchBody(process="short"))
    assert await stage(desk, number) == "only"
    await go(desk, number, FINISH)
    assert await problem(desk.send("grace", number, CommandKind.PROCESS_SWITCH, SwitchBody(process="short"))) == (
        409,
        "stage-forbidden",
    )
    unknown = desk.send("grace", number, CommandKind.PROCESS_SWITCH, SwitchBody(process="endless"))
    assert await problem(unknown) == (422, "invalid")

    await desk.send("grace", number, CommandKind.PROCESS_SWITCH, SwitchBody(process="three-stages"))
    assert await stage(desk, number) == "research"
    await go(desk, number, PREVIOUS)
    async with desk.house.database.read() as session:
        rows = {row.definition: row for row in await session.scalars(select(ProcessInstance))}
    assert {slug: (row.current, row.state["status"]) for slug, row in rows.items()} == {
        "three-stages": (True, "active"),
        "short": (False, "finished"),
    }
