"""One action on many cases through HTTP: a result for each, by list or by filter (design, "API")."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from cases import operations
from cases.sweeps import OperationSweep
from desk.bulk import BulkDesk
from desk.commands import command_id
from engine.operations import OperationStarter
from models.messages.operations import BulkAction, BulkBody
from models.records.operations import BulkOperation
from tests.support.asking import Http, problem
from tests.support.desks import OPENED_ON
from tests.support.organisations import add, settings
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("patience")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What differs between the databases is raced for in test_merging.py and test_families_at_once.py."""
    return sqlite_url


async def bulk(http: Http, action: str, *numbers: str, who: str = "grace", **body: Any) -> Any:
    answer = await http(who, "POST", "/cases/bulk", {"action": action, "numbers": numbers, "body": body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def states(operation: dict[str, Any]) -> list[str]:
    return [result["state"] for result in operation["results"]["items"]]


async def seen(http: Http, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await http("mona", "GET", f"/cases/{number}")).json()
    return found


async def test_each_case_gets_a_result_and_none_keeps_the_others(http: Http) -> None:
    await settings(http.desk, updates_when_closed="none")
    numbers = await asyncio.gather(*(http.open() for _ in range(4)))
    closed = await http.open()
    await http("grace", "POST", f"/cases/{closed}/resolve", {"resolution": "Done."})
    asked_for = [numbers[0].lower(), closed, "CAS-99999-ZZZZZZ", *numbers]
    done = await bulk(http, "change", *asked_for, priority="high", custom={"wave": 2})
    assert (done["kind"], done["state"], done["case"]) == ("change", "done", None)
    assert [result["number"] for result in done["results"]["items"]] == [numbers[0], *asked_for[1:3], *numbers[1:]]
    assert states(done) == ["done", "refused", "refused", "done", "done", "done"]
    assert done["progress"] == {"total": 6, "pending": 0, "done": 4, "refused": 2, "failed": 0, "cancelled": 0}
    problems = [result["problem"]["type"] for result in done["results"]["items"] if result["problem"]]
    assert problems == ["case-not-active", "not-found"]
    for number, result in zip(numbers, [done["results"]["items"][0], *done["results"]["items"][3:]], strict=True):
        case = await seen(http, number)
        assert (case["priority"], case["custom"], case["version"]) == ("high", {"wave": 2}, result["version"])

    assert states(await bulk(http, "assign", *numbers, agent="grace")) == ["done"] * 4
    assert states(await bulk(http, "route", *numbers, queue="standard")) == ["done"] * 4
    assert {(await seen(http, number))["queue"] for number in numbers} == {"standard"}
    assert states(await bulk(http, "apply-routing", *numbers)) == ["done"] * 4
    assert {(case["queue"], case["owner"]["slug"]) for case in [await seen(http, n) for n in numbers]} == {
        ("gold", "grace")
    }
    merged = await bulk(http, "merge", *numbers[:3], into=numbers[3])
    assert states(merged) == ["done"] * 3
    assert {(await seen(http, number))["merged_into"] for number in numbers[:3]} == {numbers[3]}
    itself = await bulk(http, "merge", numbers[3], into=numbers[3])
    assert states(itself) == ["refused"]
    assert states(await bulk(http, "cancel", *numbers)) == ["refused"] * 3 + ["done"]
    other = await http.open()
    assert states(await bulk(http, "resolve", other, resolution="Paired again.")) == ["done"]
    assert (await seen(http, other))["resolutions"][0]["resolution"] == "Paired again."


async def test_the_same_key_is_the_same_operation(http: Http) -> None:
    number = await http.open()
    body = {"action": "change", "numbers": [number], "body": {"title": "Anew"}}
    first = await http("grace", "POST", "/cases/bulk", body, Idempotency_Key="b")
    again = await http("grace", "POST", "/cases/bulk", body, Idempotency_Key="b")
    assert (again.json(), again.headers["idempotent-replay"]) == (first.json(), "true")
    assert len(await http.desk.timeline(number, "changed")) == 1
    other = await http("grace", "POST", "/cases/bulk", {**body, "body": {"title": "Another"}}, Idempotency_Key="b")
    assert problem(other) == (422, "idempotency-key-reused")
    path = f"/operations/{first.json()['id']}"
    # A command has its own address, also one with the same key.
    assert (
        await http("grace", "POST", f"/cases/{number}/notes", {"text": "N"}, Idempotency_Key="b")
    ).status_code == 201
    note = command_id((await http.desk.agent("grace")).agent_id, "b")
    assert (await http("grace", "GET", f"/operations/{note}")).json()["kind"] == "note"
    assert (await http("grace", "GET", path)).json() == first.json()
    assert problem(await http("sam", "GET", path)) == (404, "not-found")
    assert (await http("mona", "GET", path)).status_code == 200
    assert problem(await http("grace", "POST", f"{path}/cancel")) == (409, "operation-ended")
    assert problem(await http("sam", "POST", f"{path}/cancel")) == (404, "not-found")


async def test_a_filter_names_the_cases_and_pages_show_the_results(http: Http) -> None:
    numbers = sorted(await asyncio.gather(*(http.open(severity="wave") for _ in range(5))))
    await http("grace", "POST", f"/cases/{numbers[0]}/cancel")
    await add(http.desk, {"queues": [{"slug": "hidden", "name": "H", "private": True, "owner": "mona", "members": []}]})
    assert (await http("mona", "POST", f"/cases/{numbers[1]}/route", {"queue": "hidden"})).status_code == 200
    body = {"action": "change", "filter": {"customer": "aurora", "status": ["active"]}, "body": {"title": "Wave"}}
    made = (await http("grace", "POST", "/cases/bulk", body)).json()
    assert [result["number"] for result in made["results"]["items"]] == numbers[2:]
    page = (await http("grace", "GET", f"/operations/{made['id']}?limit=2")).json()["results"]
    rest = (await http("grace", "GET", f"/operations/{made['id']}?limit=2&cursor={page['next']}")).json()["results"]
    assert [each["number"] for each in (*page["items"], *rest["items"])] == numbers[2:]
    assert rest["next"] is None
    none = (await http("grace", "POST", "/cases/bulk", {**body, "filter": {"priority": "low"}})).json()
    assert (none["state"], none["progress"]["total"], none["results"]["items"]) == ("done", 0, [])
    # What leaves one's sight is not named any more.
    assert (await http("mona", "POST", f"/cases/{numbers[2]}/route", {"queue": "hidden"})).status_code == 200
    later = (await http("grace", "GET", f"/operations/{made['id']}")).json()["results"]["items"]
    assert [each["number"] for each in later] == [None, *numbers[3:]]


async def test_what_is_wrong_with_the_request_is_named(http: Http) -> None:
    number = await http.open()
    for body, field in (
        ({"action": "dance", "numbers": [number]}, "/action"),
        ({"action": "assign", "numbers": []}, "/numbers"),
        ({"action": "assign", "numbers": [number], "filter": {"queue": "gold"}}, "/numbers"),
        ({"action": "assign", "filter": {}}, "/filter"),
        ({"action": "apply-routing", "filter": {"queue": "nowhere"}}, "/filter/queue"),
        ({"action": "apply-routing", "filter": {"owner": "nobody"}}, "/filter/owner"),
        ({"action": "assign", "numbers": [number], "body": {"agent": "nobody"}}, "/body/agent"),
        ({"action": "assign", "numbers": [number], "body": {}}, "/body"),
        ({"action": "resolve", "numbers": [number], "body": {}}, "/body/resolution"),
        ({"action": "resolve", "numbers": [number]}, "/body"),
        ({"action": "route", "numbers": [number], "body": {"queue": "nowhere"}}, "/body/queue"),
        ({"action": "change", "numbers": [number], "body": {"prio": "high"}}, "/body/prio"),
        ({"action": "merge", "numbers": [number], "body": {"into": "CAS-99999-ZZZZZZ"}}, "/body/into"),
        ({"action": "apply-routing", "numbers": [number], "body": {"queue": "gold"}}, "/body"),
        ({"action": "apply-routing", "numbers": [number] * 10_001}, "/numbers"),
    ):
        refused = await http("grace", "POST", "/cases/bulk", body)
        assert refused.status_code == 422, (body, refused.text)
        assert [each["field"] for each in refused.json()["errors"]] == [field], refused.text


class Died(BaseException):
    """What the test has the process die of."""


async def test_a_piece_that_dies_anywhere_is_done_once(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between sending and writing, and after writing, again and again: each case has its command once."""
    desk, house = http.desk, http.desk.house
    numbers = tuple(await asyncio.gather(*(http.open() for _ in range(7))))
    monkeypatch.setattr(operations, "A_ROUND", 3)
    monkeypatch.setattr(OperationStarter, "start", nothing)
    monkeypatch.setattr("desk.bulk.ANSWER_WITHIN", 0.0)
    body = BulkBody(action=BulkAction.CHANGE, numbers=numbers, body={"title": "Anew"})
    bulk = BulkDesk(house.database, house.definitions, OperationStarter(house.client))
    asked_for = await bulk.ask(await desk.agent("grace"), body, OPENED_ON)
    assert not asked_for.ended
    deaths = ["operation.sent", "operation.sent", "operation.written", "operation.sent", "operation.written"]

    def failpoint(name: str) -> None:
        if deaths and deaths[0] == name:
            deaths.pop(0)
            raise Died

    monkeypatch.setattr(operations, "failpoint", failpoint)
    work = operations.Operations(house.database, desk.commands.pursuit)
    progress, lives = None, 0
    while progress is None or not progress.ended:
        with contextlib.suppress(Died):
            lives += 1
            progress = await work.work(asked_for.id, lambda decided: None)
    assert (lives, progress.decided, deaths) == (6, 7, [])
    for number in numbers:
        assert len(await desk.timeline(number, "changed")) == 1
    assert states((await http("grace", "GET", f"/operations/{asked_for.id}")).json()) == ["done"] * 7


async def nothing(*given: Any) -> bool:
    """As if the process had died before it began the operation."""
    return False


async def test_cancelled_no_further_case_is_touched(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, house = http.desk, http.desk.house
    numbers = tuple(await asyncio.gather(*(http.open() for _ in range(5))))
    monkeypatch.setattr(operations, "A_ROUND", 2)
    monkeypatch.setattr("desk.bulk.ANSWER_WITHIN", 0.0)
    with monkeypatch.context() as away:
        away.setattr(OperationStarter, "start", nothing)
        body = {"action": "cancel", "numbers": numbers}
        answer = await http("grace", "POST", "/cases/bulk", body)
        assert (answer.status_code, answer.json()["state"]) == (202, "pending")
        path = answer.headers["location"].removeprefix("/api/v1")

        def first_round(decided: int) -> None:
            raise Died

        with contextlib.suppress(Died):
            await operations.Operations(house.database, desk.commands.pursuit).work(
                UUID(answer.json()["id"]), first_round
            )
        assert (await http("grace", "POST", f"{path}/cancel")).json()["state"] == "cancelling"
    # Nobody goes on with it: housekeeping starts its run.
    async with house.database.write() as session:
        await session.execute(update(BulkOperation).values(recorded_at=OPENED_ON - timedelta(days=9000)))
    await OperationSweep(house.database, OperationStarter(house.client)).sweep()

    async def ended() -> bool:
        return bool((await http("grace", "GET", path)).json()["state"] == "cancelled")

    await until(ended)
    found = (await http("mona", "GET", path)).json()
    assert states(found) == ["done"] * 2 + ["cancelled"] * 3
    assert found["progress"]["cancelled"] == 3
    assert (await http("grace", "POST", f"{path}/cancel")).json()["state"] == "cancelled"
    assert [(await desk.case(number)).status for number in numbers] == ["cancelled"] * 2 + ["active"] * 3
