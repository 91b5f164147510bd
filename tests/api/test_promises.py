"""Promises through the API on a real server: rows 24, 25, 28, 29 and 30 of the checklist, calendars that change, escalations,
and why a promise is due when it is.

The tests' calendar works Monday to Friday, 9 to 11 and 13 to 17, Berlin time; tests/scenarios/test_promises.py has the rest.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from models.messages.cases import CommandKind
from tests.policies.minute_oracle import OracleCalendar
from tests.support.asking import Http, problem
from tests.support.organisations import add, settings
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("patience")
RESOLVED = {"all": [{"field": "case.status", "value": "resolved"}]}
HIGH = {"all": [{"field": "case.priority", "value": "high"}]}
DAY_OFF = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20310328
SUMMARY:A Friday off
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here is said in SQL that differs between the databases."""
    return sqlite_url


def at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2031, month, day, hour, minute, tzinfo=UTC)


async def got(http: Http, path: str, who: str = "mona") -> Any:
    answer = await http(who, "GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def done(http: Http, path: str, body: Any = None, who: str = "grace") -> Any:
    answer = await http(who, "POST", path, body)
    assert answer.status_code < 300, answer.text
    return answer.json()


async def promises(http: Http, number: str, kpi: str = "resolution") -> list[dict[str, Any]]:
    return [each for each in (await got(http, f"/cases/{number}/sla"))["items"] if each["kpi"] == kpi]


async def imported(http: Http, text: str | bytes, who: str = "mona") -> httpx.Response:
    kind = {"Content-Type": "text/calendar"}
    return await http.agents[who].post("/api/v1/calendars/lunch-break/holidays", content=text, headers=kind)


# ---- rows of the checklist -------------------------------------------------------------------------------------------


async def test_row_24_manual_automation_entitlement_default(http: Http) -> None:
    rules = [
        {"name": "Calm", "when": HIGH, "queue": "gold", "sla": "calm"},
        {"name": "All", "queue": "standard"},
    ]
    calm = {"name": "R", "kpi": "resolution", "success": RESOLVED, "fail_after": "9 hours"}
    await add(http.desk, {
        "slas": [{"slug": "calm", "name": "Calm", "items": [calm]}],
        "routing_rule_sets": [{"slug": "by-tier", "name": "By tier", "rules": rules}],
        "accounts": [{"slug": "plain", "name": "Plain"}],
    })  # fmt: skip
    await settings(http.desk, default_sla="around-the-clock")
    chosen = {}
    ways: dict[str, dict[str, Any]] = {
        "manual": {"priority": "high", "sla": "around-the-clock"},
        "automation": {"priority": "high"},
        "entitlement": {},
        "default": {"customer": "plain", "contact": None},
    }
    for source, fields in ways.items():
        seen = await got(http, f"/cases/{await http.open(**fields)}/sla")
        chosen[source] = (seen["source"], seen["sla"])
    assert chosen == {
        "manual": ("manual", "around-the-clock"),
        "automation": ("automation", "calm"),
        "entitlement": ("entitlement", "gold"),
        "default": ("default", "around-the-clock"),
    }
    why = await got(http, f"/cases/{await http.open(priority='high')}/why/promises")
    assert [each["why"] for each in why["chosen"]] == ["set by an automation", "the SLA of the case's entitlement"]
    off = await http.open(apply_sla=False)
    assert (await got(http, f"/cases/{off}/sla"))["sla"] is None


async def test_row_25_a_deadline_in_business_hours_and_without_a_case(http: Http) -> None:
    hours = [{"from": "09:00", "to": "17:00"}]
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), hours)
    office = {"slug": "office", "time_zone": "Europe/Berlin", "hours": week, "holidays": ["2031-03-25"]}
    promised = {"name": "R", "kpi": "resolution", "success": RESOLVED, "fail_after": "12 hours", "warn_after": "50%"}
    urgent = {**promised, "name": "Urgent", "applicable_when": HIGH, "fail_after": "1 day"}
    late = {**promised, "name": "Late", "kpi": "first-response", "applicable_from": "escalated_on"}
    await done(http, "/calendars", office, "mona")
    await done(http, "/calendars/office/activate", None, "mona")
    await done(
        http, "/slas", {"slug": "due", "name": "Due", "calendar": "office", "items": [urgent, promised, late]}, "mona"
    )
    asked_for = {"created_on": "2031-03-24T09:00:00Z"}
    first, second = (await done(http, "/slas/due/due", asked_for, "mona"))["promises"]
    # Monday 10:00 to 17:00, not on the holiday, and Wednesday until 14:00: 13:00 UTC (domain 4.5).
    assert (first["item"], first["failure_at"]) == ("R", "2031-03-26T13:00:00Z")
    assert first["warning_at"] == "2031-03-24T15:00:00Z"
    assert first["why"].startswith("item 'Urgent' failed")
    assert first["why"].endswith("item 'R' always")
    counted = [(each["begins"], each["ends"], each["minutes"]) for each in first["counted"]["intervals"]]
    assert counted == [
        ("2031-03-24T09:00:00Z", "2031-03-24T16:00:00Z", 420),
        ("2031-03-26T08:00:00Z", "2031-03-26T13:00:00Z", 300),
    ]
    assert first["counted"]["minutes"] == 720
    assert (second["item"], second["failure_at"]) == (None, None)
    assert "escalated_on is empty" in second["why"]

    facts = {"case.priority": "high", "case.escalated_on": "2031-03-28T15:00:00Z"}
    first, second = (await done(http, "/slas/due/due", asked_for | {"facts": facts}, "mona"))["promises"]
    assert (first["item"], first["failure_at"]) == ("Urgent", "2031-03-26T09:00:00Z")
    # Friday 16:00, one hour, and eight on Monday, when the clocks have changed, and three on Tuesday.
    assert second["failure_at"] == "2031-04-01T10:00:00Z"
    first, _ = (await done(http, "/slas/due/due", asked_for | {"calendar": "24x7"}, "mona"))["promises"]
    assert (first["calendar"], first["failure_at"]) == (None, "2031-03-24T21:00:00Z")

    ended = await done(http, "/slas/due/due", asked_for | {"facts": {"case.status": "cancelled"}}, "mona")
    assert {each["failure_at"] for each in ended["promises"]} == {None}, "of a closed case nothing is promised"

    for wrong, field in (
        ({"facts": {"case.colour": "red"}}, "/facts/case.colour"),
        ({"facts": {"now.time": "10:00"}}, "/facts/now.time"),
        ({"facts": {"case.escalated_on": "soon"}}, "/facts/case.escalated_on"),
        ({"facts": {"case.status": "zzz"}}, "/facts/case.status"),
        ({"facts": {"case.priority": "higher"}}, "/facts/case.priority"),
        ({"facts": {"case.priority": ["high", "higher"]}}, "/facts/case.priority"),
        ({"facts": {"case.origin": "pigeon"}}, "/facts/case.origin"),
        ({"facts": {"case.status_reason": "asleep"}}, "/facts/case.status_reason"),
        ({"facts": {"case.escalated": "perhaps"}}, "/facts/case.escalated"),
        ({"facts": {"case.subject": "nothing"}}, "/facts/case.subject"),
        ({"facts": {"queue.slug": "nowhere"}}, "/facts/queue.slug"),
        ({"facts": {"customer.kind": "ghost"}}, "/facts/customer.kind"),
        ({"calendar": "nowhere"}, "/calendar"),
        ({"created_on": "2031-03-24T09:00:00"}, "/created_on"),
    ):
        answer = await http("mona", "POST", "/slas/due/due", asked_for | wrong)
        assert problem(answer) == (422, "invalid"), answer.text
        assert [each["field"] for each in answer.json()["errors"]] == [field], answer.text
    needs = await http("mona", "POST", "/slas/gold/due", asked_for | {"calendar": "24x7"})
    assert problem(needs) == (422, "invalid")
    assert "promises '9 business hours', which needs working hours" in needs.json()["detail"]
    assert (await http("mona", "POST", "/slas/nothing/due", asked_for)).status_code == 404
    assert (await http("grace", "POST", "/slas/due/due", asked_for)).status_code == 403


