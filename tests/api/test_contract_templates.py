"""Contracts made of templates, statements of contracts, and movements that explain themselves (domain 3.8, 3.9)."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from temporalio.testing import WorkflowEnvironment

from desk.organisation import OrganisationErrors, load
from desk.statements.books import LONGEST
from models.records.cases import Case
from models.records.promises import LedgerEntry
from models.records.reference import Entitlement
from tests.api.values import ANY, named
from tests.support.asking import Http, asked, problem
from tests.support.desks import Desk, DeskFactory, desk_at
from tests.support.organisations import add, balance

pytestmark = pytest.mark.usefixtures("patience")

GOLD = {
    "slug": "gold-year",
    "name": "Gold Care",
    "total_terms": 15,
    "restricted": True,
    "decrease_on": "creation",
    "channels": [{"origin": "phone", "total_terms": 10}, {"origin": "web", "total_terms": 0}],
    "products": ["speaker"],
    "owner": "mona",
    "description": "Fifteen cases a year.",
    "sla": "gold",
    "allocation": "cases",
    "months": 12,
    "warnings": [{"remaining_percent": 20}, {"days_left": 30, "to": "manager"}],
}


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    """On each database, because statements add up in SQL."""
    async with open_desk() as desk, asked(desk) as made:
        await add(desk, "tests/organisations/contracts.yaml")
        yield made


@pytest.fixture
async def office(temporal: WorkflowEnvironment, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Http]:
    """Where contracts are written, and no case is worked on."""
    async with desk_at(temporal, sqlite_url, tmp_path, work=False) as desk, asked(desk) as made:
        await add(desk, "tests/organisations/contracts.yaml")
        yield made


async def template(http: Http, **changes: Any) -> str:
    body = {**GOLD, **changes}
    made = await http("mona", "POST", "/entitlement-templates", body)
    assert made.status_code == 201, made.text
    assert (await http("mona", "POST", f"/entitlement-templates/{body['slug']}/activate")).status_code == 200
    return str(body["slug"])


async def test_a_template_is_copied_and_nothing_follows_from_it(office: Http) -> None:
    await template(office)
    path = "/entitlement-templates/gold-year/entitlements"
    made = await office("mona", "POST", path, {"slug": "bo-gold", "account": "borealis", "total_terms": 20})
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == "/api/v1/entitlements/bo-gold"
    contract = made.json()
    today = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin")).date()
    for name in ("name", "restricted", "allocation", "sla", "decrease_on", "products", "owner", "description"):
        assert contract[name] == GOLD[name], name
    assert (contract["total_terms"], contract["remaining_terms"], contract["template"]) == (20, 20, "gold-year")
    assert [line["origin"] for line in contract["channels"]] == ["phone", "web"]
    assert date.fromisoformat(contract["start"]) - today in (timedelta(0), timedelta(days=-1)), "midnight may pass"
    length = date.fromisoformat(contract["end"]) - date.fromisoformat(contract["start"])
    assert length.days in (364, 365), "twelve months"
    assert [each["days_left"] for each in contract["warnings"]] == [None, 30]
    changed = await office("mona", "PATCH", "/entitlement-templates/gold-year", {"total_terms": 30}, **ANY)
    assert changed.status_code == 200, changed.text
    await office("mona", "POST", "/entitlement-templates/gold-year/activate")
    assert (await office("mona", "GET", "/entitlements/bo-gold")).json()["total_terms"] == 20, "no live link"
    later = await office("mona", "POST", path, {"slug": "bo-gold-2", "account": "borealis", "end": "2091-12-31"})
    assert (later.json()["total_terms"], later.json()["end"]) == (30, "2091-12-31")
    plain = await office("mona", "POST", path, {"slug": "bo-3", "account": "borealis", "owner": None, "channels": []})
    assert (plain.json()["owner"], plain.json()["channels"]) == (None, []), "null and an empty list take away"


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"account": None}, "", "exactly one of 'account' or 'contact'"),
    ({"allocation": "hours"}, "decrease_on", "hours are only taken on resolution"),
    ({"total_terms": 5}, "", "the channels' terms exceed 'total_terms'"),
    ({"end": "2001-01-01"}, "", "'end' is before 'start'"),
    ({"owner": "nobody"}, "owner", "there is no active agent 'nobody'"),
    ({"warnings": [{"remaining_terms": 99}]}, "warnings[0]", "it would be due from the beginning"),
    ({"warnings": [{"days_left": 3, "remaining_terms": 2}]}, "warnings[0]", "exactly one of"),
    ({"warnings": [{"days_left": 3, "to": "queue"}]}, "warnings[0].to", "a contract has no queue"),
    ({"warnings": [{"remaining_terms": 1, "origin": "email"}]}, "warnings[0].origin", "none of the 'channels'"),
    ({"warnings": [{"days_left": 3, "template": "gone"}]}, "warnings[0].template", "no active template 'gone'"),
)
"""What is given beside the template, the field that is named, and the rule."""


async def test_what_no_contract_can_be_is_refused(office: Http) -> None:
    await template(office)
    for body, field, rule in REFUSED:
        given = {"slug": "bo-gold", "account": "borealis", **body}
        answer = await office("mona", "POST", "/entitlement-templates/gold-year/entitlements", given)
        assert answer.status_code == 422, (body, answer.text)
        assert rule in answer.text
        if field:
            assert named(answer) == field
    assert (await office("mona", "GET", "/entitlements/bo-gold")).status_code == 404, "nothing is half written"


async def test_a_template_that_is_none(office: Http) -> None:
    for wrong, rule in (
        ({"allocation": "hours"}, "hours are only taken on resolution"),
        ({"channels": [{"origin": "phone", "total_terms": 16}]}, "exceed 'total_terms'"),
        ({"end": "2031-01-01"}, "the same thing twice"),
        ({"account": "borealis"}, "account"),
    ):
        answer = await office("mona", "POST", "/entitlement-templates", {**GOLD, **wrong})
        assert answer.status_code == 422, wrong
        assert rule in answer.text
    await template(office, months=None)
    path = "/entitlement-templates/gold-year/entitlements"
    endless = await office("mona", "POST", path, {"slug": "bo-gold", "account": "borealis"})
    assert (problem(endless), named(endless)) == ((422, "invalid"), "end")
    assert (await office("mona", "POST", "/entitlement-templates/none/entitlements", {"slug": "x"})).status_code == 404
    assert problem(await office("grace", "POST", path, {"slug": "x"}))[0] == 403


async def test_a_file_makes_contracts_of_its_templates_once(office: Http) -> None:
    year = {**GOLD, "warnings": [], "start": "2030-01-01"}
    entry = {"slug": "of-file", "template": "gold-year", "account": "borealis", "tier": "gold"}
    await add(office.desk, {"entitlement_templates": [year], "entitlements": [entry]})
    first = (await office("mona", "GET", "/entitlements/of-file")).json()
    assert (first["start"], first["end"], first["total_terms"]) == ("2030-01-01", "2030-12-31", 15)
    assert (first["tier"], first["name"], first["template"]) == ("gold", "Gold Care", "gold-year")
    other = {**year, "total_terms": 40, "name": "Gold Care, larger"}
    await add(office.desk, {"entitlement_templates": [other], "entitlements": [{**entry, "tier": "silver"}]})
    second = (await office("mona", "GET", "/entitlements/of-file")).json()
    assert (second["total_terms"], second["name"]) == (15, "Gold Care"), "what was copied stays"
    assert second["tier"] == "silver", "what the entry says itself is followed"
    with pytest.raises(OrganisationErrors, match="there is no entitlement template 'none' in this file"):
        load("entitlements: [{slug: x, template: none, account: borealis}]", "file")


async def test_movements_explain_themselves_and_a_statement_adds_up(http: Http) -> None:
    desk = http.desk
    await http("mona", "PATCH", "/accounts/borealis", {"time_zone": "Asia/Tokyo", "language": "de-AT"}, **ANY)
    opened = {"customer": "borealis", "contact": "bo", "entitlement": "prepaid", "origin": "phone"}
    numbers = [await http.open(**opened, title=title) for title in ("=1+1", "<b>Zwei</b>")]
    await http("grace", "POST", f"/cases/{numbers[0]}/cancel")
    await http("grace", "PATCH", f"/cases/{numbers[1]}", {"entitlement": None}, **ANY)
    ledger = (await http("grace", "GET", "/entitlements/prepaid/ledger")).json()["items"]
    told = [(each["case"], each["event"], each["terms"], each["remaining"], each["line_remaining"]) for each in ledger]
    assert told == [
        (numbers[0], "applied", -1, 2, 1),
        (numbers[1], "applied", -1, 1, 0),
        (numbers[0], "cancelled", 1, 2, 1),
        (numbers[1], "cleared", 1, 3, 2),
    ]
    assert [each["why"]["by"] for each in ledger] == ["grace"] * 4
    assert [each["why"]["cause"] for each in ledger] == ["open", "open", "cancel", "change"]
    assert all("domain 3.4" in each["why"]["rule"] for each in ledger)
    audit = (await http("grace", "GET", f"/audit?case={numbers[0]}")).json()["items"]
    assert [each["actor"] for each in audit if each["action"] == "opened"] == ["grace"], "who opened it by hand"
    assert await balance(desk, "prepaid") == (3, {"phone": 2, "email": 1, "web": 0})
    await each_balance_is_what_the_movements_before_it_add_up_to(desk)

    # Moved to instants between which a day ends in Tokyo, and not yet in Berlin.
    instants = [datetime(2030, 6, 30, hour, tzinfo=UTC) for hour in (14, 16, 18, 20)]
    async with desk.house.database.write() as session:
        for entry, at in zip(ledger, instants, strict=True):
            await session.execute(update(LedgerEntry).where(LedgerEntry.id == UUID(entry["id"])).values(at=at))
    path = "/entitlements/prepaid/statement?from=2030-07-01&to=2030-07-31"
    said = (await http("grace", "GET", path)).json()
    assert (said["time_zone"], said["language"], said["customer"]) == ("Asia/Tokyo", "de", "Borealis")
    assert said["total"] == {
        "origin": None,
        "opening": 2,
        "agreed": 0,
        "taken": -1,
        "given_back": 2,
        "closing": 3,
    }
    assert [(line["case"], line["terms"], line["remaining"]) for line in said["lines"]] == [
        (numbers[1], -1, 1),
        (numbers[0], 1, 2),
        (numbers[1], 1, 3),
    ]
    phone = next(each for each in said["channels"] if each["origin"] == "phone")
    assert (phone["opening"], phone["closing"]) == (1, 2)
    page = await http("grace", "GET", f"{path}&format=html")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "&lt;b&gt;Zwei&lt;/b&gt;" in page.text
    assert "Anfangssaldo" in page.text
    assert "<script" not in page.text
    english = await http("grace", "GET", f"{path}&format=html&language=en")
    assert "Opening balance" in english.text
    assert "31 July 2030" in english.text
    paper = await http("grace", "GET", f"{path}&format=csv&language=en")
    rows = list(csv.reader(io.StringIO(paper.text)))
    assert rows[1][3:] == ["Opening balance", "", "", "2"]
    assert [row[2] for row in rows if row[1] == numbers[0]] == ["'=1+1"], "no formula for a spreadsheet"
    assert rows[5][3:] == ["Closing balance", "", "", "3"]


async def each_balance_is_what_the_movements_before_it_add_up_to(desk: Desk) -> None:
    async with desk.house.database.read() as session:
        row = (await session.scalars(select(Entitlement).where(Entitlement.slug == "prepaid"))).one()
        moved = list(await session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))
    left, lines = row.total_terms, {"phone": Decimal(2), "email": Decimal(1)}
    for entry in moved:
        left += entry.terms
        assert entry.origin is not None
        lines[entry.origin] += entry.terms
        assert (entry.remaining, entry.line_remaining) == (left, lines[entry.origin])
    assert left == row.remaining_terms


async def test_a_statement_tells_what_was_agreed_anew(office: Http) -> None:
    for verb, body in (
        ("deactivate", None),
        ("", {"total_terms": 8, "channels": [{"origin": "phone", "total_terms": 4}]}),
    ):
        answer = await office(
            "mona", "POST" if verb else "PATCH", f"/entitlements/prepaid/{verb}".rstrip("/"), body, **ANY
        )
        assert answer.status_code == 200, answer.text
    await office("mona", "POST", "/entitlements/prepaid/activate")
    said = (await office("grace", "GET", "/entitlements/prepaid/statement")).json()
    agreed = [(line["event"], line["terms"], line["remaining"]) for line in said["lines"]]
    assert agreed == [("agreed", 3, 3), ("agreed", 5, 8)]
    assert (said["total"]["opening"], said["total"]["agreed"], said["total"]["closing"]) == (0, 8, 8)
    assert [(each["origin"], each["agreed"]) for each in said["channels"]] == [("phone", 4)]
    none = await office("grace", "GET", "/entitlements/prepaid/statement?from=2030-02-01&to=2030-01-01")
    assert (problem(none), named(none)) == ((422, "invalid"), "to")
    before = (await office("grace", "GET", "/entitlements/prepaid/statement?from=2001-01-01&to=2001-12-31")).json()
    assert (before["total"]["opening"], before["total"]["closing"], before["lines"]) == (0, 0, [])


async def test_of_a_contract_of_decades_the_statement_is_of_the_latest_years(office: Http) -> None:
    body = {"slug": "ancient", "name": "Ancient", "account": "borealis", "start": "1990-01-01", "end": "2099-12-31"}
    made = await office("mona", "POST", "/entitlements", {**body, "total_terms": 5})
    assert made.status_code == 201, made.text
    path, longest = "/entitlements/ancient/statement", timedelta(days=LONGEST)
    for asked_for, begins, ends in (
        ("", None, None),
        ("?from=1995-03-01", "1995-03-01", None),
        ("?to=2020-03-01", None, "2020-03-01"),
    ):
        said = (await office("grace", "GET", path + asked_for)).json()
        first, last = date.fromisoformat(said["first"]), date.fromisoformat(said["last"])
        assert last - first == longest, asked_for
        assert begins in (None, said["first"])
        assert ends in (None, said["last"])
    long = await office("grace", "GET", f"{path}?from=1995-01-01&to=2020-01-01")
    assert (problem(long), named(long)) == ((422, "invalid"), "to")


async def test_a_case_out_of_sight_is_counted_and_not_named(http: Http) -> None:
    desk = http.desk
    await add(desk, {"queues": [{"slug": "secret", "name": "Secret", "owner": "mona", "private": True}]})
    number = await http.open(customer="borealis", contact="bo", entitlement="prepaid", origin="phone", title="Hush")
    assert (await http("mona", "POST", f"/cases/{number}/route", {"queue": "secret"})).status_code == 200
    async with desk.house.database.write() as session:
        await session.execute(update(Case).where(Case.number == number).values(owner_id=None))
    for who, seen in (("mona", number), ("sam", None)):
        line = (await http(who, "GET", "/entitlements/prepaid/statement")).json()["lines"][-1]
        assert (line["case"], line["terms"], line["remaining"]) == (seen, -1, 2), who
        page = (await http(who, "GET", "/entitlements/prepaid/statement?format=html&language=en")).text
        assert ("Hush" in page, "A case that is not shown here" in page) == (who == "mona", who == "sam")
