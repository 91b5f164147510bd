"""Merging, splitting, families, replies that bring about more, and private queues, where two of them meet (domain 1, 2)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import select

from models.messages.cases import CaseStatus
from models.records.mails import EmailMessage
from tests.support.asking import Http, problem
from tests.support.correspondence import mails_of, open_by_mail, receive, related_to
from tests.support.desks import Desk
from tests.support.organisations import add, rule, settings
from tests.support.searching import out_of_step

pytestmark = pytest.mark.usefixtures("patience")


async def merge(http: Http, survivor: str, loser: str) -> None:
    answer = await http("grace", "POST", f"/cases/{survivor}/merge", {"losers": [loser]})
    assert answer.status_code == 200, answer.text


async def mail_of(desk: Desk, number: str, text: str) -> str:
    case = await desk.case(number)
    async with desk.house.database.read() as session:
        found = select(EmailMessage.id).where(EmailMessage.case_id == case.id, EmailMessage.text == text)
        return str((await session.scalars(found)).one())


async def test_a_mail_comes_back_with_the_case_that_it_was_split_into(http: Http) -> None:
    """As often as people change their minds, and also from the survivor of a merge."""
    desk = http.desk
    here, loser = [await open_by_mail(desk, text) for text in ("One.", "Two zebras.")]
    await merge(http, here, loser)
    for _ in range(2):
        message = await mail_of(desk, here, "Two zebras.")
        own = (await http("grace", "POST", f"/cases/{here}/split", {"message": message})).json()["number"]
        assert (await mails_of(desk, here), await mails_of(desk, own)) == (1, 1)
        await merge(http, here, own)
        assert (await mails_of(desk, here), await mails_of(desk, own)) == (2, 0)
        shown = (await http("grace", "GET", f"/cases/{here}/timeline?limit=200")).json()["items"]
        assert [each["message"]["id"] for each in shown if each["kind"] == "mail" and each["message"]].count(
            message
        ) == 1
        found = (await http("grace", "GET", "/search?q=zebras&kind=mail")).json()["items"]
        assert [hit["case"]["number"] for hit in found] == [here]
    assert not [fault for number in await desk.numbers() for fault in await desk.incidents(number)]
    assert not await out_of_step(desk.house.database)


async def test_a_case_that_a_late_mail_has_opened_goes_up_in_the_case_that_the_mail_was_for(http: Http) -> None:
    """The mail stands on the timelines of both; where it comes back to, it shows once."""
    desk = http.desk
    await rule(desk, new_case_after_resolved=True)
    here = await open_by_mail(desk, "One.")
    await http("grace", "POST", f"/cases/{here}/resolve", {"resolution": "Done."})
    await receive(desk, here, text="And two zebras.")
    (own,) = [case.number for case in await related_to(desk, here)]
    await desk.until_status(own, CaseStatus.ACTIVE)
    assert (await http("grace", "POST", f"/cases/{here}/reactivate")).is_success
    await merge(http, here, own)
    assert (await mails_of(desk, here), await mails_of(desk, own)) == (2, 0)
    assert await desk.incidents(here) == []
    message = await mail_of(desk, here, "And two zebras.")
    shown = (await http("grace", "GET", f"/cases/{here}/timeline?limit=200")).json()["items"]
    assert [each["message"]["id"] for each in shown if each["kind"] == "mail" and each["message"]].count(message) == 1


async def test_taking_back_the_reply_of_a_merged_case_leaves_the_state_of_its_survivor(http: Http) -> None:
    here, loser = [await open_by_mail(http.desk, text) for text in ("One.", "Two.")]
    assert (await http("grace", "POST", f"/cases/{here}/hold", {"status_reason": "waiting-for-details"})).is_success
    asking = {"text": "Which one?", "wait": {}, "send_after_seconds": 120}
    reply = (await http("grace", "POST", f"/cases/{loser}/replies", asking)).json()["id"]
    await merge(http, here, loser)
    undone = await http("grace", "POST", f"/cases/{here}/replies/{reply}/undo")
    assert (undone.status_code, undone.json()["status_reason"]) == (200, "waiting-for-details")


async def test_a_case_out_of_sight_is_named_by_no_refusal_and_by_no_timeline(http: Http) -> None:
    """Sam belongs to no private queue; where one of its cases stands beside a case of his, null or nothing stands for it."""
    desk = http.desk
    parent, survivor, outer = [await open_by_mail(desk, text) for text in ("P.", "S.", "O.")]
    hidden = {}
    for name, of in (("child", parent), ("loser", None), ("inner", None)):
        made = await http("grace", "POST", f"/cases/{of}/children", {}) if of else None
        hidden[name] = made.json()["number"] if made else await open_by_mail(desk, name)
        await http("grace", "POST", f"/cases/{hidden[name]}/route", {"queue": "private"})
    moved = (await http("grace", "POST", f"/cases/{hidden['loser']}/children", {})).json()["number"]
    await http("grace", "POST", f"/cases/{hidden['loser']}/notes", {"text": "Looks like the button."})
    await merge(http, survivor, hidden["loser"])
    task = (await http("grace", "POST", f"/cases/{outer}/activities", {"title": "Call back"})).json()["id"]
    await http("grace", "POST", f"/cases/{outer}/notes", {"text": "A quokka sat on it."})
    await merge(http, hidden["inner"], outer)
    assert (await http("grace", "PATCH", f"/activities/{task}", {"title": "Call the lab"})).status_code == 200
    asked_of: dict[str, Any] = {}

    async def ask(method: str, path: str, body: Any = None) -> Any:
        asked_of[f"{method} {path} {body}"] = answer = await http("sam", method, path, body)
        return answer

    for number in (parent, survivor, outer, moved):
        for path in (f"/cases/{number}", f"/cases/{number}/timeline?limit=200", f"/audit?case={number}&limit=200"):
            assert (await ask("GET", path)).status_code == 200, path
    for who, sees in (("sam", False), ("grace", True)):
        shown = (await http(who, "GET", f"/cases/{outer}/timeline?limit=200")).json()["items"]
        embedded = [each for each in shown if each["message"] or each["activity"]]
        assert bool(embedded) is sees, "what has moved is shown to who sees where it is now"
        found = (await http(who, "GET", "/search?q=quokka")).json()["items"]
        assert [hit["case"]["number"] for hit in found] == [hidden["inner"]] * sees, (
            "a note is found once, where it is now"
        )
    await settings(desk, closing_parents="block")
    resolution = {"resolution": "Paired."}
    assert problem(await ask("POST", f"/cases/{parent}/resolve", resolution)) == (409, "children-open")
    assert problem(await ask("POST", f"/cases/{outer}/pick")) == (409, "case-not-active")
    await ask("POST", "/cases/bulk", {"action": "resolve", "numbers": [parent, outer], "body": resolution})
    # What a letter says itself (that of the acknowledgement) has gone where the case has gone.
    told = {
        what: [name for name, number in hidden.items() if number in re.sub(r'"message":{.*?}', "", answer.text)]
        for what, answer in asked_of.items()
    }
    assert {what: names for what, names in told.items() if names} == {}


async def test_many_cases_go_to_a_default_queue_that_several_make_at_once(http: Http) -> None:
    numbers = [await http.open() for _ in range(3)]
    to_mona = [{"action": "route", "numbers": [number], "body": {"agent": "mona"}} for number in numbers]
    answers = await asyncio.gather(*(http("mona", "POST", "/cases/bulk", body) for body in to_mona))
    assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]
    assert {(await http.desk.case(number)).queue for number in numbers} == {"mona"}


async def test_a_child_that_cannot_be_closed_along_says_why_in_words(http: Http) -> None:
    """A contract of hours takes none that nobody has counted."""
    hours: dict[str, Any] = {
        "slug": "hours",
        "name": "Hours",
        "account": "aurora",
        "start": "2026-01-01",
        "end": "2032-12-31",
    }
    hours |= {"total_terms": 10, "allocation": "hours", "restricted": True, "decrease_on": "resolution"}
    await add(http.desk, {"entitlements": [hours]})
    await settings(http.desk, closing_parents="cascade")
    parent = await http.open()
    child = (await http("grace", "POST", f"/cases/{parent}/children", {})).json()["number"]
    assert (await http("grace", "PATCH", f"/cases/{child}", {"entitlement": "hours"}, If_Match="*")).status_code == 200
    assert (await http("grace", "POST", f"/cases/{parent}/resolve", {"resolution": "Paired."})).status_code == 200
    assert (await http.desk.case(child)).status == "active"
    (kept,) = await http.desk.timeline(child, "kept")
    assert "give the minutes" in kept.data["why"]
