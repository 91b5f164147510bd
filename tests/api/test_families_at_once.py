"""Families on both databases: many who link at once, and children that are closed with their parent (domain 1.4)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.messages.cases import CaseStatus
from tests.support.asking import Http, problem
from tests.support.organisations import settings

pytestmark = pytest.mark.usefixtures("patience")


async def child(http: Http, parent: str) -> str:
    made = await http("grace", "POST", f"/cases/{parent}/children", {})
    assert made.status_code == 201, made.text
    number: str = made.json()["number"]
    return number


async def link(http: Http, parent: str, case: str) -> Any:
    return await http("grace", "POST", f"/cases/{parent}/children", {"case": case})


async def seen(http: Http, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await http("mona", "GET", f"/cases/{number}")).json()
    return found


async def test_many_who_link_at_once_stay_within_the_maximum(http: Http) -> None:
    await settings(http.desk, most_children=3)
    parent = await http.open()
    others = await asyncio.gather(*(http.open() for _ in range(6)))
    answers = await asyncio.gather(*(link(http, parent, other) for other in others))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [422] * 3
    assert {problem(answer)[1] for answer in answers if answer.status_code == 422} == {"family-forbidden"}
    assert len((await seen(http, parent))["children"]) == 3
    # The other way round at once: neither is a grandchild.
    one, two = await http.open(), await http.open()
    await asyncio.gather(link(http, one, two), link(http, two, one))
    parents = [(await seen(http, number))["parent"] for number in (one, two)]
    assert None in parents


async def test_children_are_closed_with_their_parent_if_the_setting_says_so(http: Http) -> None:
    await settings(http.desk, closing_parents="cascade")
    parent = await http.open()
    children = [await child(http, parent) for _ in range(4)]
    await http("grace", "POST", f"/cases/{children[0]}/activities", {"title": "Call"})
    resolution = {"resolution": "The firmware cures all.", "resolution_type": "information-provided"}
    asked = await http("grace", "POST", f"/cases/{parent}/resolve", resolution)
    assert problem(asked) == (409, "open-activities")
    assert "1 open activity" in asked.json()["detail"]
    assert problem(await http("grace", "POST", f"/cases/{parent}/cancel")) == (409, "open-activities")
    assert {(await seen(http, number))["status"] for number in (parent, *children)} == {"active"}

    body = {**resolution, "cancel_open_activities": True}
    closed = await http("grace", "POST", f"/cases/{parent}/resolve", body, Idempotency_Key="all")
    assert closed.status_code == 200
    assert {each["status"] for each in closed.json()["children"]} == {CaseStatus.RESOLVED}
    for number in children:
        case = await seen(http, number)
        assert (case["status"], case["status_reason"]) == ("resolved", "information-provided")
        assert [each["resolution"] for each in case["resolutions"]] == [resolution["resolution"]]
        assert (case["queue"], case["open_activities"]) == (None, 0)
    again = await http("grace", "POST", f"/cases/{parent}/resolve", body, Idempotency_Key="all")
    assert (again.status_code, again.headers["idempotent-replay"]) == (200, "true")
    assert len(await http.desk.timeline(children[0], "resolved")) == 1
    # Of five cases each has taken its term, once.
    assert (await http.desk.entitlement("care")).remaining_terms == 10

    # A reply that resolves the parent does the same; each child has the resolution, and only the parent the letter.
    second = await http.open()
    young = await child(http, second)
    reply = {"text": "It pairs now.", "resolve": {"resolution": "By mail."}}
    answer = await http("grace", "POST", f"/cases/{second}/replies", reply)
    assert (answer.status_code, answer.json()["case"]["status"]) == (201, "resolved")
    assert [each["resolution"] for each in (await seen(http, young))["resolutions"]] == ["By mail."]
    assert len(await http.desk.timeline(young, "reply")) == 0
