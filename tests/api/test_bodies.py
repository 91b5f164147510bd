"""Bodies that are none, or that programs read in two ways: refused with a problem, never a fault, on every route."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import func, select

from models.records.cases import Case
from tests.api.values import ANY, named, raw
from tests.support.asking import Http, asked, problem
from tests.support.desks import DeskFactory


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk(work=False) as desk, asked(desk) as made:
        yield made


async def sent(
    http: Http, content: bytes, kind: str | None = "application/json", path: str = "/cases"
) -> httpx.Response:
    headers = {} if kind is None else {"content-type": kind}
    return await http.agents["grace"].post(f"/api/v1{path}", content=content, headers=headers)


GOOD = json.dumps({"title": "It does not pair", "customer": "aurora", "priority": "high"}).encode()


async def test_what_is_no_json_object(http: Http) -> None:
    for content, status in (
        (b"", 422),
        (b" \n", 422),
        (b"null", 422),
        (b"[]", 422),
        (b"[" + GOOD + b"]", 422),
        (b'"text"', 422),
        (b"7", 422),
        (b"true", 422),
        (GOOD[:-1], 422),
        (GOOD + GOOD, 422),
        (b"{'title': 'a'}", 422),
        (b'{"title": "\xff\xfe"}', 422),
        (b"\xff\xff\xff", 422),
        (GOOD.replace(b'"high"', b"NaN"), 422),
        (GOOD.replace(b'"high"', b"-Infinity"), 422),
        (GOOD.replace(b'"high"', b"1E+400"), 422),
        (GOOD.replace(b'"high"', b"9" * 5000), 422),
        (GOOD.replace(b'"high"', b"[" * 1000 + b"]" * 1000), 422),
        (GOOD.replace(b'"high"', b'{"a":' * 1000 + b"1" + b"}" * 1000), 422),
        (b"[" * 200_000, 422),
        (b'"' + b"a" * 2_000_000 + b'"', 413),
    ):
        answer = await sent(http, content)
        assert problem(answer)[0] == status, content[:60]
        assert "pydantic" not in answer.text
        assert "dictionary" not in answer.text, "a word of Python's"
    async with http.desk.house.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Case)) == 0


async def test_a_list_where_an_object_is_asked_for_is_named_so(http: Http) -> None:
    answer = await sent(http, b"[]")
    assert answer.json()["errors"] == [{"field": "", "rule": "must be an object"}]
    answer = await sent(http, GOOD[:-1] + b', "custom": []}')
    assert answer.json()["errors"] == [{"field": "/custom", "rule": "must be an object"}]


async def test_a_field_that_is_given_twice_is_named(http: Http) -> None:
    for more, field in (
        (b', "title": "Other"', "title"),
        (b', "title": "It does not pair"', "title"),
        (b', "custom": {"a": 1, "b": 2, "a": 1}', "custom.a"),
        (b', "custom": {"a": 1}, "custom": {"b": 2}', "custom"),
        (b', "ti\\u0074le": "Other"', "title"),
    ):
        answer = await sent(http, GOOD[:-1] + more + b"}")
        assert named(answer) == field
        assert answer.json()["errors"][0]["rule"] == "is given twice"


async def test_another_type_of_content(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.opening.OPEN_WITHIN", 0.1)  # nobody works the cases that are opened
    for kind in (
        *("text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data; boundary=x"),
        *("application/jsonp", "json", "", None),
    ):
        answer = await sent(http, GOOD, kind)
        assert problem(answer)[0] == 415, kind
        assert "application/json" in answer.json()["detail"]
    for kind in ("application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"):
        assert (await sent(http, GOOD, kind)).status_code == 201, kind


async def test_no_route_that_takes_no_body_takes_one(http: Http) -> None:
    number = (await http.desk.insert()).number
    nothing = "0192f1c4-0000-7000-8000-000000000001"
    for method, path in (
        *(("POST", f"/cases/{number}/{verb}") for verb in ("pick", "release", "resume", "apply-routing")),
        *(("POST", f"/cases/{number}/process/{verb}") for verb in ("abandon", "reactivate")),
        ("POST", f"/cases/{number}/replies/{nothing}/undo"),
        ("POST", "/queues/gold/next"),
        ("DELETE", f"/cases/{number}/articles/{nothing}"),
        *(("POST", f"/incidents/{nothing}/{verb}") for verb in ("retry", "dismiss")),
        *(("POST", f"/mailboxes/support/quarantine/{nothing}/{verb}") for verb in ("release", "rerun")),
        ("DELETE", "/suppressions/a@b.example"),
        *(("POST", f"/entitlements/care/{verb}") for verb in ("activate", "deactivate", "cancel", "renew")),
        *(("POST", f"/slas/gold/{verb}") for verb in ("activate", "deactivate")),
        ("GET", f"/cases/{number}"),
        ("GET", "/cases"),
    ):
        answer = await raw(http, "mona", method, path, '{"really": true}')
        assert problem(answer) == (422, "invalid"), path
        assert answer.json()["detail"] == "this request takes no body", path
    async with httpx.AsyncClient(transport=http.agents["grace"]._transport, base_url="http://caseloom") as nobody:
        assert (await nobody.post("/api/v1/incidents/x/retry", content=b"{}1")).status_code == 401
    assert problem(await raw(http, "grace", "POST", f"/incidents/{nothing}/retry", "{}1"))[0] == 403


async def test_what_a_field_breaks_is_pointed_at_in_the_document(http: Http) -> None:
    number = (await http.desk.insert()).number
    for method, path, body, pointed in (
        ("PATCH", "", {"title": None}, "/title"),
        ("PATCH", "", {"customer": None}, "/customer"),
        ("PATCH", "", {"status_reason": None}, "/status_reason"),
        ("PATCH", "", {"escalated": None}, "/escalated"),
        ("PATCH", "", {"custom": None}, "/custom"),
        ("PATCH", "", {"custom": {"a": {"b": 1}}}, "/custom/a"),
        ("PATCH", "", {"custom": {"A": 1}}, "/custom/A"),
        ("PATCH", "", {"follow_up_by": "soon"}, "/follow_up_by"),
        ("PATCH", "", {"escalated": "maybe"}, "/escalated"),
        ("POST", "/replies", {"text": "a", "to": []}, "/to"),
        ("POST", "/replies", {"text": "a", "to": ["nobody"]}, "/to/0"),
        ("POST", "/replies", {"text": "a", "attachments": ["x"]}, "/attachments/0"),
        ("POST", "/replies", {"text": "a", "send_after_seconds": 121}, "/send_after_seconds"),
        ("POST", "/process/next", {"data": {"custom.a": [1]}}, "/data/custom.a"),
        ("POST", "/process/next", {"data": {"A": 1}}, "/data/A"),
        ("POST", "/process/next", {"data": []}, "/data"),
        ("POST", "/resolve", {"resolution": 7}, "/resolution"),
        ("POST", "/resolve", {"resolution": "a", "billable_minutes": 1.5}, "/billable_minutes"),
        ("POST", "/activities", {"title": "a", "due": "2031-13-01T00:00:00Z"}, "/due"),
        ("POST", "/first-response", {}, "/reason"),
        ("POST", "/articles", {"article": "KA-1", "send": "fax"}, "/send"),
    ):
        answer = await http("grace", method, f"/cases/{number}{path}", body, **ANY)
        assert problem(answer)[0] == 422, (path, body, answer.text)
        errors = answer.json()["errors"]
        assert [error["field"] for error in errors] == [pointed], (path, body, errors)
        assert not any(word in answer.text for word in ("function-", "constrained", "union", "tagged"))
