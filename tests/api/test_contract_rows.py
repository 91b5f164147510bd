"""Rows 17 to 23 of the checklist (domain 13), each asked through the API of one desk at work."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from desk import commands
from models.records.cases import Case
from models.records.reference import Entitlement
from tests.api.values import ANY, named
from tests.support.asking import Http, asked, problem
from tests.support.contracts import Contracts
from tests.support.databases import sqlite_address
from tests.support.desks import desk_at
from tests.support.organisations import add, balance, settings
from tests.support.waiting import BOUND

DONE = {"resolution": "Done."}


@pytest.fixture(scope="module")
async def http(
    temporal: WorkflowEnvironment, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Http]:
    folder = tmp_path_factory.mktemp("rows")
    shutil.copy(sqlite_template, folder / "caseloom.db")
    within, commands.ANSWER_WITHIN = commands.ANSWER_WITHIN, BOUND
    try:
        async with desk_at(temporal, sqlite_address(folder / "caseloom.db"), folder) as desk, asked(desk) as made:
            await add(desk, "tests/organisations/contracts.yaml")
            yield made
    finally:
        commands.ANSWER_WITHIN = within


async def made(http: Http, slug: str, **fields: Any) -> None:
    """A contract of Borealis, in force."""
    body = {"slug": slug, "name": slug, "account": "borealis", "start": "2026-01-01", "end": "2091-12-31", **fields}
    answer = await http("mona", "POST", "/entitlements", body)
    assert answer.status_code == 201, answer.text
    assert (await http("mona", "POST", f"/entitlements/{slug}/activate")).status_code == 200


async def opened(http: Http, slug: str, **fields: Any) -> str:
    return await http.open(
        **{"customer": "borealis", "contact": "bo", "entitlement": slug, "origin": "phone", **fields}
    )


async def left(http: Http, slug: str) -> float:
    return (await balance(http.desk, slug))[0]


async def done(http: Http, number: str, verb: str, body: Any = None) -> None:
    answer = await http("grace", "POST", f"/cases/{number}/{verb}", body)
    assert answer.status_code == 200, answer.text


async def patched(http: Http, number: str, **fields: Any) -> tuple[int, str]:
    answer = await http("grace", "PATCH", f"/cases/{number}", fields, **ANY)
    return (200, "") if answer.status_code == 200 else problem(answer)


def day(offset: int) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin")).date() + timedelta(days=offset)


async def test_row_17_states_of_a_contract_are_moved_by_its_timer(http: Http) -> None:
    contracts = Contracts(http.desk, datetime.now(UTC))
    await made(http, "row-17", total_terms=5, start=day(10).isoformat(), end=day(20).isoformat())
    assert (await http("mona", "GET", "/entitlements/row-17")).json()["status"] == "waiting"
    refused = await http("grace", "POST", "/cases", {"title": "A", "customer": "borealis", "entitlement": "row-17"})
    assert problem(refused) == (422, "entitlement-not-applicable"), "not before its first day"
    for expected in ("active", "expired"):
        row = await contracts.stands("row-17", "waiting" if expected == "active" else "active")
        assert row.due_on is not None
        await contracts.forward_to(row.id, row.due_on)
        await contracts.stands("row-17", expected, timed=expected == "active")
        assert (await http("mona", "GET", "/entitlements/row-17")).json()["status"] == expected
    late = await http("mona", "POST", "/entitlements/row-17/deactivate")
    assert (problem(late), late.json()["allowed"]) == ((409, "entitlement-state"), ["renew"])


MATRIX: dict[str, tuple[tuple[str, ...], dict[str, float], dict[str, float]]] = {
    # The events, and what is left after each, counted on creation and on resolution.
    "apply": (("open",), {"open": 4}, {"open": 5}),
    "resolve": (("open", "resolve"), {"resolve": 4}, {"resolve": 4}),
    "cancel": (("open", "cancel"), {"cancel": 5}, {"cancel": 5}),
    "reactivate cancelled": (("open", "cancel", "reactivate"), {"reactivate": 4}, {"reactivate": 5}),
    "reactivate resolved": (("open", "resolve", "reactivate"), {"reactivate": 4}, {"reactivate": 5}),
    "clear": (("open", "clear"), {"clear": 5}, {"clear": 5}),
    "swap": (("open", "swap"), {"swap": 5}, {"swap": 5}),
}


async def test_row_18_the_whole_matrix_on_both_bases(http: Http) -> None:
    await made(http, "row-18-other", total_terms=50, decrease_on="creation")
    for basis, place in (("creation", 1), ("resolution", 2)):
        for turn, (name, row) in enumerate(MATRIX.items()):
            slug = f"row-18-{basis}-{turn}"
            await made(http, slug, total_terms=5, decrease_on=basis)
            number = ""
            for event in row[0]:
                other = await left(http, "row-18-other")
                match event:
                    case "open":
                        number = await opened(http, slug)
                    case "resolve":
                        await done(http, number, "resolve", DONE)
                    case "clear":
                        assert await patched(http, number, entitlement=None) == (200, "")
                    case "swap":
                        assert await patched(http, number, entitlement="row-18-other") == (200, "")
                        assert await left(http, "row-18-other") == other - 1
                    case verb:
                        await done(http, number, verb)
                expected = row[place]
                assert isinstance(expected, dict)
                if event in expected:
                    assert await left(http, slug) == expected[event], (basis, name, event)
    await made(http, "row-18-hours", total_terms=5, allocation="hours")
    number = await opened(http, "row-18-hours")
    await done(http, number, "resolve", {**DONE, "billable_minutes": 90})
    assert await left(http, "row-18-hours") == 3.5, "60 minutes are one term"
    await done(http, number, "reactivate")
    assert await left(http, "row-18-hours") == 5
    handle = http.desk.handle(number)
    before = await http.desk.ledger()
    await handle.describe()
    assert await http.desk.histories_replay() > 0
    assert [entry.id for entry in await http.desk.ledger()] == [entry.id for entry in before], "a replay moves nothing"


async def test_row_19_terms_of_channels(http: Http) -> None:
    lines = [{"origin": "phone", "total_terms": 1}, {"origin": "web", "total_terms": 0}]
    await made(http, "row-19", total_terms=5, decrease_on="creation", channels=lines)
    await opened(http, "row-19")
    assert await balance(http.desk, "row-19") == (4, {"phone": 0, "web": 0})
    new = {"title": "A", "customer": "borealis", "contact": "bo", "entitlement": "row-19"}
    forbidden = await http("grace", "POST", "/cases", {**new, "origin": "web"})
    assert (problem(forbidden), named(forbidden)) == ((422, "entitlement-not-applicable"), "entitlement")
    assert "it forbids the channel 'web'" in forbidden.text
    out = await http("grace", "POST", "/cases", {**new, "origin": "phone"})
    assert problem(out) == (409, "entitlement-exhausted"), "that line alone has run out"
    await opened(http, "row-19", origin="twitter")
    assert await balance(http.desk, "row-19") == (3, {"phone": 0, "web": 0}), "one that is not listed takes of all"
    assert (await http("mona", "POST", "/entitlements/row-19/set-default")).status_code == 200
    without = await http(
        "grace", "POST", "/cases", {"title": "A", "customer": "borealis", "contact": "bo", "origin": "web"}
    )
    await http("mona", "POST", "/entitlements/prepaid/set-default")
    told = (await http("grace", "GET", f"/cases/{without.json()['number']}")).json()
    assert (told["entitlement"], told["entitlement_note"]) == (None, "channel-forbidden"), "and why it has none"
    more = [{"origin": "phone", "total_terms": 3}, {"origin": "email", "total_terms": 3}]
    body = {"slug": "row-19-more", "name": "M", "account": "borealis", "start": "2026-01-01", "end": "2027-01-01"}
    refused = await http("mona", "POST", "/entitlements", {**body, "total_terms": 5, "channels": more})
    assert refused.status_code == 422
    assert "the channels' terms exceed 'total_terms'" in refused.text
    hours = await http(
        "mona", "POST", "/entitlements", {**body, "total_terms": 5, "allocation": "hours", "decrease_on": "creation"}
    )
    assert hours.status_code == 422
    assert "hours are only taken on resolution" in hours.text
    assert refused.json()["errors"][0]["field"] == "/total_terms", "a rule between fields is shown at one of them"


async def test_row_20_restricted_and_negative(http: Http) -> None:
    await made(http, "row-20", total_terms=15, decrease_on="creation", restricted=True)
    for _ in range(15):
        await opened(http, "row-20")
    new = {"title": "A", "customer": "borealis", "contact": "bo", "entitlement": "row-20"}
    sixteenth = await http("grace", "POST", "/cases", new)
    assert problem(sixteenth) == (409, "entitlement-exhausted")
    assert sixteenth.json()["missing"] == ["entitlement", "decrement"], "the ways on are named"
    free = await http("grace", "POST", "/cases", {**new, "decrement": False})
    assert (free.status_code, await left(http, "row-20")) == (201, 0)
    assert (await http("mona", "POST", "/entitlements/row-20/set-default")).status_code == 200
    assert problem(await http("grace", "POST", "/cases", {"title": "A", "customer": "borealis"})) == problem(sixteenth)
    without = await http("grace", "POST", "/cases", {"title": "A", "customer": "borealis", "entitlement": None})
    told = (await http("grace", "GET", f"/cases/{without.json()['number']}")).json()
    assert (told["entitlement"], told["entitlement_note"]) == (None, "entitlement-cleared"), (
        "null is none, not the default"
    )
    await http("mona", "POST", "/entitlements/prepaid/set-default")
    await made(http, "row-20-open", total_terms=1, decrease_on="creation", restricted=False)
    for _ in range(2):
        await opened(http, "row-20-open")
    assert await left(http, "row-20-open") == -1


async def test_row_21_products_and_contacts(http: Http) -> None:
    await add(
        http.desk,
        {"contacts": [{"slug": "bea", "name": "Bea", "email": "bea@borealis.example", "account": "borealis"}]},
    )
    await made(http, "row-21", total_terms=5, contacts=["bo"], products=["speaker"])
    new = {"title": "A", "customer": "borealis", "entitlement": "row-21"}
    for wrong in (
        {"contact": "bea", "product": "speaker"},
        {"contact": "bo", "product": "headphones"},
        {"product": "speaker"},
        {"contact": "bo"},
    ):
        answer = await http("grace", "POST", "/cases", {**new, **wrong})
        assert (problem(answer), named(answer)) == ((422, "entitlement-not-applicable"), "entitlement"), wrong
    number = await opened(http, "row-21", product="speaker")
    assert await patched(http, number, product="headphones") == (422, "entitlement-not-applicable")
    assert await patched(http, number, contact="bea") == (422, "entitlement-not-applicable")
    await made(http, "row-21-all", total_terms=5)
    await opened(http, "row-21-all", contact="bea", product="headphones")
    foreign = {"slug": "row-21-foreign", "name": "F", "account": "borealis", "start": "2026-01-01", "end": "2027-01-01"}
    refused = await http("mona", "POST", "/entitlements", {**foreign, "total_terms": 5, "contacts": ["cy"]})
    assert (problem(refused), named(refused)) == ((422, "invalid"), "contacts[0]")


async def contract_of(http: Http, number: str) -> str | None:
    async with http.desk.house.database.read() as session:
        wanted = select(Entitlement.slug).join(Case, Case.entitlement_id == Entitlement.id).where(Case.number == number)
        return await session.scalar(wanted)


async def test_row_22_the_default_and_both_switches(http: Http) -> None:
    desk = http.desk
    number = await http.open(customer="aurora", contact="casey")
    assert await contract_of(http, number) == "care"
    assert await patched(http, number, customer="cumulus") == (200, "")
    assert await contract_of(http, number) == "by-the-hour", "another customer's default, in place of the first"

    await settings(desk, apply_default_entitlement=False)
    number = await http.open(customer="cumulus", contact="cy")
    assert await contract_of(http, number) is None
    assert await patched(http, number, product="speaker") == (200, "")
    assert await contract_of(http, number) == "by-the-hour", "the product of a case without a contract has changed"

    await settings(desk, apply_default_entitlement=True, apply_default_entitlement_on_change=False)
    number = await http.open(customer="cumulus", contact="cy")
    assert await contract_of(http, number) == "by-the-hour"
    assert await patched(http, number, customer="aurora") == (200, "")
    assert await contract_of(http, number) is None
    assert await patched(http, number, product="speaker") == (200, "")
    assert await contract_of(http, number) is None
    await settings(desk, apply_default_entitlement_on_change=True)
    assert await patched(http, number, contact="casey") == (200, "")
    assert await contract_of(http, number) == "care", "the contact of a case without a contract has changed"
    assert await patched(http, number, entitlement=None) == (200, "")
    assert await patched(http, number, product="headphones") == (200, "")
    assert await contract_of(http, number) is None, "who has freed a case of its contract has not done so for a moment"

    draft = {"slug": "row-22-draft", "name": "D", "account": "aurora", "total_terms": 5}
    draft |= {"start": str(day(0)), "end": str(day(9))}
    taken = await http("mona", "POST", "/entitlements", draft | {"default": True})
    assert (problem(taken), taken.json()["allowed"]) == ((409, "default-taken"), ["activate", "set-default"])
    assert (await http("mona", "GET", "/entitlements/row-22-draft")).status_code == 404, "nothing is half-written"
    assert (await http("mona", "POST", "/entitlements", draft)).status_code == 201
    marked = await http("mona", "PATCH", "/entitlements/row-22-draft", {"default": True}, **{"If-Match": "*"})
    assert problem(marked) == (409, "default-taken")
    assert (await http("mona", "GET", "/entitlements/row-22-draft")).json()["default"] is False
    await made(http, "row-22", total_terms=5)
    assert (await http("mona", "POST", "/entitlements/row-22/set-default")).status_code == 200
    assert (await http("mona", "GET", "/entitlements/prepaid")).json()["default"] is False, "a customer has one"
    await http("mona", "POST", "/entitlements/prepaid/set-default")


async def test_row_23_renewed_from_today_and_as_long(http: Http) -> None:
    await made(http, "care-23", total_terms=5, start="2026-01-01", end="2026-01-10", owner="grace")
    old = (await http("mona", "GET", "/entitlements/care-23")).json()
    assert old["status"] == "expired"
    renewed = await http("mona", "POST", "/entitlements/care-23/renew")
    assert renewed.status_code == 201, renewed.text
    new = renewed.json()
    assert (new["slug"], new["status"], new["predecessor"]) == ("care-24", "draft", "care-23")
    assert (new["total_terms"], new["remaining_terms"], new["owner"], new["default"]) == (5, 5, "grace", False)
    first = date.fromisoformat(new["start"])
    assert first in (day(0), day(-1)), "midnight may pass"
    assert (date.fromisoformat(new["end"]) - first).days == 9
    assert (await http("mona", "GET", "/entitlements/care-23")).json() == old
    running = await http("mona", "POST", "/entitlements/row-22/renew")
    assert problem(running) == (409, "entitlement-state"), "one that is in force is not renewed"