async def test_rows_28_29_and_30_lost_recalculated_and_cancelled(http: Http) -> None:
    solved = {"name": "Normal", "kpi": "resolution", "success": RESOLVED, "fail_after": "60 minutes"}
    fast = {**solved, "name": "High", "applicable_when": HIGH, "fail_after": "15 minutes"}
    await add(http.desk, {"slas": [{"slug": "two", "name": "Two", "items": [fast, solved]}]})
    number = await http.open(priority="high", sla="two")
    await http("grace", "PATCH", f"/cases/{number}", {"priority": "normal"}, If_Match="*")
    lost, follows = await promises(http, number)
    assert (lost["item"], lost["status"], lost["failed_on"]) == ("High", "cancelled", None)
    begins = datetime.fromisoformat(follows["applicable_from"])
    assert (follows["item"], follows["status"]) == ("Normal", "in-progress")
    assert datetime.fromisoformat(follows["failure_at"]) == begins + timedelta(hours=1)
    assert follows["applicable_from"] == lost["applicable_from"], "from the beginning, not from the change"

    await done(http, f"/cases/{number}/resolve", {"resolution": "Paired."})
    await done(http, f"/cases/{number}/reactivate")
    assert [each["status"] for each in await promises(http, number)] == ["cancelled", "succeeded"]
    await settings(http.desk, recalculate_sla_on_terminal=True)
    await done(http, f"/cases/{number}/resolve", {"resolution": "Paired."})
    await done(http, f"/cases/{number}/reactivate")
    assert [each["status"] for each in await promises(http, number)] == ["cancelled", "succeeded", "in-progress"]

    await done(http, f"/cases/{number}/cancel")
    assert (await promises(http, number))[-1]["status"] == "cancelled"
    survivor, loser = await http.open(sla="two"), await http.open(sla="two")
    await done(http, f"/cases/{survivor}/merge", {"losers": [loser]})

    async def ended() -> bool:
        return [each["status"] for each in await promises(http, loser)] == ["cancelled"]

    await until(ended)
    assert [each["status"] for each in await promises(http, survivor)] == ["in-progress"]


