"""A step that fails goes on as an ordinary activity: visible, repairable, and nothing is lost meanwhile (design)."""

from __future__ import annotations

import asyncio

from models.messages.api_cases import LinkArticleBody, NoteBody
from models.messages.cases import CaseStatus, CommandKind
from tests.support.correspondence import heard, mail, must_hear, tell
from tests.support.desks import Desk
from tests.support.faults import failing, missing
from tests.support.refusals import problem
from tests.support.scenario import article_number, kinds
from tests.support.waiting import until


async def test_a_broken_opening_step_is_seen_repaired_and_goes_on(desk: Desk) -> None:
    case = await desk.insert()
    async with missing(desk, "entitlement_channel"):
        await desk.house.dispatcher.open(case.id, case.number, case.origin)
        await until(lambda: shows(desk, case.number, "open_case"))
        assert (await desk.case(case.number)).status == CaseStatus.OPENING
        assert await problem(desk.send("grace", case.number, CommandKind.PICK)) == (409, "case-opening")
        delivery = await must_hear(desk, case.number, (await mail(desk)).id)
        await tell(desk, await desk.case(case.number), delivery)
    await desk.until_status(case.number, CaseStatus.ACTIVE)
    assert (await heard(desk, delivery.id)).outcome == "attach", "it had waited for the opening"
    await desk.send("grace", case.number, CommandKind.PICK)

    opened = await desk.case(case.number)
    assert (opened.queue, opened.sla, opened.entitlement_id) == ("gold", "gold", (await desk.entitlement("care")).id)
    told = [entry.key for entry in await desk.timeline(case.number)]
    assert len(told) == len(set(told))
    assert await failing(desk, case.number) == {}
    assert kinds(await desk.settled(case.number))["ACTIVITY_TASK_SCHEDULED"] == 1, "the other steps stayed local"


async def test_a_write_that_fails_names_its_cause(desk: Desk) -> None:
    case = await desk.insert()
    async with missing(desk, "process_instance"):
        await desk.house.dispatcher.open(case.id, case.number, case.origin)
        await until(lambda: shows(desk, case.number, "open_case"))
        (pending,) = (await desk.handle(case.number).describe()).raw_description.pending_activities
        failure = pending.last_failure
        while failure.HasField("cause") and not failure.HasField("application_failure_info"):
            failure = failure.cause  # the server wraps what is long
        assert failure.application_failure_info.type in ("OperationalError", "ProgrammingError"), failure.message
        assert "process_instance" in failure.message
    await desk.until_status(case.number, CaseStatus.ACTIVE)


async def test_a_broken_command_is_pursued_and_answered_after_the_repair(desk: Desk) -> None:
    number, article = await desk.open(), await article_number(desk, "pairing")
    attach = CommandKind.ATTACH_ARTICLE
    async with missing(desk, "case_article"):
        asked = asyncio.create_task(desk.send("grace", number, attach, LinkArticleBody(article=article), key="a1"))
        await until(lambda: shows(desk, number, "apply_command"))
        waiting = asyncio.create_task(desk.send("sam", number, CommandKind.NOTE, NoteBody(text="Any news?")))
    answer, later = await asyncio.gather(asked, waiting)
    assert (answer.version, later.version) == (2, 3)
    assert len(await desk.timeline(number, "article")) == 1
    again = await desk.send("grace", number, attach, LinkArticleBody(article=article), key="a1")
    assert (again.version, again.resource, again.replayed) == (answer.version, answer.resource, True)


async def shows(desk: Desk, number: str, activity: str) -> bool:
    """Whether the activity has failed as an ordinary one."""
    return (await failing(desk, number)).get(activity, 0) >= 1
