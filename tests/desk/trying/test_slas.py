"""A draft of an SLA on past cases: what was active then promises and judges as it did, whatever has changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from desk.errors import Invalid, NotFound
from desk.reference import definitions
from desk.reference.kinds import ACCOUNTS
from desk.reference.records import Edit
from desk.trying import slas
from desk.trying.slas import try_sla
from models.messages.api_cases import CancelBody, ChangeBody, FirstResponseBody, HoldBody, ReactivateBody, ResolveBody
from models.messages.api_trying import SlaTried
from models.messages.base import Message
from models.messages.cases import CommandKind, LapseInput
from models.messages.slas import SlaDefinition
from models.records.promises import KpiRow
from models.records.timeline import TimelineEntry
from storage.definitions import DefinitionKind
from tests.support.desks import OPENED_ON, Desk, DeskFactory
from tests.support.hands import Hands, activities, run

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
END = OPENED_ON + 10 * DAY
RESOLVED = ResolveBody(resolution_type="problem-solved", resolution="Done.")
SHORTER = {"monday": [{"from": "09:00", "to": "11:00"}], "friday": [{"from": "09:00", "to": "10:00"}]}


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made


class Life(Hands):
    """A case whose commands are given at their own instants, and whose deadlines come before them."""

    async def at(self, now: datetime, kind: CommandKind, body: Message | None = None) -> None:
        await self.passes(now)
        given = (await self.ask(kind, body)).model_copy(update={"now": now})
        outcome = await run(activities(self.desk)["apply_command"], given)
        assert outcome.refusal is None, outcome.refusal

    async def passes(self, now: datetime) -> None:
        """Each deadline at its instant, as the run's timer does."""
        while (due := await self.desk.next_clock(self.case.number)) is not None and due <= now:
            await run(activities(self.desk)["lapse_clocks"], LapseInput(case_id=self.case.id, now=due))


async def lives(desk: Desk) -> list[Life]:
    """One that fails, pauses and is resolved; one that is cancelled by mistake; one of another SLA later; one that goes on;
    and, after the calendar has changed, one more."""
    late, mistaken, other, on = [await Life.opened(desk) for _ in range(4)]
    await late.at(OPENED_ON + 30 * MINUTE, CommandKind.HOLD, HoldBody())
    await mistaken.at(OPENED_ON + 5 * MINUTE, CommandKind.FIRST_RESPONSE, FirstResponseBody(reason="By phone."))
    await other.at(OPENED_ON + 7 * MINUTE, CommandKind.CHANGE, ChangeBody.model_validate({"sla": "around-the-clock"}))
    await mistaken.at(OPENED_ON + HOUR, CommandKind.CANCEL, CancelBody())
    async with desk.house.database.write() as session:
        edit = Edit(session, "mona", OPENED_ON + 90 * MINUTE)
        await definitions.change(edit, DefinitionKind.CALENDAR, "lunch-break", {"hours": SHORTER}, "*")
        await definitions.activate(edit, DefinitionKind.CALENDAR, "lunch-break")
    await mistaken.at(OPENED_ON + 2 * HOUR, CommandKind.REACTIVATE, ReactivateBody())
    after = await Life.opened(desk, now=OPENED_ON + 3 * HOUR)
    await late.at(OPENED_ON + DAY, CommandKind.RESUME)
    await late.at(OPENED_ON + DAY + HOUR, CommandKind.RESOLVE, RESOLVED)
    found = [late, mistaken, other, on, after]
    for each in found:
        await each.passes(END)
    # What is changed at last changes nothing that was.
    async with desk.house.database.write() as session:
        await ACCOUNTS.change(Edit(session, "mona", END), "aurora", {"tier": "lead"}, "*")
    return found


async def tried(desk: Desk, key: str = "gold", version: int | None = None, **options: Any) -> SlaTried:
    return await try_sla(desk.house.database, key, version, OPENED_ON - HOUR, END, END, **options)


async def draft(desk: Desk, key: str, **changes: Any) -> None:
    async with desk.house.database.write() as session:
        await definitions.change(Edit(session, "mona", END), DefinitionKind.SLA, key, changes, "*")


def item(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "success": {"all": [{"field": "case.status", "value": "resolved"}]}, **changes}