# ---- a calendar changes ----------------------------------------------------------------------------------------------


async def test_a_calendars_change_is_previewed_and_then_carried_out_once(http: Http) -> None:
    desk = http.desk
    numbers = [await desk.open(), await desk.open()]
    closed = await desk.open()
    await done(http, f"/cases/{closed}/resolve", {"resolution": "Paired."})
    agent, again = await imported(http, DAY_OFF, "grace"), await imported(http, DAY_OFF)
    assert (agent.status_code, again.status_code) == (403, 200), again.text
    assert (again.json()["version"], again.json()["status"]) == (2, "draft")
    days = [(each["date"], each["name"]) for each in (await imported(http, DAY_OFF)).json()["body"]["holidays"]]
    assert days == [("2031-03-28", "A Friday off"), ("2031-04-01", "A Tuesday off")]
    meeting = "BEGIN:VEVENT\nDTSTART:20310329T100000Z\nSUMMARY:A meeting\nEND:VEVENT\n"
    mixed = (await imported(http, DAY_OFF.replace("END:VCALENDAR", f"{meeting}END:VCALENDAR"))).json()
    assert mixed["left_out"] == ["line 8: 'A meeting' has a time of day"]
    assert [each["date"] for each in mixed["body"]["holidays"]] == ["2031-03-28", "2031-04-01"]
    only = await imported(http, f"BEGIN:VCALENDAR\n{meeting}END:VCALENDAR\n")
    assert (problem(only), "names no holiday" in only.json()["detail"]) == ((422, "invalid"), True)
    for wrong, line in ((DAY_OFF.replace("20310328", "soon"), "line 4"), ("", "line 1"), (b"\xff", "UTF-8")):
        refused = await imported(http, wrong)
        assert problem(refused) == (422, "invalid")
        assert line in refused.json()["detail"]

    preview = "/calendars/lunch-break/recompute?preview=true"
    assert (await done(http, preview, None, "mona"))["cases"] == 0
    await done(http, "/calendars/lunch-break/activate", None, "mona")
    before = [await promises(http, number) for number in numbers]
    told = await done(http, preview, None, "mona")
    assert (told["version"], told["cases"], told["unmoved"]) == (2, 2, 0)
    assert [each["case"] for each in told["moved"]] == numbers
    # Thursday 5 hours, Monday 6, Tuesday is off, Wednesday 9 to 10.
    old, new = "2031-03-31T08:00:00Z", "2031-04-02T08:00:00Z"
    assert {(each["old_failure_at"], each["new_failure_at"]) for each in told["moved"]} == {(old, new)}
    assert [await promises(http, number) for number in numbers] == before, "nothing is written"

    operation = await done(http, "/calendars/lunch-break/recompute", None, "mona")
    assert (operation["kind"], operation["state"]) == ("recompute-promises", "done")
    assert operation["progress"]["done"] == 2
    for number in numbers:
        (moved,) = await promises(http, number)
        assert (moved["failure_at"], moved["warning_at"]) == (new, "2031-03-31T13:00:00Z")
        assert len(await desk.timeline(number, "kpi-recomputed")) == len(await desk.timeline(number, "recomputed")) == 1
        why = (await got(http, f"/cases/{number}/why/promises"))["promises"]
        assert {each["calendar"]["version"] for each in why if each["calendar"]} == {2}
    assert (await done(http, preview, None, "mona"))["cases"] == 0
    assert (await done(http, "/calendars/lunch-break/recompute", None, "mona"))["progress"]["total"] == 0
    await desk.forward_to(numbers[0], at(2, 8, month=4))
    assert (await promises(http, numbers[0]))[0]["failed_on"] == new


