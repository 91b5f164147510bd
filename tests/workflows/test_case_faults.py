"""A step that fails goes on as an ordinary activity: visible, repairable, and nothing is lost meanwhile (design)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from models.messages.api_cases import ArticleBody, NoteBody
from models.messages.cases import CaseStatus, CommandKind
from tests.support.correspondence import heard, mail, must_hear, tell
from tests.support.desks import Desk
from tests.support.refusals import problem
from tests.support.scenario import article_number, kinds
from tests.support.waiting import until


@asynccontextmanager
async def missing(desk: Desk, table: str) -> AsyncIterator[None]:
    """The table is away for the length of the block: every statement on it fails, as after a botched migration."""
    await rename(desk, table, f"{table}_away")
    try:
        yield
    finally:
        await rename(desk, f"{table}_away", table)


async def rename(desk: Desk, old: str, new: str) -> None:
    async with desk.house.database.write() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def pending(desk: Desk, number: str) -> dict[str, int]:
    """Activities under way by type, with how often each has failed so far: what the Temporal UI shows."""
    description = await desk.handle(number).describe()
    return {
        each.activity_type.name: each.attempt - 1
        for each in description.raw_description.pending_activities
        if each.HasField("last_failure")
    }


async def shows(desk: Desk, number: str, activity: str) -> dict[str, int]:
    """Once the activity has failed as an ordinary one."""
    found: dict[str, int] = {}

    async def failing() -> bool:
        nonlocal found
        found = await pending(desk, number)
        return activity in found

    await until(failing)
    return found


async def test_a_broken_opening_step_is_seen_repaired_and_goes_on(desk: Desk) -> None:
    case = await desk.insert()
    async with missing(desk, "entitlement_channel"):
        await desk.house.dispatcher.open(case.id, case.number, case.origin)
        (failures,) = (await shows(desk, case.number, await first_step(desk, case.number))).values()
        assert failures >= 1
        assert (await desk.case(case.number)).status == CaseStatus.OPENING
        assert await problem(desk.send("grace", case.number, CommandKind.PICK)) == (409, "case-opening")
        delivery = await must_hear(desk, case.number, (await mail(desk)).id)
        await tell(desk, await desk.case(case.number), delivery)
    await desk.until_status(case.number, CaseStatus.ACTIVE)
    assert (await heard(desk, delivery.id)).outcome == "attach", "it had waited for the opening"
    await desk.send("grace", case.number, CommandKind.PICK)

    opened = await desk.case(case.number)
    assert (opened.queue, opened.sla, opened.entitlement_id) == ("gold", "gold", (await desk.entitlement("care")).id)
    assert await pending(desk, case.number) == {}
    told = [entry.key for entry in await desk.timeline(case.number)]
    assert len(told) == len(set(told))
    assert kinds(await desk.settled(case.number))["ACTIVITY_TASK_SCHEDULED"] == 1, "the other steps stayed local"


async def first_step(desk: Desk, number: str) -> str:
    """The type of the one activity that is under way."""

    async def some() -> Any:
        return (await desk.handle(number).describe()).raw_description.pending_activities

    found: Any = []

    async def there() -> bool:
        nonlocal found
        found = await some()
        return bool(found)

    await until(there)
    return str(found[0].activity_type.name)


async def test_a_broken_command_is_pursued_and_answered_after_the_repair(desk: Desk) -> None:
    number, article = await desk.open(), await article_number(desk, "pairing")
    async with missing(desk, "case_article"):
        asked = asyncio.create_task(
            desk.send("grace", number, CommandKind.ATTACH_ARTICLE, ArticleBody(article=article), key="a1")
        )
        assert list(await shows(desk, number, "apply_command")) == ["apply_command"]
        waiting = asyncio.create_task(desk.send("sam", number, CommandKind.NOTE, NoteBody(text="Any news?")))
    answer, later = await asyncio.gather(asked, waiting)
    assert answer.version == 2
    assert later.version == 3
    assert len(await desk.timeline(number, "article")) == 1
    again = await desk.send("grace", number, CommandKind.ATTACH_ARTICLE, ArticleBody(article=article), key="a1")
    assert (again.version, again.resource, again.replayed) == (answer.version, answer.resource, True)
