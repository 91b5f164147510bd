"""Whatever value comes, and whichever way: refused with the field's name, the case goes on, and all can be read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from models.records.reference import Entitlement
from tests.support.applied import ROOT
from tests.support.asking import NEW, Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.organisations import add

ANY = {"If_Match": "*"}

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


async def raw(http: Http, who: str, method: str, path: str, body: str, **headers: str) -> httpx.Response:
    """A body as it stands: what Python's own writer would not write."""
    given = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.agents[who].request(method, f"/api/v1{path}", content=body, headers=given)


def named(answer: httpx.Response) -> str:
    """The field that a 422 names, as people read it; its pointer says the same, or of two fields of it that do not go together
    the first."""
    assert problem(answer)[0] == 422, answer.text
    field = answer.json()["detail"].partition(": ")[0]
    for error in answer.json()["errors"]:
        assert "function-" not in error["field"], error
        assert "[" not in error["field"], error
    pointed = answer.json()["errors"][0]["field"].removeprefix("/").replace("/", ".")
    read = field.replace("[", ".").replace("]", "")
    assert read in (pointed, pointed.rpartition(".")[0])
    return str(field)


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


async def test_huge_and_deep_bodies(http: Http) -> None:
    number = await http.open()
    path = f"/cases/{number}"
    for body in (
        "[" * 100_000,
        '{"custom":' * 5_000 + "1" + "}" * 5_000,
        '{"custom": {"x": ' + "[" * 30 + "]" * 30 + "}}",
    ):
        answer = await raw(http, "grace", "PATCH", path, body, **ANY)
        assert problem(answer)[0] == 422
        assert "nested" in answer.json()["detail"] or "JSON" in answer.json()["detail"]
    assert (await raw(http, "grace", "PATCH", path, "9" * 900_000, **ANY)).status_code == 422
    assert (await raw(http, "grace", "PATCH", path, '"' + "a" * 2_000_000 + '"', **ANY)).status_code == 413
    assert (await raw(http, "grace", "PATCH", path, "\x00", **ANY)).status_code == 422
    assert (
        await http.agents["grace"].patch(
            f"/api/v1{path}",
            content=b'{"title": "\xff"}',
            headers={"content-type": "application/json", "if-match": "*"},
        )
    ).status_code == 422
    await still_works(http, number)


async def test_blank_words_and_bodies_where_none_is_taken(http: Http) -> None:
    number = await http.open()
    for path, body, field in (
        ("resolve", {"resolution": " \n\t"}, "resolution"),
        ("notes", {"text": "   "}, "text"),
        ("replies", {"text": "\n"}, "text"),
        ("activities", {"title": "Call", "description": " "}, "description"),
    ):
        assert named(await http("grace", "POST", f"/cases/{number}/{path}", body)) == field
    for verb in ("pick", "release", "apply-routing", "remove-from-queue", "resume", "process/abandon"):
        answer = await http("grace", "POST", f"/cases/{number}/{verb}", {"queue": "gold"})
        assert problem(answer) == (422, "invalid"), verb
        assert answer.json()["detail"] == "this request takes no body"
    answer = await http("mona", "POST", "/entitlements/care/deactivate", {"now": True})
    assert problem(answer) == (422, "invalid")
    assert (await http("grace", "POST", f"/cases/{number}/pick", {})).status_code == 200, "it says nothing"
    await still_works(http, number)


async def test_an_error_repeats_only_the_beginning_of_a_long_value(http: Http) -> None:
    long = "a" * 100_000
    hours = {"monday": [{"from": long, "to": "17:00"}]}
    step = {"field": "priority", "label": "P", "kind": "choice", "choices": [long]}
    for path, body in (
        ("/calendars", {"slug": "c", "time_zone": "UTC", "hours": hours}),
        ("/calendars", {"slug": "c", "time_zone": "UTC", "hours": long}),
        ("/calendars", {"slug": "c", "time_zone": long, "hours": "24x7"}),
        ("/slas", SLA | {"items": [SLA["items"][0] | {"fail_after": long}]}),
        ("/slas", SLA | {"items": [SLA["items"][0] | {"fail_after": [long]}]}),
    ):
        answer = await http("mona", "POST", path, body)
        assert problem(answer)[0] == 422
        assert "aaaa..." in answer.json()["detail"]
        assert len(answer.content) < 1000
    process = {"slug": "p", "name": "P", "stages": [{"slug": "a", "name": "A", "steps": [step]}]}
    assert (await http("mona", "POST", "/processes", process)).status_code == 201
    answer = await http("mona", "POST", "/processes/p/activate")
    assert named(answer) == "stages[0].steps[0].choices[0]"
    assert len(answer.content) < 1000


