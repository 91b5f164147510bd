"""Reply and resolve, reply and wait, a mail that is split off, and what closed cases take (domain 1.2, 1.3, 1.5)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from cases.unit import CaseTools
from models.records.mails import EmailMessage
from tests.support.asking import Http, problem
from tests.support.correspondence import heard, mails_of, open_by_mail, receive, tell
from tests.support.organisations import load_of, settings

pytestmark = pytest.mark.usefixtures("patience")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What differs between the databases is raced for in test_merging.py and test_families_at_once.py."""
    return sqlite_url


async def seen(http: Http, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await http("mona", "GET", f"/cases/{number}")).json()
    return found


async def replied(http: Http, number: str, **body: Any) -> Any:
    given = {"text": "Hold the button.", "send_after_seconds": 100, **body}
    return await http("grace", "POST", f"/cases/{number}/replies", given)


async def undone(http: Http, number: str, reply: Any) -> dict[str, Any]:
    answer = await http("grace", "POST", f"/cases/{number}/replies/{reply.json()['id']}/undo")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_reply_and_resolve_is_one_command_and_undo_reactivates(http: Http) -> None:
    number = await http.open()
    await http("grace", "POST", f"/cases/{number}/pick")
    task = (await http("grace", "POST", f"/cases/{number}/activities", {"title": "Call"})).json()["id"]
    refused = await replied(http, number, resolve={"resolution": "Paired."})
    assert problem(refused) == (409, "open-activities")
    assert await mails_of(http.desk, number, "out") == 0
    wrong = await replied(http, number, resolve={"resolution": "Paired.", "resolution_type": "cancelled"})
    assert problem(wrong) in ((422, "invalid"), (409, "open-activities"))
    await http("grace", "POST", f"/activities/{task}/complete")
    wrong = await replied(http, number, resolve={"resolution": "Paired.", "resolution_type": "cancelled"})
    assert wrong.json()["errors"][0]["field"] == "/resolve/resolution_type"
    both = await replied(http, number, resolve={"resolution": "Paired."}, wait={})
    assert problem(both) == (422, "invalid")

    reply = await replied(http, number, resolve={"resolution": "Paired."})
    assert reply.status_code == 201, reply.text
    case = reply.json()["case"]
    assert (case["status"], case["first_response_sent"], case["entitlement"]["remaining_terms"]) == (
        *("resolved", True),
        14,
    )
    assert "undo-reply" in case["allowed"]
    back = await undone(http, number, reply)
    assert (back["status"], back["status_reason"], back["queue"]) == ("active", "in-progress", "gold")
    assert (back["worked_by"], await load_of(http.desk, "grace")) == ("grace", 1), "she goes on where she was"
    assert (back["first_response_sent"], back["entitlement"]["remaining_terms"]) == (False, 15)
    # Resolved by itself since, the case stays so: another reply can only be taken back once it is reactivated.
    reply = await replied(http, number)
    await http("grace", "POST", f"/cases/{number}/resolve", {"resolution": "By phone."})
    closed = await http("grace", "POST", f"/cases/{number}/replies/{reply.json()['id']}/undo")
    assert (problem(closed), closed.json()["allowed"]) == ((409, "case-not-active"), ["reactivate"])
    assert "undo-reply" not in (await seen(http, number))["allowed"]
    assert [each["resolution"] for each in (await seen(http, number))["resolutions"]] == ["Paired.", "By phone."]


