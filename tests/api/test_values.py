"""Whatever value a case is given, and whichever way: refused with the field's name, and the case goes on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.values import ANY, named, raw, still_works
from tests.support.applied import ROOT
from tests.support.asking import NEW, Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.organisations import add

STEPS = """\
      - slug: identify
        name: Identify
        steps:
          - {field: title, label: Title}
          - {field: priority, label: Priority}
          - {field: severity, label: Severity}
          - {field: subject, label: Subject}
          - {field: product, label: Product}
          - {field: origin, label: Origin}
          - {field: description, label: Description}
          - {field: custom.amount, label: Amount, kind: number}
          - {field: custom.words, label: Words}
"""


@pytest.fixture
async def http(open_desk: DeskFactory, tmp_path: Any) -> AsyncIterator[Http]:
    """The tests' desk, whose first stage asks for everything that a stage can ask for."""
    file = (ROOT / "tests/organisations/desk.yaml").read_text()
    begin = file.index("      - slug: identify")
    end = file.index("          - {field: case_type")
    file = file[:begin] + STEPS + file[end:].replace("required: true, choices", "choices", 1)
    file = file.replace(
        "subjects:\n", "products:\n  - {slug: buds, name: Buds}\n  - {slug: case, name: Case}\n\nsubjects:\n"
    )
    file = file.replace("    tier: gold\n    default: true", "    tier: gold\n    products: [buds]\n    default: false")
    (tmp_path / "wide.yaml").write_text(file)
    async with open_desk(organisation=str(tmp_path / "wide.yaml")) as desk, asked(desk) as made:
        yield made


SAME_CHECKS: list[tuple[str, Any, str]] = [
    ("priority", "banana", "one of: high, normal, low"),
    ("subject", "nothing", "no active subject"),
    ("product", "nothing", "no active product"),
    ("title", "two\nlines", "must be one line"),
    ("title", "a" * 301, "300"),
    ("severity", "a" * 64, "1 to 63"),
    ("origin", "pigeon", "one of: phone"),
]


async def test_a_case_field_is_checked_alike_by_every_way(http: Http) -> None:
    number = await http.open()
    await http("mona", "POST", "/products/case/deactivate")
    for field, value, rule in [*SAME_CHECKS, ("product", "case", "no active product")]:
        opened = await http("grace", "POST", "/cases", NEW | {field: value})
        patched = await http("grace", "PATCH", f"/cases/{number}", {field: value}, **ANY)
        filled = await http("grace", "POST", f"/cases/{number}/process/next", {"data": {field: value}})
        assert [named(answer) for answer in (opened, patched, filled)] == [field, field, f"data.{field}"], field
        for answer in (opened, patched, filled):
            assert rule in answer.json()["detail"], answer.text
    await still_works(http, number)


async def test_contacts_and_customers_are_checked_alike_by_every_way(http: Http) -> None:
    number = await http.open()
    more = [{"slug": "zoe", "name": "Zoe", "email": "zoe@elsewhere.example"}]
    gone = {"slug": "gone", "name": "Gone", "email": "gone@customer.example", "account": "aurora"}
    await add(http.desk, {"accounts": [{"slug": "boreal", "name": "Boreal"}], "contacts": [*more, gone]})
    for path in ("/contacts/gone", "/accounts/boreal"):
        assert (await http("mona", "POST", f"{path}/deactivate")).status_code == 200
    for field, value in (
        ("contact", "zoe"),
        ("contact", "gone"),
        ("contact", "nobody"),
        ("contact", "0192f1c4-0000-7000-8000-000000000001"),
        ("customer", "boreal"),
        ("customer", "gone"),
        ("customer", "nobody"),
        ("entitlement", "nothing"),
        ("sla", "nothing"),
    ):
        opened = await http("grace", "POST", "/cases", NEW | {field: value})
        patched = await http("grace", "PATCH", f"/cases/{number}", {field: value}, **ANY)
        assert [named(answer) for answer in (opened, patched)] == [field, field], value
    await still_works(http, number)


