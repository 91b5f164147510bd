"""Merging by hand through HTTP: the losers end, what they had is the survivor's, later mail finds it (domain 1.5)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from cases.family_orders import FamilyOrders
from cases.unit import CaseTools
from models.messages.families import FamilyRun
from models.messages.mailflow import DeliveryKind
from models.messages.slas import OPEN_KPI_STATUSES
from models.records.commands import Delivery
from tests.support.asking import Http, problem
from tests.support.correspondence import heard, mails_of, open_by_mail, receive, tell
from tests.support.organisations import load_of, settings
from tests.support.rest import at_rest
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("patience")


async def merge(http: Http, survivor: str, *losers: str, **headers: str) -> Any:
    return await http("grace", "POST", f"/cases/{survivor}/merge", {"losers": losers}, **headers)


async def seen(http: Http, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await http("mona", "GET", f"/cases/{number}")).json()
    return found


async def kinds(http: Http, number: str) -> list[str]:
    page = (await http("mona", "GET", f"/cases/{number}/timeline?limit=200")).json()
    return [item["kind"] for item in page["items"]]


async def test_everything_of_the_losers_moves_to_the_survivor(http: Http) -> None:
    desk = http.desk
    survivor, loser, third = [await open_by_mail(desk, text) for text in ("One.", "Two.", "Three.")]
    await http("grace", "POST", f"/cases/{loser}/pick")
    await http("grace", "POST", f"/cases/{loser}/notes", {"text": "Looks like the button."})
    task = (await http("grace", "POST", f"/cases/{loser}/activities", {"title": "Call"})).json()["id"]
    await http("grace", "POST", f"/cases/{loser}/replies", {"text": "Hold it."})
    for number in (survivor, loser):
        await http("grace", "POST", f"/cases/{number}/articles", {"article": "KA-01001"})
    await http("grace", "POST", f"/cases/{third}/articles", {"article": "KA-01002"})
    child = (await http("grace", "POST", f"/cases/{loser}/children", {})).json()["number"]
    await http("grace", "PUT", f"/cases/{loser}/draft", {"text": "Dear Casey,"})
    version = (await seen(http, survivor))["version"]

    merged = await merge(http, survivor.lower(), loser, third.lower(), Idempotency_Key="m")
    assert merged.status_code == 200, merged.text
    case = merged.json()
    assert [(each["number"], each["status"]) for each in case["merged"]] == [(loser, "cancelled"), (third, "cancelled")]
    assert [each["number"] for each in case["children"]] == [child]
    assert (case["open_activities"], case["version"]) == (1, version + 3)
    assert [each["number"] for each in case["articles"]] == ["KA-01001", "KA-01002"]
    assert [await mails_of(desk, number) for number in (survivor, loser, third)] == [3, 0, 0]
    assert (await http("grace", "GET", f"/cases/{survivor}/draft")).json()["text"] == "Dear Casey,"
    shown = await kinds(http, survivor)
    assert (shown.count("mail"), shown.count("note"), shown.count("activity"), shown.count("reply")) == (3, 1, 1, 1)
    assert (await http("grace", "POST", f"/activities/{task}/complete")).json()["number"] == survivor

    for number in (loser, third):
        gone = await seen(http, number)
        assert (gone["status"], gone["status_reason"], gone["merged_into"]) == ("cancelled", "merged", survivor)
        assert (gone["queue"], gone["open_activities"], gone["allowed"]) == (None, 0, ["note"])
        assert not [item for item in await desk.items(number) if item.live]
        statuses = {body["status"] for bodies in (await desk.kpis(number)).values() for body in bodies}
        assert statuses
        assert not statuses & set(OPEN_KPI_STATUSES)
    assert (await seen(http, child))["parent"] == survivor
    assert await load_of(desk, "grace") == 0
    again = await merge(http, survivor.lower(), loser, third.lower(), Idempotency_Key="m")
    assert (again.status_code, again.headers["idempotent-replay"]) == (200, "true")

    late = await receive(desk, loser, times=2, text="And one more thing.")
    assert late.outcome == "passed-on"
    await at_rest(desk, [loser, survivor])
    assert [await mails_of(desk, number) for number in (survivor, loser)] == [4, 0]
    assert await desk.histories_replay() >= 4


async def test_what_cannot_be_merged_is_refused_whole(http: Http) -> None:
    survivor, parent, other = await http.open(), await http.open(), await http.open()
    eleven = [f"CAS-{n:05d}-AAAAAA" for n in range(10)]
    too_many = await merge(http, survivor, *eleven)
    assert problem(too_many) == (422, "invalid")
    assert "at most 10 cases" in too_many.json()["detail"]
    for losers, field in (([survivor], "/losers/0"), ([other, "CAS-00001-AAAAAA"], "/losers/1"), ([], "/losers")):
        refused = await merge(http, survivor, *losers)
        assert problem(refused)[0] == 422
        assert refused.json()["errors"][0]["field"] == field
    assert problem(await merge(http, survivor, other, other))[0] == 422
    closed = await http.open()
    await http("grace", "POST", f"/cases/{closed}/cancel")
    assert problem(await merge(http, survivor, other, closed)) == (409, "case-not-active")
    assert problem(await merge(http, closed, other)) == (409, "case-not-active")
    mine = [(await http("grace", "POST", f"/cases/{parent}/children", {})).json()["number"] for _ in range(2)]
    for one, two in ((survivor, mine[0]), (mine[0], survivor), (parent, mine[0]), (mine[0], parent)):
        assert problem(await merge(http, one, two)) == (409, "merge-forbidden")
    assert (await seen(http, other))["status"] == "active"
    assert (await merge(http, *mine)).status_code == 200
    await settings(http.desk, most_children=1)
    second = await http.open()
    await http("grace", "POST", f"/cases/{second}/children", {})
    assert problem(await merge(http, parent, second)) == (422, "family-forbidden")


async def test_cases_that_are_merged_into_each_other_at_once_leave_one(http: Http) -> None:
    one, two, three = [await http.open() for _ in range(3)]
    await asyncio.gather(merge(http, one, two), merge(http, two, three), merge(http, three, one))

    async def heard() -> bool:
        async with http.desk.house.database.read() as session:
            return not list(await session.scalars(select(Delivery.id).where(~Delivery.done)))

    await until(heard)
    cases = [await seen(http, number) for number in (one, two, three)]
    left = [case for case in cases if case["status"] == "active"]
    assert len(left) >= 1, "they have all gone up in each other"
    for case in cases:
        assert (case["merged_into"] is None) == (case["status"] == "active")


async def test_of_two_who_merge_the_other_way_round_at_once_one_is_told_that_it_came_to_nothing(http: Http) -> None:
    one, two = await http.open(), await http.open()
    answers = await asyncio.gather(
        merge(http, one, two, Idempotency_Key="a"), merge(http, two, one, Idempotency_Key="b")
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert problem(refused)[1] in ("merge-forbidden", "case-not-active")
    done = next(answer for answer in answers if answer.status_code == 200)
    assert (done.json()["status"], len(done.json()["merged"])) == ("active", 1)


async def test_a_merge_whose_process_died_before_telling_is_done_all_the_same(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command's own transaction has written what each must hear: whoever tells them later, each does it once."""
    desk, house = http.desk, http.desk.house
    survivor, *losers = [await http.open() for _ in range(3)]
    for number in losers:
        await http("grace", "POST", f"/cases/{number}/notes", {"text": f"Of {number}."})
    child = (await http("grace", "POST", f"/cases/{losers[0]}/children", {})).json()["number"]
    with monkeypatch.context() as dead:
        dead.setattr("api.cases.caller.ANSWER_WITHIN", 0.2)
        dead.setattr(CaseTools, "tell_onward", nobody)
        answer = await merge(http, survivor, *losers, Idempotency_Key="m")
        assert (answer.status_code, answer.json()["state"]) == (202, "pending")
        path = answer.headers["location"].removeprefix("/api/v1")
        waiting = (await http("grace", "GET", path)).json()
        assert (waiting["state"], waiting["progress"]["pending"]) == ("pending", 2)
        assert {(await seen(http, number))["status"] for number in losers} == {"active"}
        # Half of it, by a life that dies in the middle: retired, and nobody was told of that.
        (first, _) = [row for row in await desk.deliveries() if row.kind == DeliveryKind.GO_UP]
        await tell(desk, await desk.case(first.number), first, 2)
        await heard(desk, first.id)
        assert (await seen(http, survivor))["open_activities"] == 0
    for _ in range(2):
        command = UUID(answer.json()["id"])
        orders = FamilyOrders(house.database, house.dispatcher)
        progress = await orders.order(FamilyRun(kind="merge", command_id=command, number=survivor))
        assert progress.done == progress.total == 5
    done = (await http("grace", "GET", path)).json()
    assert (done["state"], [each["outcome"] for each in done["results"]["items"]]) == ("done", ["retired"] * 2)
    notes = sorted(entry.text or "" for entry in await desk.timeline(survivor, "note"))
    assert notes == sorted(f"Of {number}." for number in losers)
    assert len(await desk.timeline(survivor, "adopted")) == 2
    assert (await seen(http, child))["parent"] == survivor


