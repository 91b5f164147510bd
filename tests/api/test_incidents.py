"""Incidents over HTTP: who sees them, that they hold no content, and the two ways to end them."""

from __future__ import annotations

from typing import Any

import pytest

from cases.commands import VERBS
from models.messages.cases import CommandKind
from tests.support.asking import Http, problem


async def broken(*given: object) -> Any:
    raise RuntimeError("what the customer wrote")


async def test_a_fault_is_answered_shown_and_tried_again(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await http.open()
    with monkeypatch.context() as patch:
        patch.setitem(VERBS, CommandKind.NOTE, broken)
        failed = await http("grace", "POST", f"/cases/{number}/notes", {"text": "x"}, Idempotency_Key="n")
    assert problem(failed) == (500, "fault")
    incident = failed.json()["incident"]
    assert (await http("grace", "GET", "/incidents")).status_code == 403
    (shown,) = (await http("mona", "GET", f"/incidents?state=open&case={number}")).json()["items"]
    assert (shown["id"], shown["step"], shown["error"], shown["count"]) == (incident, "note", "RuntimeError", 1)
    assert shown["place"].startswith("tests/api/test_incidents.py:")
    assert "customer" not in failed.text + str(shown)
    assert 'caseloom_incidents{state="open"} 1.0' in (await http("mona", "GET", "/metrics")).text
    operation = await http("grace", "GET", f"/operations/{shown['subject_id']}")
    assert (operation.json()["state"], operation.json()["incident"]) == ("failed", incident)

    done = await http("mona", "POST", f"/incidents/{incident}/retry")
    assert (done.status_code, done.json()["state"]) == (200, "done")
    again = await http("grace", "POST", f"/cases/{number}/notes", {"text": "x"}, Idempotency_Key="n")
    assert again.status_code == 201
    entries = (await http("grace", "GET", f"/cases/{number}/timeline")).json()["items"]
    assert [entry["kind"] for entry in entries].count("note") == 1
    assert problem(await http("mona", "POST", f"/incidents/{incident}/retry")) == (409, "incident-ended")
    audited = (await http("mona", "GET", "/audit?kind=incident")).json()["items"]
    assert [row["action"] for row in audited] == ["retry"]


async def test_an_incident_that_need_not_be_done_is_let_be(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await http.open()
    with monkeypatch.context() as patch:
        patch.setitem(VERBS, CommandKind.PICK, broken)
        failed = await http("grace", "POST", f"/cases/{number}/pick")
    incident = failed.json()["incident"]
    assert (await http("mona", "GET", f"/incidents/{incident}")).json()["state"] == "open"
    let_be = await http("mona", "POST", f"/incidents/{incident}/dismiss")
    assert (let_be.status_code, let_be.json()["state"]) == (200, "dismissed")
    assert (await http("mona", "GET", f"/incidents?state=open&case={number}")).json()["items"] == []


async def test_what_is_no_incident_is_not_found(http: Http) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    for method, path in (("GET", ""), ("POST", "/retry"), ("POST", "/dismiss")):
        assert problem(await http("mona", method, f"/incidents/{nobody}{path}")) == (404, "not-found")