async def test_a_value_of_several_kinds_is_told_all_of_them(http: Http) -> None:
    number = await http.open()
    clause = {"field": "case.title", "value": {}}
    rule = {"name": "A", "queue": "gold", "when": {"all": [clause]}}
    for method, path, body, field, rule_broken in (
        ("PATCH", f"/cases/{number}", {"custom": {"x": []}}, "custom.x", "must be yes or no, a number or a text"),
        ("POST", "/routing-rule-sets", {"slug": "a", "name": "A", "rules": [rule]}, "rules[0].when.all[0].value",
         "must be yes or no, a number or a text, or a list of them"),
    ):  # fmt: skip
        answer = await http("mona", method, path, body, **ANY)
        assert named(answer) == field
        assert answer.json()["errors"][0]["rule"] == rule_broken


async def test_a_field_is_pointed_at_by_its_own_name(http: Http) -> None:
    for name, pointed in (("Name", "/Name"), ("a.b", "/a.b"), ("a[0]", "/a[0]"), ("a/b~c", "/a~1b~0c")):
        for method, path, body in (
            ("PATCH", "/accounts/aurora", {name: 1}),
            ("PATCH", "/slas/gold", {name: 1}),
            ("POST", "/accounts", {"slug": "a", "name": "A", name: 1}),
        ):
            answer = await http("mona", method, path, body, **ANY)
            assert problem(answer) == (422, "invalid"), path
            assert answer.json()["errors"] == [{"field": pointed, "rule": "there is no such field"}], path
    text = {"subject": "S", "body": "{{ shoe }}"}
    answer = await http("mona", "POST", "/templates", {"slug": "t", "name": "T", "texts": {"a.b": text}})
    assert answer.json()["errors"][0]["field"] == "/texts/a.b/body"


async def test_what_is_said_of_a_whole_object_points_at_the_field_that_it_is_about(http: Http) -> None:
    number, other = await http.open(), await http.open()
    rule = {"slug": "r", "name": "R", "items": [{"name": "Every mail"}]}
    stage = {"slug": "one", "name": "One"}
    hours = {
        "slug": "h",
        "name": "H",
        "account": "aurora",
        "start": "2031-01-01",
        "end": "2031-12-31",
        "total_terms": 1,
    }
    hours |= {"allocation": "hours", "decrease_on": "creation"}
    by_turns = {"slug": "a", "name": "A", "queue": "gold", "method": "round-robin"}
    for path, body, pointed, said in (
        (f"/cases/{number}/merge", {"losers": [other, other]}, "/losers", "a case is named twice"),
        (f"/cases/{number}/merge", {"losers": [f"CAS-{i:05}-AAAAAA" for i in range(10)]}, "/losers", "at most 10"),
        (f"/cases/{number}/children", {"case": other, "title": "T"}, "/case", "name it alone"),
        (f"/cases/{number}/replies", {"text": "T", "resolve": {"resolution": "R"}, "wait": {}}, "/wait", "not both"),
        ("/record-creation-rules", rule, "/queue", "this field is required"),
        ("/products", {"slug": "b", "name": "B", "kind": "bundle"}, "/products", "at least one product"),
        ("/processes", {"slug": "p", "name": "P", "stages": [stage, stage]}, "/stages", "the same slug"),
        ("/entitlements", hours, "/decrease_on", "only taken on resolution"),
        ("/assignment-rules", by_turns | {"presences": ["busy", "busy"]}, "/presences", "listed twice"),
        ("/assignment-rules", by_turns | {"overflow": {"to": ["gold"], "longest_queue": 3}}, "/overflow/to", "itself"),
    ):
        answer = await http("mona", "POST", path, body)
        assert problem(answer) == (422, "invalid"), answer.text
        (error,) = answer.json()["errors"]
        assert (error["field"], ": " in error["rule"]) == (pointed, False), answer.text
        assert said in error["rule"]


