"""Business processes through the API, on a real server (domain 7; checklist 38)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from letters.posting import Poster
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Agent
from models.records.webhooks import Webhook
from storage.repositories import webhooks as rows
from tests.support.asking import Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.organisations import add
from tests.support.receiver import receiving
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("patience")


def when(field: str, value: Any) -> dict[str, Any]:
    return {"all": [{"field": field, "value": value}]}


def step(field: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"field": field, "label": field, "kind": kind, **more}


def only() -> list[dict[str, Any]]:
    return [{"slug": "only", "name": "Only"}]


BRANCHED = {
    "slug": "branched",
    "name": "Branched",
    "order": 5,
    "stages": [
        {
            "slug": "identify",
            "name": "Identify",
            "steps": [step("custom.device", required=True), step("custom.broken", "yes-no")],
            "branches": [{"when": when("case.custom.broken", True), "to": "repair"}],
            "next": "explain",
        },
        {
            "slug": "repair",
            "name": "Repair",
            "next": "close",
            "steps": [step("custom.sent_in", "yes-no", required=True)],
        },
        {"slug": "explain", "name": "Explain", "next": "close"},
        {"slug": "close", "name": "Close", "steps": [step("custom.done", "yes-no", required=True)]},
    ],
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what is decided here is in one JSON document."""
    return sqlite_url


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk() as desk:
        await add(desk, {"processes": [BRANCHED]})
        async with asked(desk) as made:
            yield made


async def go(http: Http, number: str, verb: str, who: str = "grace", **data: Any) -> Any:
    body = {"data": {name.replace("__", "."): value for name, value in data.items()}}
    return await http(who, "POST", f"/cases/{number}/process/{verb}", body)


async def switch(http: Http, number: str, to: str, who: str = "grace") -> Any:
    return await http(who, "POST", f"/cases/{number}/process/switch", {"process": to})


async def shown(http: Http, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await http("grace", "GET", f"/cases/{number}/process")).json()
    return found


async def test_row_38_gating_branching_skipping_finishing_and_switching(http: Http) -> None:
    number = await http.open()
    assert (await switch(http, number, "branched")).status_code == 200
    before = await shown(http, number)
    assert (before["path"], before["ahead"]) == (["identify"], ["explain", "close"])

    # Next is blocked by an empty required step and by a required yes/no that is not yes.
    empty = await go(http, number, "next")
    assert (problem(empty), empty.json()["missing"]) == ((409, "data-step-missing"), ["custom.device"])
    # Skipping ahead is refused, wherever to.
    for stage in ("repair", "close"):
        skipped = await http("grace", "POST", f"/cases/{number}/process/set-active", {"stage": stage})
        assert problem(skipped) == (409, "stage-forbidden")
    # What lies ahead follows what the case holds, also where that was changed elsewhere.
    assert (
        await http("grace", "PATCH", f"/cases/{number}", {"custom": {"broken": True}}, If_Match="*")
    ).status_code == 200
    assert (await shown(http, number))["ahead"] == ["repair", "close"]
    assert (await go(http, number, "next", custom__device="R-7")).status_code == 200
    refused = await go(http, number, "next", custom__sent_in=False)
    assert problem(refused) == (409, "data-step-missing")

    # Switching keeps the state, both ways.
    assert (await switch(http, number, "short")).status_code == 200
    parked = {each["definition"]: each for each in (await shown(http, number))["instances"]}
    assert (parked["branched"]["stage"], parked["branched"]["current"]) == ("repair", False)
    assert (await switch(http, number, "branched")).status_code == 200
    again = await shown(http, number)
    assert (again["stage"], again["path"], again["ahead"]) == ("repair", ["identify", "repair"], ["close"])
    assert {each["slug"] for each in again["others"]} == {"short", "three-stages"}

    # Finishing only on the last stage, and through its gate.
    assert problem(await go(http, number, "finish")) == (409, "stage-forbidden")
    assert (await go(http, number, "next", custom__sent_in=True)).status_code == 200
    assert problem(await go(http, number, "finish")) == (409, "data-step-missing")
    # Previous leads back along the path, and from there the other way if the case says so by now.
    assert (await go(http, number, "previous")).status_code == 200
    assert (await go(http, number, "previous")).status_code == 200
    assert (await go(http, number, "next", custom__broken=False)).status_code == 200
    assert (await shown(http, number))["path"] == ["identify", "explain"]
    assert (await go(http, number, "next")).status_code == 200
    assert (await go(http, number, "finish", custom__done=True)).status_code == 200
    ended = await shown(http, number)
    assert (ended["status"], ended["path"]) == ("finished", ["identify", "explain", "close"])
    assert all(stage["seconds"] >= 0 for stage in ended["stages"])
    assert {stage["slug"] for stage in ended["stages"] if stage["seconds"] > 0} == {
        "identify",
        "repair",
        "explain",
        "close",
    }