async def test_of_a_case_without_an_account_the_contact_is_the_customer(http: Http) -> None:
    """By a change as by an opening: another contact is another customer with their account, and none is nobody."""
    await add(http.desk, {"contacts": [{"slug": "zoe", "name": "Zoe", "email": "zoe@elsewhere.example"}]})
    number = await http.open(customer="zoe", contact="zoe")

    async def patched(**body: Any) -> Any:
        return await http("grace", "PATCH", f"/cases/{number}", body, **ANY)

    for body in (
        {"customer": "casey", "contact": "zoe"},
        {"customer": "zoe", "contact": "casey"},
        {"customer": "casey", "contact": None},
        {"contact": None},
        {"contact": "nobody"},
    ):
        assert named(await patched(**body)) == "contact", body
    assert (await patched(customer="zoe", contact="zoe")).status_code == 200
    case = (await patched(contact="casey")).json()
    assert (case["customer"]["account"]["slug"], case["customer"]["contact"]["slug"]) == ("aurora", "casey")
    assert (await patched(contact=None)).json()["customer"]["contact"] is None, "the account is the customer now"
    case = (await patched(customer="zoe")).json()
    assert (case["customer"]["account"], case["customer"]["contact"]["slug"]) == (None, "zoe")
    await still_works(http, number)


async def test_what_a_case_holds_may_stay_when_it_is_retired(http: Http) -> None:
    number = await http.open(product="case")
    await http("mona", "POST", "/products/case/deactivate")
    same = await http("grace", "PATCH", f"/cases/{number}", {"product": "case", "priority": "high"}, **ANY)
    assert (same.status_code, same.json()["product"], same.json()["priority"]) == (200, "case", "high")


async def test_a_product_outside_the_contract_is_refused_by_a_data_step_too(http: Http) -> None:
    number = await http.open(product="buds", entitlement="care")
    for method, path, body in (
        ("PATCH", f"/cases/{number}", {"product": "case"}),
        ("POST", f"/cases/{number}/process/next", {"data": {"product": "case"}}),
    ):
        answer = await http("grace", method, path, body, If_Match="*")
        assert problem(answer) == (422, "entitlement-not-applicable")
        assert named(answer).endswith("product")
    assert (await http("grace", "GET", f"/cases/{number}")).json()["product"] == "buds"


async def test_a_data_step_can_do_what_patch_can(http: Http) -> None:
    number = await http.open()
    data = {"origin": "web", "subject": "audio", "product": "buds", "title": " Left bud ", "custom.amount": "1.5"}
    moved = await http("grace", "POST", f"/cases/{number}/process/next", {"data": data})
    case = moved.json()
    assert moved.status_code == 200, moved.text
    assert (case["origin"], case["subject"], case["product"], case["title"]) == ("web", "audio", "buds", "Left bud")
    assert case["custom"] == {"amount": 1.5}