async def test_undo_opens_the_children_that_the_reply_has_closed(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = http.desk
    await settings(desk, closing_parents="cascade")
    parent = await http.open()
    held, woken, kept, plain = [
        (await http("grace", "POST", f"/cases/{parent}/children", {})).json()["number"] for _ in range(4)
    ]
    await http("grace", "POST", f"/cases/{held}/hold")
    await http("grace", "POST", f"/cases/{kept}/resolve", {"resolution": "Before."})
    reply = await replied(http, parent, resolve={"resolution": "Paired."})
    assert reply.status_code == 201, reply.text
    assert {(await seen(http, number))["status"] for number in (parent, held, woken, kept, plain)} == {"resolved"}
    # Reactivated and resolved by hand since: it stays as somebody has left it.
    await http("grace", "POST", f"/cases/{woken}/reactivate")
    await http("grace", "POST", f"/cases/{woken}/resolve", {"resolution": "By phone."})
    back = await undone(http, parent, reply)
    assert (back["status"], back["entitlement"]["remaining_terms"]) == ("active", 13)
    cases = [await seen(http, number) for number in (held, woken, kept, plain)]
    assert [case["status"] for case in cases] == ["active", "resolved", "resolved", "active"]
    assert [cases[0]["status_reason"], cases[3]["status_reason"], cases[3]["queue"]] == [
        "on-hold",
        "in-progress",
        "gold",
    ]
    (entry,) = await desk.timeline(plain, "reactivated")
    assert entry.data["related"] == parent
    # Taken back before the children have heard that they are closed: they never are.
    with monkeypatch.context() as dead:
        dead.setattr("api.cases.caller.ANSWER_WITHIN", 0.2)
        dead.setattr(CaseTools, "tell_onward", nobody)
        reply = await replied(http, parent, resolve={"resolution": "Again."})
        assert reply.status_code == 202
        id = (await http("grace", "GET", f"/operations/{reply.json()['id']}")).json()["resource"]
        undo = await http("grace", "POST", f"/cases/{parent}/replies/{id}/undo")
        assert (undo.status_code, (await seen(http, parent))["status"]) == (202, "active")
    for delivery in reversed([row for row in await desk.deliveries() if not row.done]):
        await tell(desk, await desk.case(delivery.number), delivery)
        await heard(desk, delivery.id)
    assert [(await seen(http, number))["status"] for number in (held, plain)] == ["active", "active"]
    assert [len(await desk.timeline(number, "resolved")) for number in (held, plain)] == [1, 1]


async def nobody(*given: Any) -> None:
    """As if the process had died between the commit and the telling."""


async def test_reply_and_wait_pauses_until_it_is_taken_back(http: Http) -> None:
    number = await http.open()
    reply = await replied(http, number, wait={})
    assert (reply.json()["case"]["status_reason"], reply.json()["case"]["first_response_sent"]) == (
        "waiting-for-details",
        True,
    )
    assert (await http.desk.kpis(number))["resolution"][0]["status"] == "paused"
    assert (await undone(http, number, reply))["status_reason"] == "in-progress"
    assert (await http.desk.kpis(number))["resolution"][0]["status"] == "in-progress"
    reply = await replied(http, number, wait={"status_reason": "on-hold"})
    await http("grace", "POST", f"/cases/{number}/resume")
    # What has happened since stays.
    assert (await undone(http, number, reply))["status_reason"] == "in-progress"
    assert (await replied(http, number, wait={"status_reason": "in-progress"})).json()["errors"][0]["field"] == (
        "/wait/status_reason"
    )


async def test_a_mail_is_split_off_into_a_case_of_its_own(http: Http) -> None:
    desk = http.desk
    number = await open_by_mail(desk)
    await receive(desk, number, text="By the way: my invoice is wrong.", subject="My invoice")
    case = await desk.case(number)
    async with desk.house.database.read() as session:
        mine = select(EmailMessage.id).where(EmailMessage.case_id == case.id, EmailMessage.direction == "in")
        first, second = list(await session.scalars(mine.order_by(EmailMessage.id)))
    path = f"/cases/{number}/split"
    refused = await http("grace", "POST", path, {"message": str(first)})
    assert (problem(refused), refused.json()["errors"][0]["field"]) == ((422, "invalid"), "/message")
    assert problem(await http("grace", "POST", path, {"message": str(case.id)})) == (422, "invalid")

    made = await http("grace", "POST", path, {"message": str(second)}, Idempotency_Key="s")
    assert made.status_code == 201, made.text
    new = made.json()
    assert (new["title"], new["related"], new["queue"], new["status"]) == ("My invoice", number, "gold", "active")
    assert new["customer"]["contact"]["slug"] == "casey"
    assert [await mails_of(desk, each) for each in (number, new["number"])] == [1, 1]
    assert await mails_of(desk, new["number"], "out") == 0
    timeline = (await http("grace", "GET", f"/cases/{number}/timeline")).json()["items"]
    assert [item["data"]["related"] for item in timeline if item["kind"] == "split-off"] == [new["number"]]
    assert [item["message"] is None for item in timeline if item["kind"] == "mail"] == [True, False]
    assert (await seen(http, number))["customer_replied_last"] is False
    again = await http("grace", "POST", path, {"message": str(second)}, Idempotency_Key="s")
    assert again.json()["number"] == new["number"]
    # What comes to the new mail's thread is the new case's.
    await receive(desk, new["number"], text="Any news of the invoice?")
    assert await mails_of(desk, new["number"]) == 2


CHANGED = {"case_type": "problem", "custom": {"serial": "7"}}


@pytest.mark.parametrize("allowed", ["resolved", "cancelled", "none"])
async def test_which_closed_cases_take_updates_is_a_setting(http: Http, allowed: str) -> None:
    numbers = {"resolved": await http.open(), "cancelled": await http.open()}
    await http("grace", "POST", f"/cases/{numbers['resolved']}/resolve", {"resolution": "Done."})
    await http("grace", "POST", f"/cases/{numbers['cancelled']}/cancel")
    await settings(http.desk, updates_when_closed=allowed)
    for state, number in numbers.items():
        note = await http("grace", "POST", f"/cases/{number}/notes", {"text": "They called."})
        changed = await http("grace", "PATCH", f"/cases/{number}", CHANGED, If_Match="*")
        offered = (await seen(http, number))["allowed"]
        if state == allowed:
            assert (note.status_code, changed.status_code, "note" in offered) == (201, 200, True)
            assert (changed.json()["case_type"], changed.json()["status"]) == ("problem", state)
            moved = await http(
                "grace", "PATCH", f"/cases/{number}", {"title": "Other", "origin": "phone"}, If_Match="*"
            )
            assert (problem(moved), moved.json()["allowed"]) == ((409, "case-not-active"), ["reactivate"])
            assert moved.json()["detail"].startswith("origin: the case is ")
            assert (await seen(http, number))["title"] != "Other", "nothing of it is written"
        else:
            assert problem(changed) == (409, "case-not-active")
            assert (problem(note), offered) == ((409, "case-not-active"), ["reactivate"])
            assert note.json()["allowed"] == ["reactivate"]
        assert (await http("grace", "POST", f"/cases/{number}/reactivate")).status_code == 200