async def test_a_definition_is_checked_and_the_stage_and_its_fault_are_named(http: Http) -> None:
    half = json.loads(json.dumps(BRANCHED)) | {"slug": "half"}
    half["stages"][2] |= {"last": True, "next": None}
    half["stages"].append({"slug": "lost", "name": "Lost"})
    half["stages"][3]["last"] = True
    made = await http("mona", "POST", "/processes", half)
    assert made.status_code == 201, "a draft may say it"
    answer = await http("mona", "POST", "/processes/half/activate")
    assert problem(answer) == (422, "invalid")
    assert "lost" in answer.json()["detail"] or "'identify'" in answer.json()["detail"]
    nobody = {"slug": "nobody", "name": "N", "stages": [{"slug": "only", "name": "Only", "steps": [
        step("custom.x", required=True, read_only=True)]}]}  # fmt: skip
    assert (await http("mona", "POST", "/processes", nobody)).status_code == 201
    answer = await http("mona", "POST", "/processes/nobody/activate")
    assert problem(answer) == (422, "invalid")
    assert "stage 'only': custom.x is required and read-only" in answer.json()["detail"]
    unknown = {"slug": "unknown", "name": "U", "on_applied": [{"do": "route", "queue": "nowhere"}],
               "stages": [{"slug": "only", "name": "Only"}]}  # fmt: skip
    assert (await http("mona", "POST", "/processes", unknown)).status_code == 201
    assert problem(await http("mona", "POST", "/processes/unknown/activate")) == (422, "invalid")
    for wrong in (
        {"do": "route"},
        {"do": "set", "queue": "gold"},
        {"do": "webhook", "url": "ftp://a.example/"},
        {"do": "webhook", "url": "https://u:p@a.example/"},
        {"do": "assign", "agent": "sam", "team": "lab"},
    ):
        body = {**unknown, "slug": "wrong", "on_applied": [wrong]}
        assert (await http("mona", "POST", "/processes", body)).status_code == 422, wrong


async def test_conditions_order_and_roles_decide_who_gets_which_process(http: Http) -> None:
    await add(
        http.desk,
        {
            "processes": [
                {
                    "slug": "web",
                    "name": "Web",
                    "order": 2,
                    "applies_when": when("case.origin", "web"),
                    "stages": only(),
                },
                {
                    "slug": "queue",
                    "name": "Queue",
                    "order": 3,
                    "applies_when": when("queue.slug", "gold"),
                    "stages": only(),
                },
                {
                    "slug": "kind",
                    "name": "Kind",
                    "order": 1,
                    "applies_when": when("case.case_type", "request"),
                    "stages": only(),
                },
                {"slug": "chiefs", "name": "Chiefs", "order": 0, "roles": ["manager"], "stages": only()},
            ]
        },
    )
    number = ""
    for fields, expected in (
        ({"origin": "web"}, "web"),
        ({"origin": "web", "case_type": "request"}, "kind"),
        ({"origin": "phone"}, "queue"),
        ({"origin": "phone", "route": False}, "three-stages"),
    ):
        number = await http.open(**fields)
        assert (await shown(http, number))["definition"] == expected, fields
    # The last one stands in no queue: those that ask for something else are not for it.
    refused = await switch(http, number, "queue")
    assert problem(refused) == (409, "stage-forbidden")
    assert "queue.slug eq 'gold'" in refused.json()["detail"]
    assert {each["slug"] for each in (await shown(http, number))["others"]} == {"short", "branched"}
    assert problem(await switch(http, number, "chiefs")) == (403, "process-not-yours")
    assert (await switch(http, number, "chiefs", "mona")).status_code == 200
    assert problem(await go(http, number, "finish")) == (403, "process-not-yours")
    assert (await go(http, number, "finish", "mona")).status_code == 200
    assert (await switch(http, number, "short")).status_code == 200
    # What the case has begun it may go back to, whatever it has become; nobody has more than ten.
    assert (await http("mona", "POST", "/processes/three-stages/deactivate")).status_code == 409, "the default"
    await add(http.desk, {"processes": [{"slug": f"p{n}", "name": f"P{n}", "stages": only()} for n in range(9)]})
    for n in range(7):
        assert (await switch(http, number, f"p{n}")).status_code == 200
    full = await switch(http, number, "p8")
    assert problem(full) == (409, "stage-forbidden")
    assert len(full.json()["allowed"]) == 10
    assert (await http("mona", "POST", "/processes/p1/deactivate")).status_code == 200
    assert (await switch(http, number, "p1")).status_code == 200


