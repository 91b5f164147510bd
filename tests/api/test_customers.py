"""Customers through HTTP: several addresses and numbers, accounts below accounts, duplicates and their merging (domain 9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from desk.organisation.exporting import export
from models.records.cases import Case
from models.records.reference import Audit, Contact
from models.records.timeline import Activity
from storage.repositories.customers import addresses_for
from storage.repositories.mails import customer_of, participants
from tests.support.asking import Http, asked, problem
from tests.support.correspondence import mail
from tests.support.desks import DeskFactory
from tests.support.organisations import settings

pytestmark = pytest.mark.usefixtures("patience")

ROBIN = {"slug": "robin", "name": "Robin Hale", "email": "robin@customer.example", "account": "aurora"}


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk() as desk, asked(desk) as made:
        await settings(desk, country="DE")
        yield made


async def make(http: Http, path: str, who: str = "grace", **body: Any) -> dict[str, Any]:
    made = await http(who, "POST", path, body)
    assert made.status_code == 201, made.text
    shown: dict[str, Any] = made.json()
    return shown


async def test_agents_write_customers_with_several_addresses_and_numbers(http: Http) -> None:
    more: dict[str, Any] = {
        "addresses": ["Robin@Home.example", "r.hale@customer.example"],
        "phones": ["(030) 123 45 67", "+1 212 555 0100"],
    }
    made = await make(http, "/contacts", **ROBIN, **more)
    assert made["addresses"] == ["robin@home.example", "r.hale@customer.example"]
    assert made["phones"] == ["(030) 123 45 67", "+1 212 555 0100"], "as they were written"
    async with http.desk.house.database.read() as session:
        for address in (made["email"], *made["addresses"]):
            contact, account = await customer_of(session, address)
            assert (contact and str(contact.id), account and account.slug) == (made["id"], "aurora"), address
    # What was further is primary now, and the former primary address is free again.
    change = {"email": "robin@home.example", "addresses": [], "phones": []}
    changed = await http("grace", "PATCH", "/contacts/robin", change, If_Match='"v1"')
    assert (changed.status_code, changed.json()["addresses"], changed.json()["phones"]) == (200, [], [])
    await make(http, "/contacts", slug="other", name="Other", email="robin@customer.example")
    audit = (await http("mona", "GET", "/audit?kind=contact&object=robin")).json()["items"]
    assert [(each["actor"], each["action"]) for each in audit] == [("grace", "change"), ("grace", "create")]

    found = (await http("grace", "GET", "/search?q=robin@home.example&kind=contact")).json()["items"]
    assert [each["key"] for each in found] == ["robin"]
    await http("grace", "PATCH", "/contacts/robin", {"addresses": ["robin@island.example"]}, If_Match="*")
    (further,) = (await http("grace", "GET", "/search?q=island.example&kind=contact")).json()["items"]
    assert "robin@island.example" in "".join(piece["text"] for piece in further["snippet"]), "where it matched is shown"

    wrong = [
        ({"addresses": ["casey@customer.example"]}, (409, "already-exists"), "addresses[0]: another contact has"),
        ({"email": "casey@customer.example"}, (409, "already-exists"), "email: another contact has"),
        (
            {"addresses": ["support@desk.example"]},
            (422, "invalid"),
            "addresses[0]: support@desk.example is an address of",
        ),
        ({"addresses": ["x@y.example", "x@y.example"]}, (422, "invalid"), "addresses: an entry is listed twice"),
        ({"addresses": ["robin@home.example"]}, (422, "invalid"), "'addresses' are those beside 'email'"),
        ({"phones": ["call me"]}, (422, "invalid"), "phones[0]: must be a phone number, such as +49 30 1234567"),
        ({"phones": ["030 1234567", "+49 (0)30 1234567"]}, (422, "invalid"), "phones[1]: is listed twice"),
    ]
    for body, expected, words in wrong:
        answer = await http("grace", "PATCH", "/contacts/robin", body, If_Match="*")
        assert (problem(answer), words in answer.json()["detail"]) == (expected, True), answer.text
    stale = await http("grace", "PATCH", "/contacts/robin", {"name": "R"}, If_Match='"v1"')
    assert problem(stale) == (412, "stale-version")


async def test_a_case_names_its_customer_by_a_slug_that_is_nobody_elses(http: Http) -> None:
    for path, body in (
        ("/contacts", {"slug": "aurora", "name": "Aurora", "email": "a@customer.example"}),
        ("/accounts", {"slug": "casey", "name": "Casey"}),
    ):
        taken = await http("grace", "POST", path, body)
        assert (problem(taken), "slug: a" in taken.json()["detail"]) == ((409, "already-exists"), True), path


async def test_numbers_of_another_country_leave_with_an_export_as_they_are_understood(http: Http) -> None:
    await make(http, "/accounts", slug="branch", name="Branch", phones=["030 1234567 ext. 12", "+44 20 7946 0000"])
    await make(http, "/contacts", **ROBIN, phones=["030 99"])
    for country in (None, "AT"):
        await settings(http.desk, country=country)
        async with http.desk.house.database.read() as session:
            exported = await export(session)
        document = yaml.safe_load(exported.text)
        branch = next(each for each in document["accounts"] if each["slug"] == "branch")
        robin = next(each for each in document["contacts"] if each["slug"] == "robin")
        assert (branch["phones"], robin["phones"]) == (["+49301234567;ext=12", "+44 20 7946 0000"], ["+493099"])
        assert not any("phone" in note for note in exported.notes), exported.notes


async def test_accounts_lie_below_accounts_without_circles(http: Http) -> None:
    await make(http, "/accounts", slug="branch", name="Branch", parent="aurora")
    await make(http, "/accounts", slug="desk", name="Desk", parent="branch")
    for key, parent, words in (
        ("aurora", "desk", "'desk' lies below 'aurora' itself"),
        ("branch", "branch", "an account cannot be its own parent"),
        ("branch", "nowhere", "parent: there is no active account 'nowhere'"),
    ):
        answer = await http("grace", "PATCH", f"/accounts/{key}", {"parent": parent}, If_Match="*")
        assert (problem(answer), words in answer.json()["detail"]) == ((422, "invalid"), True), answer.text
    assert (await http("grace", "GET", "/accounts/desk")).json()["parent"] == "branch"


async def test_what_a_customer_says_already_stays_right(http: Http) -> None:
    """An account that is out of use by now, and a number of the country of then, keep nobody from changing another field."""
    await make(http, "/accounts", slug="branch", name="Branch")
    await make(http, "/accounts", slug="counter", name="Counter", parent="branch")
    robin = {"slug": "robin", "name": "Robin Hale", "email": "robin@customer.example", "account": "branch"}
    await make(http, "/contacts", **robin, phones=["030 1234567"])
    assert (await http("mona", "POST", "/accounts/branch/deactivate")).status_code == 200
    await settings(http.desk, country="AT")
    for path in ("/contacts/robin", "/accounts/counter"):
        changed = await http("grace", "PATCH", path, {"name": "Another"}, If_Match="*")
        assert changed.status_code == 200, changed.text
    assert (await http("mona", "POST", "/contacts/robin/deactivate")).status_code == 200
    again = await http("mona", "POST", "/contacts/robin/activate")
    # Nothing was sent: the place is one of the contact's own.
    assert (again.status_code, [each["field"] for each in again.json()["errors"]]) == (422, ["/account"])
    assert (await http("mona", "POST", "/accounts/branch/activate")).status_code == 200
    assert (await http("mona", "POST", "/contacts/robin/activate")).status_code == 200
    assert (await http("mona", "POST", "/accounts/branch/deactivate")).status_code == 200
    call = {"kind": "phone-call", "title": "It hums", "sender": "+49 30 1234567"}
    assert (await http("grace", "POST", "/activities", call)).json()["contact"] == "robin", "nor is it another number"
    newly = await http("grace", "PATCH", "/contacts/casey", {"account": "branch"}, If_Match="*")
    assert (problem(newly), "there is no active account 'branch'" in newly.json()["detail"]) == ((422, "invalid"), True)


async def test_letters_go_to_the_address_that_the_customer_wrote_from(http: Http) -> None:
    contact = await make(http, "/contacts", **ROBIN, addresses=["robin@home.example", "robin@old.example"])
    number = await http.open(contact="robin")
    case = await http.desk.case(number)

    async def first() -> str:
        async with http.desk.house.database.read() as session:
            assert str(case.contact_id) == contact["id"]
            assert case.contact_id is not None
            assert (await participants(session, [case.id]))[case.id] >= {"robin@old.example", "robin@customer.example"}
            return (await addresses_for(session, case.contact_id, case.id))[0]

    assert await first() == "robin@customer.example", "nothing else is known: the primary one"
    await mail(http.desk, sender="robin@home.example", case_id=case.id)
    assert await first() == "robin@home.example"
    dead = await http("mona", "POST", "/suppressions", {"address": "robin@home.example"})
    assert dead.status_code == 201, dead.text
    assert await first() == "robin@customer.example", "not to one that is dead, while another is not"


async def test_duplicates_are_found_with_their_reasons(http: Http) -> None:
    await make(http, "/contacts", **ROBIN, phones=["030 1234567"])
    alike: dict[str, dict[str, Any]] = {
        "plus": {"name": "Shop", "email": "robin+shop@customer.example"},
        "number": {"name": "Somebody", "email": "some@body.example", "phones": ["+49 30 123 45 67"]},
        "name": {"name": "Hale, Robin", "email": "hale@customer.example", "account": "aurora"},
        "both": {"name": "Robin Hail", "email": "b@customer.example", "account": "aurora", "phones": ["0049301234567"]},
        "elsewhere": {"name": "Robin Hale", "email": "robin@elsewhere.example"},
        "near": {"name": "Near", "email": "robina@customer.example"},
    }
    for slug, body in alike.items():
        await make(http, "/contacts", slug=slug, **body)
    found = (await http("grace", "GET", "/contacts/robin/duplicates")).json()["items"]
    assert {each["slug"]: set(each["reasons"]) for each in found} == {
        "both": {"number", "name"}, "plus": {"address"}, "number": {"number"}, "name": {"name"},
    }  # fmt: skip
    assert found[0]["slug"] == "both", "the most reasons first"
    await make(http, "/accounts", slug="aurora-2", name="AURORA GmbH", phones=["+49 30 99"])
    await make(http, "/accounts", slug="borealis", name="Borealis", phones=["030 99"])
    page = (await http("grace", "GET", "/contacts/robin/duplicates?limit=3")).json()
    rest = (await http("grace", "GET", f"/contacts/robin/duplicates?limit=3&cursor={page['next']}")).json()
    assert ([*page["items"], *rest["items"]], rest["next"]) == (found, None)
    named = (await http("grace", "GET", "/accounts/aurora-2/duplicates")).json()["items"]
    assert {each["slug"]: list(each["reasons"]) for each in named} == {"aurora": ["name"], "borealis": ["number"]}
    assert problem(await http("grace", "GET", "/accounts/nobody/duplicates")) == (404, "not-found")
    # All of the house: each pair once, at the one who came first.
    pairs, cursor = [], ""
    while True:
        page = (await http("grace", "GET", f"/duplicates?kind=contact&limit=1{cursor}")).json()
        pairs += [(each["slug"], {twin["slug"] for twin in each["duplicates"]}) for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert pairs == [("robin", {"both", "plus", "number", "name"}), ("number", {"both"}), ("name", {"both"})]
    accounts = (await http("grace", "GET", "/duplicates?kind=account")).json()
    assert [each["slug"] for each in accounts["items"]] == ["aurora", "aurora-2"]
    assert accounts["next"] is None
    assert problem(await http("grace", "GET", "/duplicates?kind=case")) == (422, "invalid")


async def test_of_two_contacts_one_is_left_with_all_that_both_had(http: Http) -> None:
    await make(http, "/contacts", **ROBIN, addresses=["robin@home.example"], phones=["030 1234567", "030 7654321"])
    await make(
        http, "/contacts", slug="r-hale", name="R. Hale", email="r.hale@customer.example", phones=["+49301234567"]
    )
    contract = {"slug": "own", "name": "Own", "contact": "robin", "start": "2001-01-01", "end": "2091-12-31"}
    await make(http, "/entitlements", "mona", **contract, total_terms=5)
    listed = {"slug": "listed", "name": "Listed", "account": "aurora", "contacts": ["casey", "robin"], "total_terms": 5}
    await make(http, "/entitlements", "mona", **listed, start="2001-01-01", end="2091-12-31")
    await make(http, "/activities", title="Call back", customer="robin")
    number = await http.open(contact="robin")
    closed = await http.open(contact="robin", title="Done long ago")
    await http("grace", "POST", f"/cases/{closed}/activities", {"title": "Look"})
    await http("grace", "POST", f"/cases/{closed}/resolve", {"resolution": "Done", "cancel_open_activities": True})
    untouched = await http.open()
    before = {each: (await http.desk.case(each)).version for each in (number, closed, untouched)}

    merged = await http("mona", "POST", "/contacts/r-hale/merge", {"losers": ["robin"]}, Idempotency_Key="m1")
    assert merged.status_code == 200, merged.text
    assert merged.json()["progress"] | {"total": 2, "done": 2} == merged.json()["progress"]
    again = await http("mona", "POST", "/contacts/r-hale/merge", {"losers": ["robin"]}, Idempotency_Key="m1")
    assert (again.json(), again.headers["Idempotent-Replay"]) == (merged.json(), "true")

    survivor = (await http("grace", "GET", "/contacts/r-hale")).json()
    assert survivor["addresses"] == ["robin@customer.example", "robin@home.example"]
    assert (survivor["phones"], survivor["account"]) == (["+49301234567", "030 7654321"], "aurora")
    loser = (await http("grace", "GET", "/contacts/robin")).json()
    assert (loser["active"], loser["merged_into"]) == (False, "r-hale")
    assert (await http("grace", "GET", "/entitlements/own")).json()["contact"] == "r-hale"
    assert (await http("grace", "GET", "/entitlements/listed")).json()["contacts"] == ["casey", "r-hale"]
    async with http.desk.house.database.read() as session:
        cases = {row.number: row for row in await session.scalars(select(Case))}
        for each in (number, closed):
            assert str(cases[each].contact_id) == survivor["id"]
            assert cases[each].version == before[each] + 1
        assert (cases[closed].status, cases[untouched].version) == ("resolved", before[untouched])
        free = await session.scalar(select(Activity).where(Activity.case_id.is_(None)))
        assert free is not None
        assert str(free.contact_id) == survivor["id"]
        for address in ("robin@customer.example", "robin@home.example", "r.hale@customer.example"):
            contact, _ = await customer_of(session, address)
            assert contact is not None
            assert str(contact.id) == survivor["id"], "mail from there is the survivor's"
        told = {
            (row.object_id, row.action) for row in await session.scalars(select(Audit).where(Audit.kind == "contact"))
        }
    assert told >= {("robin", "merge"), ("r-hale", "merge")}
    entry = (await http.desk.timeline(closed, "customer-merged"))[0]
    assert set(entry.changes or {}) >= {"contact_id"}
    found = (await http("grace", "GET", "/search?q=robin@home.example&kind=contact")).json()["items"]
    assert [each["key"] for each in found] == ["r-hale"]

    refused = [
        ("r-hale", ["robin"], (409, "merged"), "has gone up in another one"),
        ("robin", ["r-hale"], (409, "merged"), "has gone up in another one"),
        ("r-hale", ["r-hale"], (422, "invalid"), "losers[0]: is named already"),
        ("r-hale", ["casey", "casey"], (422, "invalid"), "losers: an entry is listed twice"),
        ("r-hale", ["nobody"], (422, "invalid"), "losers[0]: there is no contact 'nobody'"),
        ("nobody", ["casey"], (404, "not-found"), "there is no contact 'nobody'"),
        ("r-hale", [], (422, "invalid"), "must not be empty"),
    ]
    for key, losers, expected, words in refused:
        answer = await http("mona", "POST", f"/contacts/{key}/merge", {"losers": losers})
        assert (problem(answer), words in answer.json()["detail"]) == (expected, True), answer.text
    for method, path, body in (("PATCH", "/contacts/robin", {"name": "R"}), ("POST", "/contacts/robin/activate", None)):
        assert problem(await http("mona", method, path, body, If_Match="*")) == (409, "merged")
    assert problem(await http("grace", "POST", "/contacts/r-hale/merge", {"losers": ["casey"]})) == (403, "forbidden")
    # The survivor may take any of its addresses for its primary one.
    change = {"email": "robin@customer.example", "addresses": ["r.hale@customer.example"]}
    assert (await http("grace", "PATCH", "/contacts/r-hale", change, If_Match="*")).status_code == 200


async def test_of_two_accounts_one_is_left_and_what_cannot_be_is_refused_whole(http: Http) -> None:
    await make(http, "/accounts", slug="aurora-2", name="Aurora", phones=["030 99"])
    await make(http, "/accounts", slug="branch", name="Branch", parent="aurora-2")
    await make(http, "/contacts", slug="kim", name="Kim", email="kim@customer.example", account="aurora-2")
    contract = {"slug": "second", "name": "Second", "account": "aurora-2", "start": "2001-01-01", "end": "2091-12-31"}
    await make(http, "/entitlements", "mona", **contract, total_terms=5, default=True)
    await http("mona", "POST", "/entitlements/second/activate")
    number = await http.open(customer="aurora-2", contact="kim")

    below = await http("mona", "POST", "/accounts/branch/merge", {"losers": ["aurora-2"]})
    assert (problem(below), "lies below" in below.json()["detail"]) == ((409, "merge-forbidden"), True)
    apart = await http("mona", "POST", "/contacts/casey/merge", {"losers": ["kim"]})
    assert (problem(apart), "different accounts" in apart.json()["detail"]) == ((409, "merge-forbidden"), True)
    assert (await http("grace", "GET", "/accounts/aurora-2")).json()["active"], "nothing has moved"

    merged = await http("mona", "POST", "/accounts/aurora/merge", {"losers": ["aurora-2"]})
    assert (merged.status_code, merged.json()["progress"]["done"]) == (200, 1), merged.text
    aurora = (await http("grace", "GET", "/accounts/aurora")).json()
    assert (aurora["phones"], aurora["tier"]) == (["030 99"], "gold")
    assert (await http("grace", "GET", "/contacts/kim")).json()["account"] == "aurora"
    assert (await http("grace", "GET", "/accounts/branch")).json()["parent"] == "aurora"
    second = (await http("grace", "GET", "/entitlements/second")).json()
    assert (second["account"], second["default"]) == ("aurora", False), "one default a customer"
    case = await http.desk.case(number)
    assert (str(case.account_id), case.entitlement_id is not None) == (aurora["id"], True), "its contract stays"
    async with http.desk.house.database.read() as session:
        assert await session.scalar(select(Contact.id).where(Contact.slug == "kim")) == case.contact_id
