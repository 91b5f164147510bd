"""PATCH with the value that a field has already changes nothing, whatever field it is and whatever has become of the value."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from models.records.reference import Account, Contact, DefinitionRecord, Entitlement, Subject
from tests.api.values import ANY
from tests.support.asking import NEW, Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.organisations import add, balance, settings

pytestmark = pytest.mark.usefixtures("patience")

FIELDS: dict[str, Any] = {
    "title": "It does not pair",
    "priority": "high",
    "severity": "grave",
    "case_type": "problem",
    "subject": "audio",
    "origin": "phone",
    "custom": {"device": "R-7", "hours": 1.5, "ok": True},
}


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk() as desk, asked(desk) as made:
        await add(desk, "tests/organisations/contracts.yaml")
        yield made


async def unchanged(http: Http, number: str, body: dict[str, Any]) -> None:
    before = await http("grace", "GET", f"/cases/{number}")
    entries = await http.desk.timeline(number)
    answer = await http("grace", "PATCH", f"/cases/{number}", body, If_Match=before.headers["etag"])
    assert answer.status_code == 200, (body, answer.text)
    assert answer.headers["etag"] == before.headers["etag"], body
    assert answer.json() == before.json(), body
    assert len(await http.desk.timeline(number)) == len(entries), body


async def test_each_field_by_itself_and_all_at_once(http: Http) -> None:
    number = await http.open(**FIELDS)
    await http("grace", "PATCH", f"/cases/{number}", {"follow_up_by": "2031-05-01T10:00:00.25+02:00"}, **ANY)
    case = (await http("grace", "GET", f"/cases/{number}")).json()
    ids = {
        "customer": str((await http.desk.case(number)).account_id),
        "contact": case["customer"]["contact"]["id"],
        "entitlement": case["entitlement"]["id"],
    }
    present = FIELDS | {
        "customer": "aurora",
        "contact": "casey",
        "entitlement": "care",
        "sla": "gold",
        "status_reason": "in-progress",
        "escalated": False,
        "follow_up_by": "2031-05-01T08:00:00.250Z",
    }
    for field, value in present.items():
        await unchanged(http, number, {field: value})
    for field, value in ids.items():
        await unchanged(http, number, {field: value})
    await unchanged(http, number, present)
    await unchanged(http, number, {"title": "  It does not pair "})
    await unchanged(http, number, {"custom": {}})
    await unchanged(http, number, {"custom": {"device": "R-7"}})
    await unchanged(http, number, {"custom": {"never": None}})
    assert await balance(http.desk, "care") == (15, {})


async def test_null_where_there_is_nothing(http: Http) -> None:
    number = await http.open(decrement=False)
    for field in ("severity", "case_type", "subject", "product", "follow_up_by"):
        await unchanged(http, number, {field: None})
    await http("grace", "PATCH", f"/cases/{number}", {"entitlement": None, "contact": None}, **ANY)
    for field in ("entitlement", "contact"):
        await unchanged(http, number, {field: None})


async def test_what_was_retired_since_may_stay(http: Http) -> None:
    number = await http.open(**FIELDS)
    async with http.desk.house.database.write() as session:
        for table in (Account, Contact, Subject):
            await session.execute(update(table).values(active=False))
        await session.execute(update(Entitlement).values(status="cancelled"))
        await session.execute(
            update(DefinitionRecord).where(DefinitionRecord.kind.in_(("sla", "process"))).values(status="inactive")
        )
    await settings(
        http.desk, default_process=None, priorities=["normal"], origins=["email", "web"], case_types=["question"]
    )
    for field, value in (
        ("customer", "aurora"),
        ("contact", "casey"),
        ("entitlement", "care"),
        ("sla", "gold"),
        ("subject", "audio"),
        ("priority", "high"),
        ("origin", "phone"),
        ("case_type", "problem"),
    ):
        await unchanged(http, number, {field: value})


async def test_a_held_case_keeps_its_reason_and_a_retired_reason_its_case(http: Http) -> None:
    number = await http.open()
    await http("grace", "POST", f"/cases/{number}/hold", {"status_reason": "waiting-for-details"})
    await unchanged(http, number, {"status_reason": "waiting-for-details"})
    reasons = (await organisation(http))["status_reasons"]
    kept = [reason for reason in reasons if reason["slug"] != "waiting-for-details"]
    await settings(http.desk, status_reasons=kept)
    await unchanged(http, number, {"status_reason": "waiting-for-details"})
    # What it promises is on hold still, so that the way on is the usual one.
    assert "resume" in (await http("grace", "GET", f"/cases/{number}")).json()["allowed"]
    resumed = (await http("grace", "POST", f"/cases/{number}/resume")).json()
    assert (resumed["status_reason"], resumed["sla_state"]) == ("in-progress", "in-progress")


async def organisation(http: Http) -> dict[str, Any]:
    async with http.desk.house.database.read() as session:
        return (await http.desk.house.definitions.organisation(session)).model_dump(mode="json")


async def test_a_term_that_was_taken_stays_taken_once(http: Http) -> None:
    number = await http.open(customer="borealis", contact="bo")
    assert await balance(http.desk, "prepaid") == (2, {"phone": 1, "email": 1, "web": 0})
    for body in ({"entitlement": "prepaid"}, {"origin": "phone"}, {"customer": "borealis"}, {"contact": "bo"}):
        await unchanged(http, number, body)
    assert len(await http.desk.ledger()) == 1


async def test_yes_is_not_one(http: Http) -> None:
    number = await http.open(custom={"x": True})
    answer = await http("grace", "PATCH", f"/cases/{number}", {"custom": {"x": 1}}, **ANY)
    assert answer.json()["custom"] == {"x": 1}
    assert len(await http.desk.timeline(number, "changed")) == 1


async def test_nothing_to_change_is_still_held_to_the_version_and_to_the_key(http: Http) -> None:
    number = await http.open()
    old = (await http("grace", "GET", f"/cases/{number}")).headers["etag"]
    await http("grace", "PATCH", f"/cases/{number}", {"severity": "grave"}, If_Match=old)
    stale = await http("grace", "PATCH", f"/cases/{number}", {"title": NEW["title"]}, If_Match=old)
    assert problem(stale) == (412, "stale-version")
    first = await http("grace", "PATCH", f"/cases/{number}", {"severity": "grave"}, **ANY, Idempotency_Key="same")
    again = await http("grace", "PATCH", f"/cases/{number}", {"severity": "grave"}, **ANY, Idempotency_Key="same")
    assert (first.status_code, again.status_code, again.headers["idempotent-replay"]) == (200, 200, "true")
    assert first.headers["etag"] == again.headers["etag"]


VERBS: tuple[tuple[str, dict[str, Any] | None], ...] = (
    ("pick", None),
    ("assign", {"agent": "grace"}),
    ("hold", None),
    ("hold", {"status_reason": "on-hold"}),
)


async def test_a_verb_that_finds_everything_done_changes_nothing(http: Http) -> None:
    number = await http.open()
    for verb, body in VERBS:
        first = await http("grace", "POST", f"/cases/{number}/{verb}", body)
        entries = await http.desk.timeline(number)
        again = await http("grace", "POST", f"/cases/{number}/{verb}", body)
        assert (first.status_code, again.status_code) == (200, 200), (verb, again.text)
        assert again.headers["etag"] == first.headers["etag"], verb
        assert len(await http.desk.timeline(number)) == len(entries), verb


async def test_reference_data_that_says_so_already_gets_no_new_version(http: Http) -> None:
    for path in (
        "slas/gold",
        "entitlements/care",
        "accounts/aurora",
        "queues/gold",
        "organisation",
    ):
        before = await http("ada", "GET", f"/{path}")
        assert before.status_code == 200, (path, before.text)
        body = before.json().get("body", before.json())
        for name in sorted({"name", "items", "hours", "members", "total_terms", "restricted"} & body.keys()):
            answer = await http("ada", "PATCH", f"/{path}", {name: body[name]}, If_Match=before.headers["etag"])
            assert answer.status_code == 200, (path, name, answer.text)
            assert answer.headers["etag"] == before.headers["etag"], (path, name)