ACTING = {
    "slug": "acting",
    "name": "Acting",
    "on_applied": [{"do": "set", "values": {"custom.applied": True, "severity": "s1"}}],
    "on_finished": [{"do": "send", "template": "told", "to": "customer"}],
    "on_abandoned": [{"do": "set", "values": {"custom.abandoned": "yes"}}],
    "stages": [
        {"slug": "a", "name": "A", "on_entry": [{"do": "route", "queue": "standard"}],
         "on_exit": [{"do": "set", "values": {"priority": "high", "product": None}}, {"do": "assign", "team": "lab"}]},
        {"slug": "b", "name": "B", "on_entry": [{"do": "webhook", "url": "http://127.0.0.1:1/200"}],
         "on_exit": [{"do": "assign", "agent": "sam"}]},
    ],
}  # fmt: skip
TEXT = {"en": {"subject": "About {{ case.number }}", "body": "Your case {{ case.number }} is through."}}


async def test_actions_are_done_once_for_each_change_and_another_program_is_told(http: Http) -> None:
    desk = http.desk
    async with receiving() as receiver:
        acting = json.loads(json.dumps(ACTING).replace("127.0.0.1:1/", f"127.0.0.1:{receiver.port}/"))
        await add(desk, {"templates": [{"slug": "told", "name": "Told", "texts": TEXT}], "processes": [acting]})
        number = await http.open()
        assert (await switch(http, number, "acting")).status_code == 200
        case = (await http("grace", "GET", f"/cases/{number}")).json()
        assert (case["custom"], case["severity"], case["queue"]) == ({"applied": True}, "s1", "standard")

        key = {"Idempotency_Key": "next-1"}
        moved = [await http("grace", "POST", f"/cases/{number}/process/next", {}, **key) for _ in range(2)]
        assert [each.status_code for each in moved] == [200, 200]
        case = (await http("grace", "GET", f"/cases/{number}")).json()
        assert (case["priority"], case["owner"]["slug"], case["stage"]) == ("high", "lab", "b")

        # One row, which is sent until it is answered well, each time with the same id and a signature that holds.
        receiver.statuses["/200"] = [500, 204]
        sender = desk.house.webhooks
        sender.poster, sender.first_retry = Poster(("127.0.0.1",)), timedelta(0)
        for _ in range(2):
            async with desk.house.database.write() as session:
                (claimed,) = await rows.claim(session, datetime.now(UTC), 10)
            await sender.send(claimed)
        first, second = receiver.told
        id = first.headers["webhook-id"]
        assert second.headers["webhook-id"] == id
        said = json.loads(second.body)
        assert (said["id"], said["type"], said["data"]["case"], said["data"]["stage"]) == (
            id,
            "process.entry",
            number,
            "b",
        )
        expected = sender.signer.headers(
            "127.0.0.1",
            id,
            datetime.fromtimestamp(int(second.headers["webhook-timestamp"]), UTC),
            second.body,
        )
        assert second.headers["webhook-signature"] == expected["webhook-signature"]
        assert "pair" not in second.body.decode(), "nothing of what people wrote"

        async def heard() -> bool:
            return bool(await desk.timeline(number, "webhook-delivered"))

        await until(heard)
        (entry,) = await desk.timeline(number, "webhook-delivered")
        assert (entry.data["answer"], entry.data["attempts"], entry.data["host"]) == (204, 2, "127.0.0.1")

    (line,) = (await http("mona", "GET", f"/webhooks?case={number}&state=delivered")).json()["items"]
    assert (line["host"], line["attempts"], line["answer"]) == ("127.0.0.1", 2, 204)
    secret = (await http("ada", "GET", "/webhooks/secret?host=127.0.0.1")).json()["secret"]
    assert secret == sender.signer.secret("127.0.0.1")

    # An agent without room: told, and the change stands all the same.
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "sam").values(load=1))
    assert (await go(http, number, "finish")).status_code == 200
    (full,) = await desk.timeline(number, "not-assigned")
    assert (full.data["owner"], full.data["event"]) == ("sam", "exit")
    async with desk.house.database.read() as session:
        letters = list(
            await session.scalars(
                select(EmailMessage).join(Outbox, Outbox.message_id == EmailMessage.id).where(Outbox.kind == "notice")
            )
        )
        assert len(list(await session.scalars(select(Webhook)))) == 1
    assert [letter.text for letter in letters] == [f"Your case {number} is through."]
    assert not await desk.incidents(number)

    other = await http.open()
    assert (await switch(http, other, "acting")).status_code == 200
    assert (await http("grace", "POST", f"/cases/{other}/process/abandon")).status_code == 200
    assert (await desk.case(other)).custom["abandoned"] == "yes"
