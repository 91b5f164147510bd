"""Whatever breaks a step, the case goes on: on the real server, with what people do next (design, "One bad command stops
nobody"). Which write of a step breaks is tried in tests/cases/test_step_faults.py."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.common import SearchAttributeKey

from cases.verbs import correspondence, queue
from desk.errors import DeskError
from desk.incidents import IncidentDesk
from desk.refusals import Faulted
from models.messages.api_cases import LinkArticleBody, NoteBody
from models.messages.cases import CaseStatus, CommandKind
from models.messages.incidents import IncidentState
from models.messages.mailflow import DeliveryKind
from tests.support.breaking import Break, Breaker, breaking
from tests.support.correspondence import heard, mail, must_hear, receive, tell
from tests.support.desks import OPENED_ON, Desk
from tests.support.faults import failing, missing
from tests.support.refusals import problem
from tests.support.scenario import article_number, kinds
from tests.support.waiting import until

NOW = datetime(2031, 3, 27, 10, 0, tzinfo=UTC)
SLA = SearchAttributeKey.for_keyword("CaseSla")


@pytest.fixture
def breaker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Breaker]:
    with breaking(desk.house.database, monkeypatch) as made:
        yield made


def incident_desk(desk: Desk) -> IncidentDesk:
    return IncidentDesk(desk.house.database, desk.commands.pursuit, desk.house.dispatcher)


async def fault(asked: object) -> Faulted:
    with pytest.raises(Faulted) as raised:
        await asked  # type: ignore[misc]  # a coroutine of any answer
    return raised.value


async def goes_on(desk: Desk, number: str) -> None:
    """A note, a pick, a mail and a warning of the SLA."""
    await desk.send("sam", number, CommandKind.NOTE, NoteBody(text="Any news?"))
    await desk.send("grace", number, CommandKind.PICK)
    assert (await receive(desk, number)).outcome == "attach"
    await desk.forward_to(number, OPENED_ON + timedelta(minutes=12))
    assert await desk.timeline(number, "kpi-warned")


async def details(desk: Desk, number: str) -> str:
    described = await desk.handle(number).describe()
    return str(described.typed_search_attributes[SLA])


async def test_a_command_that_our_fault_breaks_is_an_incident_and_is_done_once_after_the_repair(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, mona = await desk.open(), await desk.agent("mona")

    async def broken(*given: object) -> None:
        raise RuntimeError("a customer's words")

    with monkeypatch.context() as patch:
        patch.setattr(queue, "pick", broken)
        patch.setitem(__import__("cases.commands", fromlist=["VERBS"]).VERBS, CommandKind.PICK, broken)
        failed = await fault(desk.send("grace", number, CommandKind.PICK, key="p1"))
        assert failed.status == 500
        again = await fault(desk.send("grace", number, CommandKind.PICK, key="p1"))
        assert again.incident == failed.incident, "the same key, the same answer"
        assert await details(desk, number) == "incident"
        (row,) = await desk.incidents(number)
        assert (row.step, row.error, row.state, row.count) == ("pick", "RuntimeError", "open", 1)
        assert "customer" not in f"{row.error}{row.place}"
        assert failed.incident is not None
        assert (await fault(incident_desk(desk).retry(failed.incident, mona, NOW))).incident == failed.incident
        assert [row.count for row in await desk.incidents(number)] == [2]
    done = await incident_desk(desk).retry(failed.incident, mona, NOW)
    assert (done.state, done.count) == (IncidentState.DONE, 2)
    assert (await desk.case(number)).open_incidents == 0
    assert await details(desk, number) != "incident"
    after = await desk.send("grace", number, CommandKind.PICK, key="p1")
    assert after.replayed
    assert len(await desk.timeline(number, "picked")) == 1
    with pytest.raises(DeskError, match="done already"):
        await incident_desk(desk).retry(failed.incident, mona, NOW)


@pytest.mark.parametrize("kind", [Break.DATA, Break.FAULT])
async def test_a_broken_note_stops_nobody(desk: Desk, breaker: Breaker, kind: Break) -> None:
    number = await desk.open()
    breaker.arm(1, kind)
    asked = desk.send("grace", number, CommandKind.NOTE, NoteBody(text="x"))
    if kind is Break.DATA:
        assert (await problem(asked))[0] == 422
        assert await desk.incidents(number) == []
    else:
        await fault(asked)
        assert [row.step for row in await desk.incidents(number)] == ["note"]
    breaker.disarm()
    await goes_on(desk, number)


async def test_a_mail_that_our_fault_breaks_is_set_aside_and_heard_after_the_repair(
    desk: Desk, breaker: Breaker
) -> None:
    number, mona = await desk.open(), await desk.agent("mona")
    breaker.arm(1, Break.FAULT)
    delivery = await receive(desk, number)
    assert delivery.outcome == "set-aside"
    breaker.disarm()
    await goes_on(desk, number)
    (row,) = await desk.incidents(number)
    assert (row.step, row.subject_id) == ("mail", delivery.id)
    assert (await incident_desk(desk).retry(row.id, mona, NOW)).state is IncidentState.DONE
    assert (await heard(desk, delivery.id)).outcome == "attach"
    assert len(await desk.timeline(number, "mail")) == 2


async def test_an_incident_can_be_let_be(desk: Desk, breaker: Breaker) -> None:
    number, mona = await desk.open(), await desk.agent("mona")
    breaker.arm(1, Break.FAULT)
    await receive(desk, number)
    breaker.disarm()
    (row,) = await desk.incidents(number)
    assert (await incident_desk(desk).dismiss(row.id, mona, NOW)).state is IncidentState.DISMISSED
    assert (await desk.case(number)).open_incidents == 0


async def test_an_opening_goes_on_without_the_part_that_failed(desk: Desk) -> None:
    case, mona = await desk.insert(), await desk.agent("mona")
    async with missing(desk, "entitlement_channel"):
        await desk.house.dispatcher.open(case.id, case.number, case.origin)
        await desk.until_status(case.number, CaseStatus.ACTIVE)
        (row,) = [each for each in await desk.incidents(case.number) if each.key == "opening/customer"]
        assert (row.step, row.state) == ("open: customer", "open")
        opened = await desk.case(case.number)
        assert (opened.entitlement_id, opened.stage) == (None, "identify")
        await desk.settled(case.number)
        await desk.send("grace", case.number, CommandKind.NOTE, NoteBody(text="It works all the same."))
    for each in await desk.incidents(case.number):
        assert (await incident_desk(desk).retry(each.id, mona, NOW)).state is IncidentState.DONE
    repaired = await desk.case(case.number)
    assert (repaired.entitlement_id, repaired.open_incidents) == ((await desk.entitlement("care")).id, 0)
    assert "ACTIVITY_TASK_SCHEDULED" not in kinds(await desk.settled(case.number)), "every step stayed local"
    await goes_on(desk, case.number)


async def test_a_broken_command_can_be_tried_again_after_the_repair(desk: Desk) -> None:
    number, article, mona = await desk.open(), await article_number(desk, "pairing"), await desk.agent("mona")
    attach = CommandKind.ATTACH_ARTICLE
    async with missing(desk, "case_article"):
        failed = await fault(desk.send("grace", number, attach, LinkArticleBody(article=article), key="a1"))
        await desk.send("sam", number, CommandKind.NOTE, NoteBody(text="Any news?"))
    assert failed.incident is not None
    assert (await incident_desk(desk).retry(failed.incident, mona, NOW)).state is IncidentState.DONE
    assert len(await desk.timeline(number, "article")) == 1
    again = await desk.send("grace", number, attach, LinkArticleBody(article=article), key="a1")
    assert again.replayed


async def test_while_the_database_is_away_a_step_waits_in_sight_and_is_done_when_it_is_back(
    desk: Desk, breaker: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, away = await desk.open(), asyncio.Event()
    away.set()
    note = correspondence.note

    async def waits(*given: object) -> object:
        if away.is_set():
            raise ConnectionRefusedError
        return await note(*given)  # type: ignore[arg-type]  # as it was given

    verbs = __import__("cases.commands", fromlist=["VERBS"]).VERBS
    monkeypatch.setitem(verbs, CommandKind.NOTE, waits)
    asked = asyncio.create_task(desk.send("grace", number, CommandKind.NOTE, NoteBody(text="Later.")))

    async def shown() -> bool:
        return (await failing(desk, number)).get("note", 0) >= 1

    await until(shown)
    away.clear()
    await asked
    assert await desk.incidents(number) == []
    await goes_on(desk, number)


async def test_a_deadline_that_cannot_be_judged_is_tried_again_by_itself(desk: Desk, breaker: Breaker) -> None:
    number = await desk.open()
    breaker.arm(1, Break.FAULT)
    await desk.forward_to(number, OPENED_ON + timedelta(minutes=12))
    assert await desk.timeline(number, "kpi-warned")
    states = {row.key: row.state for row in await desk.incidents(number)}
    assert set(states.values()) <= {"done", "open"}
    assert "clocks" not in states or states["clocks"] == "done"


async def test_a_delivery_of_nonsense_stops_no_run(desk: Desk) -> None:
    number = await desk.open()
    for word in ("mail", "deliver", "nobody sends this"):
        await desk.handle(number).signal(word, "no id")
        await desk.handle(number).signal(word)
    delivery = await must_hear(desk, number, (await mail(desk)).id, DeliveryKind.MAIL)
    await tell(desk, await desk.case(number), delivery)
    assert (await heard(desk, delivery.id)).outcome == "attach"
