"""Parent and child through HTTP: one level, what a child inherits, the maximum, and what closing a parent does (domain 1.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking import Http, problem
from tests.support.organisations import settings

pytestmark = pytest.mark.usefixtures("patience")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What differs between the databases is raced for in test_merging.py and test_families_at_once.py."""
    return sqlite_url


async def child(http: Http, parent: str, **fields: Any) -> dict[str, Any]:
    made = await http("grace", "POST", f"/cases/{parent}/children", fields)
    assert made.status_code == 201, made.text
    case: dict[str, Any] = made.json()
    return case


async def link(http: Http, parent: str, case: str) -> Any:
    return await http("grace", "POST", f"/cases/{parent}/children", {"case": case})


async def seen(http: Http, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await http("mona", "GET", f"/cases/{number}")).json()
    return found


async def test_a_new_child_inherits_and_both_show_their_family(http: Http) -> None:
    parent = await http.open(priority="high", severity="grave")
    made = await child(http, parent)
    assert (made["title"], made["priority"], made["severity"]) == ("It does not pair", "high", None)
    assert made["customer"] == (await seen(http, parent))["customer"]
    assert (made["parent"], made["status"], made["queue"]) == (parent, "active", "gold")
    other = await child(http, parent, title="The second one", priority="low")
    assert (other["title"], other["priority"]) == ("The second one", "low")
    family = [(each["number"], each["title"], each["status"]) for each in (await seen(http, parent))["children"]]
    assert family == [
        (made["number"], "It does not pair", "active"),
        (other["number"], "The second one", "active"),
    ]
    await settings(http.desk, inherited_by_children=["severity", "entitlement"])
    third = await child(http, parent)
    assert (third["severity"], third["priority"], third["customer"]["contact"]) == ("grave", "normal", None)
    assert third["entitlement"]["slug"] == "care"
    unknown = await http("grace", "POST", f"/cases/{parent}/children", {"priority": "sky-high"})
    assert problem(unknown) == (422, "invalid")
    assert unknown.json()["errors"][0]["field"] == "/priority"
    told = [entry.data["related"] for entry in await http.desk.timeline(parent, "child-added")]
    assert told == [made["number"], other["number"], third["number"]]


async def test_an_existing_case_becomes_a_child_and_leaves_again(http: Http) -> None:
    parent, case = await http.open(), await http.open()
    linked = await link(http, parent, case.lower())
    assert (linked.status_code, linked.json()["number"], linked.json()["parent"]) == (201, case, parent)
    again = await link(http, parent, case)
    assert (again.status_code, len(await http.desk.timeline(case, "linked"))) == (201, 1)
    other = await http.open()
    assert problem(await http("grace", "DELETE", f"/cases/{other}/children/{case}")) == (404, "not-found")
    left = await http("grace", "DELETE", f"/cases/{parent}/children/{case}")
    assert (left.status_code, left.json()["parent"]) == (200, None)
    assert (await seen(http, parent))["children"] == []
    assert (await link(http, other, case)).json()["parent"] == other
    assert problem(await link(http, parent, "CAS-99999-ZZZZZZ"))[0] == 422


async def test_a_family_has_one_level(http: Http) -> None:
    parent, other = await http.open(), await http.open()
    made = (await child(http, parent))["number"]
    assert problem(await http("grace", "POST", f"/cases/{made}/children", {})) == (422, "family-forbidden")
    assert problem(await link(http, made, other)) == (422, "family-forbidden")
    assert problem(await link(http, other, parent)) == (422, "family-forbidden")
    assert problem(await link(http, other, made)) == (422, "family-forbidden")
    assert problem(await link(http, other, other)) == (422, "family-forbidden")
    closed = await http.open()
    await http("grace", "POST", f"/cases/{closed}/resolve", {"resolution": "Done."})
    assert problem(await link(http, parent, closed)) == (409, "case-not-active")
    assert problem(await http("grace", "POST", f"/cases/{closed}/children", {})) == (409, "case-not-active")


async def test_a_closed_parent_leaves_its_children_as_they_are(http: Http) -> None:
    parent = await http.open()
    made = (await child(http, parent))["number"]
    assert (await http("grace", "POST", f"/cases/{parent}/resolve", {"resolution": "Done."})).status_code == 200
    assert (await seen(http, made))["status"] == "active"


async def test_a_parent_is_not_closed_while_a_child_is_open_if_the_setting_says_so(http: Http) -> None:
    await settings(http.desk, closing_parents="block")
    parent = await http.open()
    made = (await child(http, parent))["number"]
    for verb, body in (("resolve", {"resolution": "Done."}), ("cancel", {})):
        refused = await http("grace", "POST", f"/cases/{parent}/{verb}", body)
        assert problem(refused) == (409, "children-open")
        assert "1 child case is open" in refused.json()["detail"]
        assert verb not in (await seen(http, parent))["allowed"]
    await http("grace", "POST", f"/cases/{made}/cancel")
    assert (await http("grace", "POST", f"/cases/{parent}/resolve", {"resolution": "Done."})).status_code == 200


async def test_a_case_out_of_sight_is_neither_named_nor_taken(http: Http) -> None:
    """Domain 2: sam belongs to no private queue."""
    parent, hidden = await http.open(), await http.open()
    assert (await link(http, parent, hidden)).status_code == 201
    assert (await http("mona", "POST", f"/cases/{hidden}/route", {"queue": "private"})).status_code == 200
    assert [each["number"] for each in (await seen(http, parent))["children"]] == [hidden]
    assert (await http("sam", "GET", f"/cases/{parent}")).json()["children"] == []
    for path, body, field in (
        (f"/cases/{parent}/merge", {"losers": [hidden]}, "/losers/0"),
        (f"/cases/{parent}/children", {"case": hidden}, "/case"),
    ):
        refused = await http("sam", "POST", path, body)
        assert (problem(refused)[0], refused.json()["errors"][0]["field"]) == (422, field)
    assert problem(await http("sam", "DELETE", f"/cases/{parent}/children/{hidden}")) == (404, "not-found")
    bulk = {"action": "cancel", "numbers": [hidden, parent]}
    results = (await http("sam", "POST", "/cases/bulk", bulk)).json()["results"]["items"]
    assert [result["state"] for result in results] == ["refused", "done"]