UNSTORABLE = [
    ('{"data": {"custom.amount": "1E+1000000"}}', "data.custom.amount"),
    ('{"data": {"custom.amount": 1E+1000000}}', "data.custom.amount"),
    ('{"data": {"custom.amount": "1E-1000000"}}', "data.custom.amount"),
    ('{"data": {"custom.amount": NaN}}', "data.custom.amount"),
    ('{"data": {"custom.amount": %s}}' % ("9" * 5000), "data.custom.amount"),
    ('{"data": {"custom.amount": %s}}' % 2**60, "data.custom.amount"),
    ('{"data": {"custom.words": "\\ud800"}}', "data.custom.words"),
    ('{"data": {"custom.words": "a\\u0000b"}}', "data.custom.words"),
    ('{"data": {"custom.words": "%s"}}' % ("a" * 4001), "data.custom.words"),
    ('{"data": {"title": "%s"}}' % ("a" * 4000), "data.title"),
    ('{"data": {"severity": "%s"}}' % ("a" * 4000), "data.severity"),
    ('{"data": {"description": "\\udfff"}}', "data.description"),
    ('{"data": {"\\ud800": "x"}}', "data"),
    ('{"data": {"custom.amount": "-1E+1000000"}}', "data.custom.amount"),
    ('{"data": {"custom.amount": "Infinity"}}', "data.custom.amount"),
    ('{"data": {"custom.amount": "sNaN"}}', "data.custom.amount"),
    ('{"data": {"custom.amount": "0x10"}}', "data.custom.amount"),
    ('{"data": {"custom.amount": "1 000"}}', "data.custom.amount"),
    ('{"data": {"custom.amount": true}}', "data.custom.amount"),
    ('{"data": {"custom.amount": "%s"}}' % ("9" * 99), "data.custom.amount"),
    ('{"data": {"custom.amount": "0.%s1"}}' % ("0" * 40), "data.custom.amount"),
    ('{"data": {"custom.words": 5}}', "data.custom.words"),
    ('{"data": {"custom.words": {}}}', "data.custom.words"),
    ('{"data": {"priority": true}}', "data.priority"),
    ('{"data": {"priority": null}}', "data.priority"),
    ('{"data": {"title": "\\u200b"}}', "data.title"),
    ('{"data": {"title": "two\\u0085lines"}}', "data.title"),
    ('{"data": {"origin": null}}', "data.origin"),
    ('{"data": {"status": "resolved"}}', "data.status"),
    ('{"data": {"description": "%s"}}' % ("a" * 100_001), "data.description"),
]


async def test_a_data_step_never_freezes_a_case(http: Http) -> None:
    number = await http.open()
    for body, field in UNSTORABLE:
        answer = await raw(http, "grace", "POST", f"/cases/{number}/process/next", body)
        assert named(answer) == field, body[:60]
    await still_works(http, number)


async def test_what_no_row_can_hold_is_refused_in_custom_fields(http: Http) -> None:
    number = await http.open()
    new = json.dumps(NEW)[:-1]
    for value in ('"\\ud800"', '"\\u0000"', "NaN", "1E+999", "9" * 400, str(2**54), f'"{"a" * 4001}"', "[1]", "{}"):
        patched = await raw(http, "grace", "PATCH", f"/cases/{number}", f'{{"custom": {{"x": {value}}}}}', **ANY)
        opened = await raw(http, "grace", "POST", "/cases", f'{new}, "custom": {{"x": {value}}}}}')
        assert (named(patched), named(opened)) == ("custom.x", "custom.x"), value[:40]
    many = {"custom": {f"x{position}": "y" for position in range(100)}}
    assert (await http("grace", "PATCH", f"/cases/{number}", many, **ANY)).status_code == 200
    many = {"custom": {f"y{position}": "y" for position in range(101)}}
    assert named(await http("grace", "PATCH", f"/cases/{number}", many, **ANY)) == "custom"
    more = {"custom": {f"z{position}": "y" for position in range(100)}}
    assert (await http("grace", "PATCH", f"/cases/{number}", more, **ANY)).status_code == 200
    assert named(await http("grace", "PATCH", f"/cases/{number}", {"custom": {"a": 1}}, **ANY)) == "custom"
    await still_works(http, number)


async def test_the_same_customer_once_more_changes_nothing(http: Http) -> None:
    number = await http.open()
    case = (await http("grace", "PATCH", f"/cases/{number}", {"customer": "aurora"}, **ANY)).json()
    assert case["customer"]["contact"]["slug"] == "casey"
    by_id = case["customer"]["contact"]["id"]
    again = await http("grace", "PATCH", f"/cases/{number}", {"contact": by_id}, **ANY)
    assert (again.status_code, again.json()["customer"]["contact"]["id"]) == (200, by_id)
