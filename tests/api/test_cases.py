"""Cases commanded through HTTP, worked by a real worker: the same rules, seen from outside."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from temporalio.client import Client

from bootstrap import make_workers, sandbox
from desk import commands, opening
from engine.commands import CommandSender
from models.messages.cases import CaseStatus
from models.messages.names import CASES_QUEUE
from models.records.cases import Case
from models.records.commands import Command
from models.records.reference import Entitlement
from models.records.timeline import TimelineEntry
from servers.ports import free_port
from servers.temporal import TemporalServer
from tests.support.asking import NEW, Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.waiting import until


async def test_a_case_from_opening_to_resolved_and_back(http: Http) -> None:
    made = await http("grace", "POST", "/cases", NEW)
    case = made.json()
    number = case["number"]
    assert made.status_code == 201
    assert made.headers["location"] == f"/api/v1/cases/{number}"
    assert (case["status"], case["queue"], case["sla"], case["stage"]) == ("active", "gold", "gold", "identify")
    assert case["entitlement"]["remaining_terms"] == 15
    assert case["first_response_by"] is not None

    picked = await http("grace", "POST", f"/cases/{number}/pick")
    assert (picked.status_code, picked.json()["worked_by"], picked.json()["owner"]["slug"]) == (200, "grace", "grace")

    blocked = await http("grace", "POST", f"/cases/{number}/process/next")
    assert problem(blocked) == (409, "data-step-missing")
    assert blocked.json()["missing"] == ["case_type"]
    body = {"data": {"case_type": "problem"}}
    moved = await http("grace", "POST", f"/cases/{number}/process/next", body)
    assert (moved.status_code, moved.json()["stage"], moved.json()["case_type"]) == (200, "research", "problem")

    task = await http("grace", "POST", f"/cases/{number}/activities", {"kind": "task", "title": "Ask the lab"})
    assert (task.status_code, task.json()["case"]["open_activities"]) == (201, 1)
    resolution = {"resolution": "Paired again."}
    assert problem(await http("grace", "POST", f"/cases/{number}/resolve", resolution)) == (409, "open-activities")
    done = await http("grace", "POST", f"/activities/{task.json()['id']}/complete")
    assert (done.status_code, done.json()["open_activities"]) == (200, 0)
    assert problem(await http("grace", "POST", f"/activities/{task.json()['id']}/complete")) == (
        409,
        "activity-not-open",
    )

    resolved = await http("grace", "POST", f"/cases/{number}/resolve", resolution)
    assert (resolved.status_code, resolved.json()["status"]) == (200, "resolved")
    assert resolved.json()["status_reason"] == "problem-solved"
    assert resolved.json()["entitlement"]["remaining_terms"] == 14

    closed = await http("grace", "POST", f"/cases/{number}/pick")
    assert problem(closed) == (409, "case-not-active")
    assert "reactivate" in closed.json()["allowed"]
    note = await http("grace", "POST", f"/cases/{number}/notes", {"text": "They called to say thanks."})
    assert (note.status_code, note.json()["case"]["status"]) == (201, "resolved")

    back = await http("grace", "POST", f"/cases/{number}/reactivate")
    assert (back.status_code, back.json()["status"], back.json()["queue"]) == (200, "active", "gold")
    assert back.json()["entitlement"]["remaining_terms"] == 15
    timeline = (await http("grace", "GET", f"/cases/{number}/timeline")).json()["items"]
    told = [item for item in timeline if item["kind"] in ("reactivated", "note", "resolved")]
    assert [item["kind"] for item in told] == ["reactivated", "note", "resolved"]
    assert told[1]["text"] == "They called to say thanks."


async def test_a_refused_command_on_a_closed_case_starts_no_run(http: Http) -> None:
    number = await http.open()
    await http("grace", "POST", f"/cases/{number}/resolve", {"resolution": "Done."})
    handle = http.desk.handle(number)

    async def completed() -> bool:
        return (await handle.describe()).close_time is not None

    await until(completed)
    run = (await handle.describe()).run_id
    assert problem(await http("grace", "POST", f"/cases/{number}/replies", {"text": "Hi"})) == (409, "case-not-active")
    assert (await handle.describe()).run_id == run


async def test_the_same_key_is_the_same_command(http: Http) -> None:
    number = await http.open()
    path, body = f"/cases/{number}/notes", {"text": "Once."}
    first = await http("grace", "POST", path, body, Idempotency_Key="k1")
    again = await http("grace", "POST", path, body, Idempotency_Key="k1")
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert problem(await http("grace", "POST", path, {"text": "Twice."}, Idempotency_Key="k1")) == (
        422,
        "idempotency-key-reused",
    )
    other = await http.open()
    assert problem(await http("grace", "POST", f"/cases/{other}/notes", body, Idempotency_Key="k1"))[0] == 422
    # Another agent's keys are theirs.
    assert (await http("mona", "POST", path, body, Idempotency_Key="k1")).json()["id"] != first.json()["id"]


async def test_the_same_key_at_once_makes_one_note(http: Http) -> None:
    number = await http.open()
    sent = [http("grace", "POST", f"/cases/{number}/notes", {"text": "Once."}, Idempotency_Key="k") for _ in range(5)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await http.desk.timeline(number, "note")) == 1


async def test_opening_with_a_key_opens_one_case(http: Http) -> None:
    sent = [http("grace", "POST", "/cases", NEW, Idempotency_Key="open-1") for _ in range(4)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    changed = await http("grace", "POST", "/cases", NEW | {"title": "Other"}, Idempotency_Key="open-1")
    assert problem(changed) == (422, "idempotency-key-reused")


async def test_a_refusal_is_the_same_when_repeated(http: Http) -> None:
    number = await http.open()
    path = f"/cases/{number}/process/next"
    first = await http("grace", "POST", path, Idempotency_Key="n1")
    await http("grace", "PATCH", f"/cases/{number}", {"case_type": "question"}, If_Match="*")
    again = await http("grace", "POST", path, Idempotency_Key="n1")
    assert problem(first) == problem(again) == (409, "data-step-missing")
    assert (await http("grace", "POST", path, Idempotency_Key="n2")).status_code == 200


async def test_of_several_who_pick_at_once_one_gets_it(http: Http) -> None:
    number = await http.open()
    who = ["grace", "sam", "mona"]
    answers = await asyncio.gather(*(http(each, "POST", f"/cases/{number}/pick") for each in who))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    winner = next(each for each, answer in zip(who, answers, strict=True) if answer.status_code == 200)
    shown = (await http("grace", "GET", f"/cases/{number}")).json()
    assert (shown["owner"]["slug"], shown["worked_by"]) == (winner, winner)
    for answer in answers:
        if answer.status_code == 409:
            assert problem(answer) == (409, "already-picked")


async def test_pick_next_takes_the_most_urgent_and_ends_with_204(http: Http) -> None:
    assert (await http("grace", "POST", "/queues/gold/next")).status_code == 204
    first, second = await http.open(), await http.open()
    one = await http("grace", "POST", "/queues/gold/next", Idempotency_Key="next-1")
    same = await http("grace", "POST", "/queues/gold/next", Idempotency_Key="next-1")
    two = await http("grace", "POST", "/queues/gold/next", Idempotency_Key="next-2")
    assert (one.json()["number"], same.json()["number"], two.json()["number"]) == (first, first, second)
    assert same.headers["idempotent-replay"] == "true"
    assert (await http("grace", "POST", "/queues/gold/next")).status_code == 204
    assert problem(await http("grace", "POST", "/queues/none/next")) == (404, "not-found")


async def test_a_full_agent_gets_no_next(http: Http) -> None:
    for _ in range(2):
        await http.open()
    assert (await http("sam", "POST", "/queues/gold/next")).status_code == 200
    assert problem(await http("sam", "POST", "/queues/gold/next")) == (409, "no-capacity")


async def test_change_with_the_version_that_was_read(http: Http) -> None:
    number = await http.open()
    read = await http("grace", "GET", f"/cases/{number}")
    changed = await http(
        "grace",
        "PATCH",
        f"/cases/{number}",
        {"priority": "high", "custom": {"device": "R-7", "hours": 1.5}},
        If_Match=read.headers["etag"],
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["priority"], changed.json()["custom"]) == ("high", {"device": "R-7", "hours": 1.5})
    assert changed.headers["etag"] != read.headers["etag"]
    stale = await http("grace", "PATCH", f"/cases/{number}", {"priority": "low"}, If_Match=read.headers["etag"])
    assert problem(stale) == (412, "stale-version")
    unknown = await http("grace", "PATCH", f"/cases/{number}", {"subject": "nothing"}, If_Match="*")
    assert problem(unknown) == (422, "invalid")
    assert unknown.json()["errors"][0]["field"] == "/subject"
    state = await http("grace", "PATCH", f"/cases/{number}", {"status": "resolved"}, If_Match="*")
    assert problem(state) == (422, "invalid")


async def test_ownership_and_holding(http: Http) -> None:
    number = await http.open()
    assigned = await http("mona", "POST", f"/cases/{number}/assign", {"team": "lab"})
    assert assigned.json()["owner"] == {"slug": "lab", "name": "Lab", "kind": "team"}
    assert problem(await http("mona", "POST", f"/cases/{number}/assign", {"agent": "nobody"})) == (422, "invalid")
    assert (await http("mona", "POST", f"/cases/{number}/route", {"queue": "standard"})).json()["queue"] == "standard"
    await http("sam", "POST", f"/cases/{number}/pick")
    released = (await http("sam", "POST", f"/cases/{number}/release")).json()
    assert (released["worked_by"], released["owner"]["slug"], released["queue"]) == (None, "mona", "standard")
    assert (await http("mona", "POST", f"/cases/{number}/apply-routing")).json()["queue"] == "gold"
    held = (await http("grace", "POST", f"/cases/{number}/hold")).json()
    assert held["status_reason"] == "on-hold"
    assert (await http("grace", "POST", f"/cases/{number}/resume")).json()["status_reason"] == "in-progress"
    assert (await http("grace", "POST", f"/cases/{number}/remove-from-queue")).json()["queue"] is None
    assert problem(await http("grace", "POST", f"/cases/{number}/pick")) == (409, "no-queue-item")
    private = await http("mona", "POST", f"/cases/{number}/route", {"queue": "private"})
    assert private.status_code == 200
    hidden = await http("sam", "POST", f"/cases/{number}/pick")
    assert problem(hidden) == (404, "not-found")


async def test_a_reply_is_a_message_with_its_files(http: Http) -> None:
    number = await http.open()
    uploaded = await http.agents["grace"].post("/api/v1/attachments", files={"file": ("map.png", b"\x89PNG")})
    file = uploaded.json()["id"]
    draft = await http("grace", "PUT", f"/cases/{number}/draft", {"text": "Dear Casey,"})
    assert (
        (await http("grace", "GET", f"/cases/{number}/draft")).json()["text"] == draft.json()["text"] == "Dear Casey,"
    )
    assert (await http("mona", "GET", f"/cases/{number}/draft")).json()["text"] == ""
    sent = await http("grace", "POST", f"/cases/{number}/replies", {"text": "See the map.", "attachments": [file]})
    assert sent.status_code == 201, sent.text
    assert sent.json()["case"]["first_response_sent"] is True
    newest = (await http("grace", "GET", f"/cases/{number}/timeline")).json()["items"]
    message = next(item["message"] for item in newest if item["message"])
    assert (message["id"], message["to"]) == (sent.json()["id"], ["casey@customer.example"])
    assert [each["filename"] for each in message["attachments"]] == ["map.png"]
    # It belongs to the case now, so whoever sees the case may have it.
    assert (await http("sam", "GET", f"/attachments/{file}")).status_code == 200
    again = await http("grace", "POST", f"/cases/{number}/replies", {"text": "Again.", "attachments": [file]})
    assert problem(again) == (422, "invalid")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"customer": "nobody"}, "/customer"),
        ({"contact": "nobody"}, "/contact"),
        ({"product": "nothing"}, "/product"),
        ({"subject": "nothing"}, "/subject"),
        ({"sla": "nothing"}, "/sla"),
        ({"entitlement": "nothing"}, "/entitlement"),
        ({"origin": "pigeon"}, "/origin"),
        ({"priority": "huge"}, "/priority"),
        ({"case_type": "wish"}, "/case_type"),
        ({"title": ""}, "/title"),
    ],
)
async def test_what_an_opening_names_wrongly(http: Http, fields: dict[str, str], field: str) -> None:
    answer = await http("grace", "POST", "/cases", NEW | fields)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_a_restricted_contract_without_terms_opens_no_case(http: Http) -> None:
    async with http.desk.house.database.write() as session:
        await session.execute(update(Entitlement).values(remaining_terms=0, total_terms=0))
    assert problem(await http("grace", "POST", "/cases", NEW)) == (409, "entitlement-exhausted")
    named = await http("grace", "POST", "/cases", NEW | {"entitlement": "care"})
    assert problem(named) == (409, "entitlement-exhausted")
    # The switch that takes no terms silences the default entitlement as well.
    assert (await http("grace", "POST", "/cases", NEW | {"decrement": False})).status_code == 201
    async with http.desk.house.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Case)) == 1


async def test_without_a_worker_a_case_is_opening_and_a_command_an_operation(
    open_desk: DeskFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "OPEN_WITHIN", 0.1)
    monkeypatch.setattr(commands, "ANSWER_WITHIN", 0.3)
    async with open_desk(work=False) as desk, asked(desk) as http:
        made = await http("grace", "POST", "/cases", NEW)
        number = made.json()["number"]
        assert (made.status_code, made.json()["status"], made.json()["allowed"]) == (201, "opening", [])
        assert problem(await http("grace", "POST", f"/cases/{number}/pick")) == (409, "case-opening")

        case = await desk.insert()
        async with desk.house.database.write() as session:
            row = await session.get_one(Case, case.id)
            row.status, row.version = CaseStatus.ACTIVE, 1
        path = f"/cases/{case.number}/notes"
        asked_for = await http("grace", "POST", path, {"text": "Late."}, Idempotency_Key="late")
        assert asked_for.status_code == 202
        location = asked_for.headers["location"].removeprefix("/api/v1")
        pending = await http("grace", "GET", location)
        assert (pending.json()["state"], pending.json()["case"]) == ("pending", case.number)
        assert (await http("sam", "GET", location)).status_code == 404
        assert (await http("mona", "GET", location)).status_code == 200

        (worker,) = make_workers(desk.house, queues=(CASES_QUEUE,), runner=sandbox())
        async with worker:

            async def done() -> bool:
                return bool((await http("grace", "GET", location)).json()["state"] == "done")

            await until(done)
            again = await http("grace", "POST", path, {"text": "Late."}, Idempotency_Key="late")
            assert (again.status_code, again.headers["idempotent-replay"]) == (201, "true")
            await desk.clear()
        async with desk.house.database.read() as session:
            assert await session.scalar(select(func.count()).where(TimelineEntry.kind == "note")) == 1


async def test_without_the_engine_nothing_is_lost(
    open_desk: DeskFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(opening, "OPEN_WITHIN", 0.1)
    monkeypatch.setattr(opening, "TOLD_WITHIN", 0.3)
    monkeypatch.setattr(commands, "ANSWER_WITHIN", 0.3)
    async with open_desk() as desk:
        number = await desk.open(datetime.now(UTC))
        alive = desk.house.client
        async with TemporalServer(None, free_port(), log_file=tmp_path / "temporal.log") as server:
            desk.house.client = await Client.connect(server.address, data_converter=alive.data_converter)
        sender = desk.house.sender
        desk.house.sender = CommandSender(desk.house.client, sender.proof)
        async with asked(desk) as http:
            assert (await http("grace", "GET", f"/cases/{number}")).status_code == 200
            path = f"/cases/{number}/notes"
            down = await http("grace", "POST", path, {"text": "Kept."}, Idempotency_Key="n")
            assert problem(down) == (503, "engine-unavailable")
            assert down.headers["retry-after"] == "5"
            assert (await http("grace", "POST", "/cases", NEW)).json()["status"] == "opening"
            health = await http.agents["grace"].get("/healthz")
            assert (health.status_code, health.json()["temporal"], health.json()["database"]) == (503, False, True)
            async with desk.house.database.read() as session:
                assert await session.scalar(select(Command.state).where(Command.key == "n")) == "pending"
        monkeypatch.undo()
        desk.house.client, desk.house.sender = alive, sender
        async with asked(desk) as http:
            assert (await http("grace", "POST", path, {"text": "Kept."}, Idempotency_Key="n")).status_code == 201
            assert len(await desk.timeline(number, "note")) == 1
