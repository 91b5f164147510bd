"""Promises over time, on the server's own skipped clock: every instant here is a literal, worked out by hand.

The calendar works Monday to Friday, 9 to 11 and 13 to 17, Berlin time: six hours a day. Thursday, 27 March 2031, 09:00
UTC is 10:00 there; on Sunday the 30th the clocks go forward, so the same local hour is one hour earlier in UTC; Tuesday,
1 April is a holiday.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from models.messages.api_cases import CancelBody, ChangeBody, HoldBody, ReplyBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.records.mails import Outbox
from models.records.promises import KpiAction
from policies.business_time import business_between
from tests.support.desks import Desk

WARNS, FAILS = "2031-03-27T09:10:00Z", "2031-03-27T09:15:00Z"


def at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2031, month, day, hour, minute, tzinfo=UTC)


async def actions(desk: Desk) -> list[str]:
    async with desk.house.database.read() as session:
        return sorted(await session.scalars(select(KpiAction.action)))


async def notices(desk: Desk) -> int:
    async with desk.house.database.read() as session:
        return len(list(await session.scalars(select(Outbox.id).where(Outbox.kind == "notice"))))


async def test_answered_in_time_the_first_response_succeeds(desk: Desk) -> None:
    number = await desk.open()
    await desk.forward_to(number, at(27, 9, 5))
    await desk.send("grace", number, CommandKind.PICK)
    await desk.send("grace", number, CommandKind.REPLY, ReplyBody(text="Hold the button."))
    (kpi,) = (await desk.kpis(number))["first-response"]
    assert (kpi["status"], kpi["failure_at"]) == ("succeeded", FAILS)
    assert kpi["succeeded_on"].startswith("2031-03-27T09:05:0")
    await desk.forward_to(number, at(27, 9, 20))
    assert (await desk.kpis(number))["first-response"] == [kpi]
    assert await actions(desk) == []


async def test_unanswered_it_warns_and_then_fails_and_each_action_happens_once(desk: Desk) -> None:
    number = await desk.open()
    await desk.forward_to(number, at(27, 9, 10))
    (kpi,) = (await desk.kpis(number))["first-response"]
    assert (kpi["status"], kpi["warned_on"], kpi["failed_on"]) == ("nearing-noncompliance", WARNS, None)
    assert (await actions(desk), await notices(desk)) == (["notify"], 1)

    await desk.forward_to(number, at(27, 9, 15))
    (kpi,) = (await desk.kpis(number))["first-response"]
    assert (kpi["status"], kpi["failed_on"]) == ("noncompliant", FAILS)
    assert (await desk.case(number)).escalated
    assert (await actions(desk), await notices(desk)) == (["escalate", "notify", "notify"], 2)

    await desk.send("grace", number, CommandKind.REPLY, ReplyBody(text="Late, sorry."))
    await desk.forward_to(number, at(27, 12))
    assert (await desk.kpis(number))["first-response"] == [kpi]
    assert (await actions(desk), await notices(desk)) == (["escalate", "notify", "notify"], 2)


async def test_the_resolution_deadline_is_in_business_time_over_a_change_of_clocks(desk: Desk) -> None:
    number = await desk.open()
    (kpi,) = (await desk.kpis(number))["resolution"]
    # Thursday 10-11 and 13-17 are 5 hours, Friday 6, Monday 9-10 the twelfth: 10:00 in summer time.
    assert (kpi["warning_at"], kpi["failure_at"]) == ("2031-03-28T14:00:00Z", "2031-03-31T08:00:00Z")
    await desk.forward_to(number, at(31, 7, 59))
    assert (await desk.kpis(number))["resolution"][0]["status"] == "nearing-noncompliance"
    await desk.forward_to(number, at(31, 8))
    (kpi,) = (await desk.kpis(number))["resolution"]
    assert (kpi["status"], kpi["failed_on"]) == ("noncompliant", "2031-03-31T08:00:00Z")
    assert (await desk.case(number)).priority == "high"


async def test_a_holiday_and_a_change_of_clocks_in_between(desk: Desk) -> None:
    number = await desk.open(now=at(28, 9))
    (kpi,) = (await desk.kpis(number))["resolution"]
    # Friday 5 hours, Monday 6, Tuesday is off, Wednesday 9-10.
    assert kpi["failure_at"] == "2031-04-02T08:00:00Z"
    await desk.forward_to(number, at(2, 8, month=4))
    assert (await desk.kpis(number))["resolution"][0]["failed_on"] == "2031-04-02T08:00:00Z"


async def test_a_hold_of_two_business_hours_moves_the_deadline_by_exactly_two(desk: Desk) -> None:
    number = await desk.open()
    # From Thursday evening into Friday's break: 16 hours, two of them (9 to 11) in working time.
    await desk.forward_to(number, at(27, 20))
    await desk.send("grace", number, CommandKind.HOLD, HoldBody())
    (paused,) = (await desk.kpis(number))["resolution"]
    assert paused["status"] == "paused"
    await desk.forward_to(number, at(28, 11))
    await desk.send("grace", number, CommandKind.RESUME)
    (kpi,) = (await desk.kpis(number))["resolution"]
    assert (kpi["status"], kpi["held_seconds"]) == ("in-progress", 2 * 3600)
    assert (kpi["warning_at"], kpi["failure_at"]) == ("2031-03-28T16:00:00Z", "2031-03-31T12:00:00Z")
    await desk.forward_to(number, at(31, 11, 59))
    assert (await desk.kpis(number))["resolution"][0]["status"] == "nearing-noncompliance"
    await desk.forward_to(number, at(31, 12))
    assert (await desk.kpis(number))["resolution"][0]["failed_on"] == "2031-03-31T12:00:00Z"


async def test_a_hold_around_the_clock_moves_the_deadline_by_its_own_length(desk: Desk) -> None:
    """The hold is two hours and a moment; by that very time, to the microsecond, the deadline moves."""
    number = await desk.open(now=at(27, 8))
    await desk.forward_to(number, at(27, 8, 1))
    await desk.send("grace", number, CommandKind.CHANGE, ChangeBody(sla="around-the-clock"))
    before = (await desk.kpis(number))["resolution"][-1]
    await desk.send("grace", number, CommandKind.HOLD, HoldBody())
    await desk.forward_to(number, at(27, 10, 2))
    await desk.send("grace", number, CommandKind.RESUME)
    after = (await desk.kpis(number))["resolution"][-1]
    (hold,) = after["holds"]
    began, ended = (datetime.fromisoformat(hold[side]) for side in ("began", "ended"))
    moved = datetime.fromisoformat(after["failure_at"]) - datetime.fromisoformat(before["failure_at"])
    assert moved == business_between(None, began, ended) == ended - began
    assert 7200 <= moved.total_seconds() < 7320


async def test_a_resolved_case_has_kept_its_promise_and_a_cancelled_one_made_none(desk: Desk) -> None:
    resolved, cancelled = await desk.open(), await desk.open()
    body = ResolveBody(resolution="Paired.")
    await desk.forward_to(resolved, at(27, 9, 5))
    await desk.send("grace", resolved, CommandKind.RESOLVE, body)
    kpis = await desk.kpis(resolved)
    assert kpis["resolution"][0]["status"] == "succeeded"
    assert (kpis["first-response"][0]["status"], kpis["first-response"][0]["cancelled_for"]) == (
        "cancelled",
        "case-closed",
    )
    assert (await desk.case(resolved)).status == CaseStatus.RESOLVED

    await desk.send("grace", cancelled, CommandKind.CANCEL, CancelBody())
    states = {kpi["status"] for kpis in (await desk.kpis(cancelled)).values() for kpi in kpis}
    assert states == {"cancelled"}
    assert (await desk.case(cancelled)).next_due is None
