"""Contracts where they have run out, are in draft, or count hours: what a case can still do, and which balance is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from models.records.base import new_id, table_of
from models.records.reference import Contact, Entitlement, EntitlementChannel
from tests.api.values import ANY, named
from tests.support.asking import Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.organisations import add, balance

pytestmark = pytest.mark.usefixtures("patience")

LINES = {
    "account": "borealis",
    "start": "2026-01-01",
    "end": "2031-12-31",
    "restricted": True,
    "total_terms": 6,
    "channels": [
        {"origin": "phone", "total_terms": 2},
        {"origin": "email", "total_terms": 2},
        {"origin": "web", "total_terms": 0},
    ],
}


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk() as desk, asked(desk) as made:
        await add(desk, "tests/organisations/contracts.yaml")
        contracts = [
            {**deepcopy(LINES), "slug": "at-the-end", "name": "At the end", "decrease_on": "resolution"},
            {**deepcopy(LINES), "slug": "at-once", "name": "At once", "decrease_on": "creation"},
        ]
        await add(desk, {"entitlements": contracts})
        yield made


async def contract(http: Http, slug: str, lines: dict[str, int] | None = None, **values: Any) -> None:
    async with http.desk.house.database.write() as session:
        row = (await http.desk.entitlement(slug)).id
        if values:
            await session.execute(update(Entitlement).where(Entitlement.id == row).values(**values))
        for origin, terms in (lines or {}).items():
            line = (EntitlementChannel.entitlement_id == row, EntitlementChannel.origin == origin)
            await session.execute(update(EntitlementChannel).where(*line).values(remaining_terms=terms))


async def opened(http: Http, slug: str, **fields: Any) -> str:
    return await http.open(**({"customer": "borealis", "contact": "bo", "entitlement": slug} | fields))


@pytest.mark.parametrize("slug", ["at-the-end", "at-once"])
async def test_an_origin_is_corrected_whatever_has_become_of_the_contract(http: Http, slug: str) -> None:
    for values in (
        {"remaining_terms": 0},
        {"remaining_terms": -2},
        {"status": "draft"},
        {"status": "cancelled"},
        {"end": date(2026, 1, 2)},
        {"products": ["speaker"]},
    ):
        whole = {"status": "active", "remaining_terms": 6, "products": [], "end": date(2031, 12, 31)}
        await contract(http, slug, {"phone": 2, "email": 2}, **whole)
        number = await opened(http, slug)
        await contract(http, slug, **values)
        for origin in ("email", "twitter", "phone"):
            answer = await http("grace", "PATCH", f"/cases/{number}", {"origin": origin}, **ANY)
            assert answer.status_code == 200, (values, origin, answer.text)
            assert answer.json()["origin"] == origin
        closed = await http("grace", "PATCH", f"/cases/{number}", {"origin": "web"}, **ANY)
        assert problem(closed) == (422, "entitlement-not-applicable"), "that channel is closed"
        assert named(closed) == "origin"


async def test_a_line_that_alone_has_run_out_is_named(http: Http) -> None:
    for slug in ("at-the-end", "at-once"):
        number = await opened(http, slug)
        await contract(http, slug, {"email": 0}, remaining_terms=4)
        answer = await http("grace", "PATCH", f"/cases/{number}", {"origin": "email"}, **ANY)
        assert problem(answer) == (409, "entitlement-exhausted")
        assert "the channel 'email'" in answer.json()["detail"]
        assert "for others" in answer.json()["detail"]
        new = {"title": "A", "customer": "borealis", "origin": "email", "entitlement": slug}
        answer = await http("grace", "POST", "/cases", new)
        assert problem(answer) == (409, "entitlement-exhausted")
        assert "no terms left for the channel 'email', though 4 for others" in answer.json()["detail"]
        unlisted = await http("grace", "PATCH", f"/cases/{number}", {"origin": "twitter"}, **ANY)
        assert unlisted.status_code == 200
        answer = await http("grace", "PATCH", f"/cases/{number}", {"origin": "email", "entitlement": None}, **ANY)
        assert answer.status_code == 200, "without the contract its lines are no matter"


async def cancelled_and_exhausted(http: Http) -> str:
    number = await opened(http, "at-once")
    assert (await http("grace", "POST", f"/cases/{number}/cancel")).status_code == 200
    await contract(http, "at-once", remaining_terms=0)
    return number


async def test_a_cancelled_case_finds_a_way_back_without_its_contract(http: Http) -> None:
    number = await cancelled_and_exhausted(http)
    refused = await http("grace", "POST", f"/cases/{number}/reactivate")
    assert problem(refused) == (409, "entitlement-exhausted")
    assert refused.json()["missing"] == ["entitlement"]
    assert "null" in refused.json()["detail"]
    assert (await http("grace", "GET", f"/cases/{number}")).json()["status"] == "cancelled"
    back = await http("grace", "POST", f"/cases/{number}/reactivate", {"entitlement": None})
    assert (back.status_code, back.json()["status"], back.json()["entitlement"]) == (200, "active", None)


async def test_or_with_another_one_or_with_terms_again(http: Http) -> None:
    number = await cancelled_and_exhausted(http)
    wrong = await http("grace", "POST", f"/cases/{number}/reactivate", {"entitlement": "nothing"})
    assert named(wrong) == "entitlement"
    other = await http("grace", "POST", f"/cases/{number}/reactivate", {"entitlement": "prepaid"})
    assert other.json()["entitlement"]["slug"] == "prepaid"
    assert await balance(http.desk, "prepaid") == (2, {"phone": 1, "email": 1, "web": 0})
    await http("grace", "POST", f"/cases/{number}/cancel")
    assert await balance(http.desk, "prepaid") == (3, {"phone": 2, "email": 1, "web": 0})
    again = await http("grace", "POST", f"/cases/{number}/reactivate")
    assert again.json()["entitlement"]["slug"] == "prepaid"
    assert await balance(http.desk, "prepaid") == (2, {"phone": 1, "email": 1, "web": 0})


async def test_a_contract_of_hours_is_never_charged_nothing_by_silence(http: Http) -> None:
    async def case(*minutes: int) -> str:
        number = await http.open(customer="cumulus", contact="cy", entitlement="by-the-hour")
        for each in minutes:
            body = {"kind": "phone-call", "title": "Call", "duration_minutes": each}
            made = await http("grace", "POST", f"/cases/{number}/activities", body)
            await http("grace", "POST", f"/activities/{made.json()['id']}/complete")
        return number

    done = {"resolution": "Done."}
    for minutes, body, billed in (
        ((30,), done, 30),
        ((30, 15), done, 45),
        ((30,), done | {"billable_minutes": 0}, 0),
        ((), done | {"billable_minutes": 0}, 0),
        ((), done | {"billable_minutes": 90}, 90),
    ):
        number = await case(*minutes)
        resolved = await http("grace", "POST", f"/cases/{number}/resolve", body)
        assert resolved.status_code == 200, resolved.text
        assert resolved.json()["resolutions"][-1]["billable_minutes"] == billed, (minutes, body)
    for minutes in ((), (0,)):
        number = await case(*minutes)
        asked_for = await http("grace", "POST", f"/cases/{number}/resolve", done)
        assert named(asked_for) == "billable_minutes"
        assert (await http("grace", "GET", f"/cases/{number}")).json()["status"] == "active"
    free = await http.open(customer="cumulus", contact="cy", decrement=False)
    assert (await http("grace", "POST", f"/cases/{free}/resolve", done)).status_code == 200
    by_case = await http.open()
    assert (await http("grace", "POST", f"/cases/{by_case}/resolve", done)).status_code == 200


async def test_a_contact_that_mail_made_can_be_listed(http: Http) -> None:
    ids = [str(new_id()) for _ in range(2)]
    account = (await http.desk.case(await http.open(customer="cumulus", contact="cy"))).account_id
    rows: list[dict[str, Any]] = [
        {"id": UUID(id), "slug": None, "name": "M", "email": f"m{n}@cumulus.example"} for n, id in enumerate(ids)
    ]
    async with http.desk.house.database.write() as session:
        more = {"account_id": account, "active": True, "version": 1}
        await session.execute(insert(table_of(Contact)), [row | more for row in rows])
    body = {"slug": "listed", "name": "Listed", "account": "cumulus", "start": "2026-01-01", "end": "2031-12-31"}
    made = await http("mona", "POST", "/entitlements", body | {"total_terms": 5, "contacts": [ids[0]]})
    assert made.status_code == 201, made.text
    assert (await http("mona", "POST", "/entitlements/listed/activate")).status_code == 200
    given = {"customer": "cumulus", "entitlement": "listed"}
    number = await http.open(**given, contact=ids[0])
    outside = await http("grace", "PATCH", f"/cases/{number}", {"contact": ids[1]}, **ANY)
    assert problem(outside) == (422, "entitlement-not-applicable")
    assert named(outside) == "contact"
    refused = await http("grace", "POST", "/cases", {"title": "A", "contact": ids[1]} | given)
    assert problem(refused) == (422, "entitlement-not-applicable")


async def test_a_wrong_resolution_type_is_pointed_at(http: Http) -> None:
    number = await http.open()
    for word in ("nonsense", "cancelled", "in-progress", "merged", "on-hold"):
        body = {"resolution": "Done.", "resolution_type": word}
        answer = await http("grace", "POST", f"/cases/{number}/resolve", body)
        assert named(answer) == "resolution_type", word
    for verb in ("cancel", "hold"):
        answer = await http("grace", "POST", f"/cases/{number}/{verb}", {"status_reason": "problem-solved"})
        assert named(answer) == "status_reason", verb