# ---- escalations -----------------------------------------------------------------------------------------------------


async def test_what_was_missed_is_escalated_until_somebody_acknowledges_it(http: Http) -> None:
    steps = [
        {"after": "10 minutes", "actions": [{"do": "notify", "to": "queue"}]},
        {"after": "1 hour", "actions": [{"do": "set-priority", "value": "high"}]},
        {"after": "1 hour", "actions": [{"do": "route", "queue": "inbox"}]},
    ]
    item = {"name": "R", "kpi": "resolution", "success": RESOLVED, "fail_after": "1 hour", "escalation": steps}
    await add(http.desk, {"slas": [{"slug": "chain", "name": "Chain", "items": [item]}]})
    number = await http.desk.open(sla="chain")
    assert "acknowledge" not in (await got(http, f"/cases/{number}"))["allowed"]
    await http.desk.forward_to(number, at(27, 10, 10))
    await http.desk.forward_to(number, at(27, 11, 10))
    case = await got(http, f"/cases/{number}")
    assert (case["priority"], case["queue"]) == ("high", "gold")
    assert "acknowledge" in case["allowed"]
    (why,) = (await got(http, f"/cases/{number}/why/promises"))["promises"]
    assert (why["escalation"]["done"], why["escalation"]["next_at"]) == (2, "2031-03-27T12:10:00Z")
    assert len(await http.desk.timeline(number, "kpi-escalated")) == 2
    await done(http, f"/cases/{number}/acknowledge")
    assert problem(await http("grace", "POST", f"/cases/{number}/acknowledge")) == (409, "not-escalating")
    await http.desk.forward_to(number, at(27, 15))
    assert (await got(http, f"/cases/{number}"))["queue"] == "gold"
    (why,) = (await got(http, f"/cases/{number}/why/promises"))["promises"]
    assert (why["status"], why["escalation"]["ended_for"]) == ("noncompliant", "it was acknowledged")


# ---- why -------------------------------------------------------------------------------------------------------------

WEEK = (*[(("09:00", "11:00"), ("13:00", "17:00"))] * 5, (), ())
ORACLE = OracleCalendar("Europe/Berlin", WEEK, frozenset({date(2031, 4, 1)}))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_every_promise_explains_itself_as_an_oracle_would(http: Http) -> None:
    """From the intervals, the holds and the span that are told alone, the deadline follows; minute by minute."""
    number = await http.desk.open()
    await http.desk.forward_to(number, at(27, 20))
    await done(http, f"/cases/{number}/hold")
    await http.desk.forward_to(number, at(28, 11))
    await done(http, f"/cases/{number}/resume")
    await http.desk.send("grace", number, CommandKind.PICK)
    told = await got(http, f"/cases/{number}/why/promises", "grace")
    why = next(each for each in told["promises"] if each["kpi"] == "resolution")
    assert (why["fail_after"], why["counts_from"], why["calendar"]["slug"]) == (
        "12 business hours",
        "created_on",
        "lunch-break",
    )
    assert why["matched"] == "item 'Resolution' always"
    (hold,) = why["holds"]
    assert (hold["moved_from"], hold["moved_to"]) == ("2031-03-31T08:00:00Z", why["failure_at"])
    assert hold["minutes"] == why["held_minutes"] == 120
    start, end = instant(why["applicable_from"]), instant(why["failure_at"])
    assert end == ORACLE.add(start, 12 * 60 + 120, give_up=end + timedelta(days=9))
    assert why["counted"]["minutes"] == ORACLE.between(start, end).total_seconds() / 60 == 12 * 60 + 120
    for each in why["counted"]["intervals"]:
        begins, ends = instant(each["begins"]), instant(each["ends"])
        assert ORACLE.between(begins, ends) == ends - begins
    assert why["because"].startswith(
        "due 2031-03-31T12:00:00+00:00 because 12 business hours of the calendar 'lunch-break'"
    )
    assert why["because"].endswith("and 1 hold moved it by 120 minutes")
    assert [each["why"] for each in told["chosen"]] == ["the SLA of the case's entitlement"]