async def test_a_survivor_that_cannot_adopt_is_no_success(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """The merge is accepted and cannot be taken back; what our fault has kept from it is an incident, which its answer names."""
    survivor, loser = await http.open(), await http.open()
    await http("grace", "POST", f"/cases/{loser}/notes", {"text": "Looks like the button."})

    async def broken(*given: Any) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr("cases.deliveries.adopt", broken)
        answer = await merge(http, survivor, loser, Idempotency_Key="m")
    assert (answer.status_code, answer.json()["state"]) == (202, "failed")
    assert "retry-after" not in answer.headers
    incident = answer.json()["incident"]
    assert [(each["number"], each["state"], each["incident"]) for each in answer.json()["results"]["items"]] == [
        (loser, "done", None),
        (survivor, "failed", incident),
    ]
    again = await merge(http, survivor, loser, Idempotency_Key="m")
    assert (again.status_code, again.json()) == (202, answer.json())
    path = answer.headers["location"].removeprefix("/api/v1")
    assert (await http("mona", "GET", path)).json() == answer.json()

    retried = await http("mona", "POST", f"/incidents/{incident}/retry")
    assert (retried.status_code, retried.json()["state"]) == (200, "done")
    done = (await http("grace", "GET", path)).json()
    assert (done["state"], done["incident"]) == ("done", None)
    assert (await merge(http, survivor, loser, Idempotency_Key="m")).status_code == 200
    assert "note" in await kinds(http, survivor)

    third = await http.open()
    many = {"action": "merge", "numbers": [third], "body": {"into": survivor}}
    with monkeypatch.context() as patch:
        patch.setattr("cases.deliveries.adopt", broken)
        (item,) = (await http("grace", "POST", "/cases/bulk", many)).json()["results"]["items"]
    assert (item["number"], item["state"]) == (third, "failed")
    (open_one,) = (await http("mona", "GET", "/incidents?state=open")).json()["items"]
    assert (open_one["id"], open_one["case"]) == (item["incident"], survivor)


async def nobody(*given: Any) -> None:
    """As if the process had died between the commit and the telling."""