async def test_no_body_where_one_is_needed(http: Http) -> None:
    number = await http.open()
    for method, path in (
        ("POST", "/cases"),
        ("POST", f"/cases/{number}/notes"),
        ("POST", f"/cases/{number}/resolve"),
        ("PATCH", "/accounts/aurora"),
        ("POST", "/slas"),
    ):
        answer = await http("mona", method, path, **ANY)
        assert problem(answer) == (422, "invalid"), path
        assert answer.json()["detail"] == "this request needs a body"
    await still_works(http, number)


async def test_who_may_not_ask_learns_nothing_of_the_body(http: Http) -> None:
    number = await http.open()
    async with httpx.AsyncClient(transport=http.agents["grace"]._transport, base_url="http://caseloom") as nobody:
        for path, body in (
            (f"/cases/{number}/notes", b"{"),
            ("/cases", b"[" * 5000),
            (f"/cases/{number}/pick", b'{"a":1}'),
        ):
            headers = {"content-type": "application/json"}
            assert (await nobody.post(f"/api/v1{path}", content=body, headers=headers)).status_code == 401


CONTRACT: dict[str, Any] = {
    "slug": "new",
    "name": "New",
    "account": "aurora",
    "start": "2031-01-01",
    "end": "2031-12-31",
}
RULE: dict[str, Any] = {"slug": "r", "name": "R", "queue": "gold", "items": [{"name": "All"}]}
SLA: dict[str, Any] = {
    "slug": "s",
    "name": "S",
    "items": [
        {
            "name": "A",
            "kpi": "resolution",
            "success": {"all": [{"field": "case.status", "value": "resolved"}]},
        }
    ],
}


async def test_reference_data_has_the_same_bounds(http: Http) -> None:
    def contract(**fields: Any) -> dict[str, Any]:
        return CONTRACT | {"total_terms": 5} | fields

    def promise(**fields: Any) -> dict[str, Any]:
        return SLA | {"items": [SLA["items"][0] | fields]}

    for path, body, field in (
        ("/entitlements", contract(total_terms="1E+1000000"), "total_terms"),
        ("/entitlements", contract(total_terms="1E-1000000"), "total_terms"),
        ("/entitlements", contract(total_terms="NaN"), "total_terms"),
        (
            "/entitlements",
            contract(channels=[{"origin": "web", "total_terms": "1E+1000000"}]),
            "channels[0].total_terms",
        ),
        ("/entitlements", contract(end="9999-12-31"), "end"),
        ("/entitlements", contract(start="0001-01-01"), "start"),
        ("/slas", promise(fail_after={"amount": "1E+999999", "unit": "days"}), "items[0].fail_after.amount"),
        ("/slas", promise(fail_after="1E+999999 days"), "items[0].fail_after"),
        ("/slas", promise(fail_after="999999999 days"), "items[0].fail_after"),
        ("/accounts", {"slug": "a", "name": "\ud800"}, "name"),
        ("/accounts", {"slug": "a", "name": "a\x00"}, "name"),
        ("/products", {"slug": "a", "name": "a" * 201}, "name"),
        ("/record-creation-rules", RULE | {"resolved_window_minutes": 10**30}, "resolved_window_minutes"),
        ("/processes", {"slug": "p", "name": "P", "order": 10**19, "stages": [{"slug": "a", "name": "A"}]}, "order"),
        (
            "/templates",
            {"slug": "t", "name": "T", "texts": {"en": {"subject": "S", "body": "\ud800"}}},
            "texts.en.body",
        ),
    ):
        answer = await raw(http, "mona", "POST", path, json.dumps(body))
        assert named(answer) == field, (path, field)
    for due in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9001-01-01T00:00:00Z"):
        number = await http.open()
        answer = await http("grace", "POST", f"/cases/{number}/activities", {"title": "Call", "due": due})
        assert named(answer) == "due"
    await every_list_is_readable(http)


async def test_a_contract_of_ten_thousand_years_is_not_renewed(http: Http) -> None:
    made = await http(
        "mona", "POST", "/entitlements", CONTRACT | {"start": "1900-01-01", "end": "9000-12-31", "total_terms": 1}
    )
    assert made.status_code == 201, made.text
    assert (await http("mona", "POST", "/entitlements/new/activate")).status_code == 200
    assert (await http("mona", "POST", "/entitlements/new/cancel")).status_code == 200
    assert named(await http("mona", "POST", "/entitlements/new/renew")) == "end"


