"""Values of reference data: the same bounds as a case's, words that no case can have, and rows of other rules."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import update

from models.records.reference import Entitlement
from tests.api.values import SLA, named, raw
from tests.support.asking import Http

CONTRACT: dict[str, Any] = {
    "slug": "new",
    "name": "New",
    "account": "aurora",
    "start": "2031-01-01",
    "end": "2031-12-31",
}
RULE: dict[str, Any] = {"slug": "r", "name": "R", "queue": "gold", "items": [{"name": "All"}]}


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


async def test_a_contract_stored_by_other_rules_can_be_read_and_changed(http: Http) -> None:
    """As a release with other rules may have left it."""
    async with http.desk.house.database.write() as session:
        await session.execute(update(Entitlement).where(Entitlement.slug == "care").values(sla="Not A Slug", tier="ÄÖ"))
    shown = await http("mona", "GET", "/entitlements/care")
    assert (shown.status_code, shown.json()["sla"], shown.json()["tier"]) == (200, "Not A Slug", "ÄÖ")
    await every_list_is_readable(http)


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
