"""Bodies that are huge, deep, blank, missing or wrong in form: what is said of them, and where it points."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.values import ANY, SLA, named, raw, still_works
from tests.support.asking import Http, problem


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
    kept = {"all": [{"field": "case.status", "value": "resolved"}]}
    sla: Any = {"slug": "s", "name": "S", "items": [{"name": "I", "kpi": "k", "success": kept, "fail_after": "1 hour"}]}
    for path, body, pointed, said in (
        (f"/cases/{number}/merge", {"losers": [other, other]}, "/losers", "a case is named twice"),
        (f"/cases/{number}/merge", {"losers": [f"CAS-{i:05}-AAAAAA" for i in range(10)]}, "/losers", "at most 10"),
        (f"/cases/{number}/children", {"case": other, "title": "T"}, "/case", "name it alone"),
        (f"/cases/{number}/replies", {"text": "T", "resolve": {"resolution": "R"}, "wait": {}}, "/wait", "not both"),
        ("/record-creation-rules", rule, "/queue", "this field is required"),
        ("/products", {"slug": "b", "name": "B", "kind": "bundle"}, "/products", "at least one product"),
        ("/processes", {"slug": "p", "name": "P", "stages": [stage, stage]}, "/stages", "the same slug"),
        (
            "/processes",
            {"slug": "p", "name": "P", "stages": [stage | {"next": "two"}]},
            "/stages/0/next",
            "unknown stage",
        ),
        ("/slas", sla | {"items": [sla["items"][0] | {"repeats": True}]}, "/items/0/repeats", "which never moves"),
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


async def test_a_wrong_condition_is_pointed_at_in_the_document(http: Http) -> None:
    rules = {"name": "N", "when": {"all": [{"any": [{"field": "case.nothing", "value": 1}]}]}, "queue": "gold"}
    answer = await http("mona", "POST", "/routing-rule-sets", {"slug": "s", "name": "S", "rules": [rules]})
    assert named(answer) == "rules[0].when.all[0].any[0]"