async def test_words_that_no_case_can_have_are_refused_when_they_come_into_force(http: Http) -> None:
    action = {"on": "failure", "do": "set-priority", "value": "bogus"}
    promise = SLA["items"][0] | {"fail_after": "1 hour", "actions": [action]}
    stage = {"slug": "a", "name": "A"}
    step = {"field": "priority", "label": "P", "kind": "choice", "choices": ["high", "bogus"]}
    for path, body, field in (
        ("/record-creation-rules", RULE | {"items": [{"name": "All", "priority": "bogus"}]}, "items[0].priority"),
        ("/record-creation-rules", RULE | {"items": [{"name": "All", "case_type": "bogus"}]}, "items[0].case_type"),
        ("/record-creation-rules", RULE | {"items": [{"name": "All", "product": "bogus"}]}, "items[0].product"),
        ("/slas", SLA | {"items": [promise]}, "items[0].actions[0].value"),
        (
            "/entitlements",
            CONTRACT | {"total_terms": 5, "channels": [{"origin": "pigeon", "total_terms": 1}]},
            "channels[0].origin",
        ),
        ("/processes", {"stages": [stage | {"steps": [step]}]}, "stages[0].steps[0].choices[1]"),
        (
            "/processes",
            {"stages": [{"slug": "a", "name": "A", "steps": [step | {"field": "bogus"}]}]},
            "stages[0].steps[0].field",
        ),
    ):
        slug = f"s-{field.count('e')}-{len(str(body))}"
        made = await http("mona", "POST", path, {"name": "N"} | body | {"slug": slug})
        assert made.status_code == 201, made.text
        assert named(await http("mona", "POST", f"{path}/{slug}/activate")) == field


async def test_the_same_customer_once_more_changes_nothing(http: Http) -> None:
    number = await http.open()
    case = (await http("grace", "PATCH", f"/cases/{number}", {"customer": "aurora"}, **ANY)).json()
    assert case["customer"]["contact"]["slug"] == "casey"
    by_id = case["customer"]["contact"]["id"]
    again = await http("grace", "PATCH", f"/cases/{number}", {"contact": by_id}, **ANY)
    assert (again.status_code, again.json()["customer"]["contact"]["id"]) == (200, by_id)


async def test_a_wrong_condition_is_pointed_at_in_the_document(http: Http) -> None:
    rules = {"name": "N", "when": {"all": [{"any": [{"field": "case.nothing", "value": 1}]}]}, "queue": "gold"}
    answer = await http("mona", "POST", "/routing-rule-sets", {"slug": "s", "name": "S", "rules": [rules]})
    assert named(answer) == "rules[0].when.all[0].any[0]"


async def test_a_contract_stored_by_other_rules_can_be_read_and_changed(http: Http) -> None:
    """As a release with other rules may have left it."""
    async with http.desk.house.database.write() as session:
        await session.execute(update(Entitlement).where(Entitlement.slug == "care").values(sla="Not A Slug", tier="ÄÖ"))
    shown = await http("mona", "GET", "/entitlements/care")
    assert (shown.status_code, shown.json()["sla"], shown.json()["tier"]) == (200, "Not A Slug", "ÄÖ")
    await every_list_is_readable(http)


async def still_works(http: Http, number: str) -> None:
    """The case takes a note and another verb, and all of it can be read."""
    note = await http("grace", "POST", f"/cases/{number}/notes", {"text": "Still here."})
    assert note.status_code == 201, note.text
    assert (await http("grace", "PATCH", f"/cases/{number}", {"priority": "high"}, **ANY)).status_code == 200
    for path in ("", "/timeline", "/sla", "/process"):
        assert (await http("grace", "GET", f"/cases/{number}{path}")).status_code == 200, path
    assert (await http("grace", "GET", "/cases")).status_code == 200


async def every_list_is_readable(http: Http) -> None:
    for kind in (
        *("agents", "teams", "queues", "accounts", "contacts", "products", "subjects", "mailboxes", "entitlements"),
        *("slas", "kpi-definitions", "calendars", "routing-rule-sets", "record-creation-rules", "processes"),
        *("templates", "articles"),
    ):
        listed = await http("mona", "GET", f"/{kind}")
        assert listed.status_code == 200, (kind, listed.text)
        for item in listed.json()["items"]:
            key = item.get("slug") or item["id"]
            assert (await http("mona", "GET", f"/{kind}/{key}")).status_code == 200, (kind, key)