async def test_what_was_active_promises_as_it_did_and_a_draft_says_what_would_differ(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, mistaken, other, on, after = await lives(desk)
    monkeypatch.setattr(slas, "AT_ONCE", 2)
    before = await promised(desk)

    same = await tried(desk, version=1)
    assert (same.cases, same.uncertain, same.complete, same.instead_of) == (5, 0, True, "gold")
    assert same.differing == 0, same.differences
    figures = {(each.kpi, each.status): (each.would, each.did) for each in same.promises}
    assert figures["first-response", "succeeded"] == (1, 1)
    assert figures["first-response", "noncompliant"] == (3, 3)
    assert figures["first-response", "cancelled"] == (1, 1), "of the case that got another SLA"
    assert figures["resolution", "succeeded"] == (1, 1)

    answered = {"all": [{"field": "case.first_response_sent", "value": True}]}
    gold = {"all": [{"field": "account.tier", "value": "gold"}]}
    items = [
        item("Answer", kpi="first-response", success=answered, allow_pause=False, fail_after="3 minutes"),
        item("Gold", kpi="resolution", applicable_when=gold, business_hours="24x7", fail_after="20 minutes"),
        item("Rest", kpi="resolution", fail_after="90 hours"),
    ]
    await draft(desk, "gold", items=items)
    found = await tried(desk)
    assert (found.slug, found.version, found.cases) == ("gold", 2, 5)
    answers = {each.case: each for each in found.differences if each.kpi == "first-response"}
    missed = answers[mistaken.case.number]
    assert (missed.did.status, missed.would.status) == ("succeeded", "noncompliant")
    assert missed.would.due == OPENED_ON + 3 * MINUTE
    resolutions = {each.case: each for each in found.differences if each.kpi == "resolution"}
    assert {each.would.item for each in resolutions.values()} == {"Gold"}, "the account was gold then"
    assert "account.tier eq 'gold'" in resolutions[late.case.number].why
    assert (resolutions[late.case.number].did.calendar, resolutions[late.case.number].would.calendar) == (
        "lunch-break",
        None,
    )
    versions = {each.did.calendar_version for each in resolutions.values()}
    assert versions == {1, 2}, "each counted by the calendar of its own day"
    assert resolutions[on.case.number].would.due == OPENED_ON + 20 * MINUTE
    assert resolutions[after.case.number].would.due == OPENED_ON + 3 * HOUR + 20 * MINUTE
    assert resolutions[other.case.number].would.status == "cancelled"
    assert await promised(desk) == before, "nothing is written"

    some = await tried(desk, most=2)
    assert (some.cases, some.complete) == (2, False)


async def test_another_sla_is_tried_on_its_cases(desk: Desk) -> None:
    hands = await Life.opened(desk)
    await hands.passes(END)
    found = await tried(desk, "around-the-clock", instead_of="gold")
    assert (found.slug, found.instead_of, found.cases) == ("around-the-clock", "gold", 1)
    by_kpi = {each.kpi: each for each in found.differences}
    assert by_kpi["first-response"].would.status == "none"
    assert "promises no 'first-response'" in by_kpi["first-response"].why
    assert by_kpi["resolution"].would.due == OPENED_ON + DAY
    assert (await tried(desk, "around-the-clock")).cases == 0, "it had none of its own"
    async with desk.house.database.write() as session:
        await session.execute(update(TimelineEntry).values(changes=None))
    unknown = await tried(desk)
    assert (unknown.cases, unknown.uncertain, unknown.differing) == (1, 1, 0), "its past is not known"


async def test_what_cannot_be_tried_is_said(desk: Desk) -> None:
    database = desk.house.database
    for until in (OPENED_ON, OPENED_ON + 401 * DAY):
        with pytest.raises(Invalid, match="400 days"):
            await try_sla(database, "gold", None, OPENED_ON, until, END)
    for key, version in (("unknown", None), ("gold", 9)):
        with pytest.raises(NotFound):
            await try_sla(database, key, version, OPENED_ON, END, END)
    with pytest.raises(Invalid, match="unknown"):
        await tried(desk, instead_of="unknown")
    async with desk.house.database.write() as session:
        sla = SlaDefinition.model_validate(
            {"slug": "new", "name": "New", "items": [item("All", kpi="resolution", fail_after="1 hour")]}
        )
        await definitions.create(Edit(session, "mona", END), DefinitionKind.SLA, sla)
    with pytest.raises(Invalid, match="instead_of"):
        await tried(desk, "new")
    assert (await tried(desk, "new", instead_of="gold")).cases == 0


async def promised(desk: Desk) -> list[Any]:
    async with desk.house.database.read() as session:
        rows = (await session.execute(select(KpiRow.id, KpiRow.status, KpiRow.failure_at).order_by(KpiRow.id))).all()
        entries = await session.scalar(select(func.count()).select_from(TimelineEntry))
    return [*map(tuple, rows), entries]
