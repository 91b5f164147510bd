"""Reference data over HTTP: roles, versions, life cycles, audit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from api import problems
from api.reference import router
from desk.identity import Role, create_token
from desk.organisation import apply_file
from desk.pulse import Pulse
from models.records.reference import DefinitionRecord
from settings import Settings
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.files import FolderStore
from storage.secrets import Keyring

DEMO = Path(__file__).parents[2] / "examples" / "demo.yaml"
NOW = datetime.now(UTC)
KEYRING = Keyring("k1", {"k1": b"k" * 32})
WHO = {"agent": "grace", "manager": "mona", "administrator": "ada", "knowledge-manager": "kai"}

KINDS = [
    "agents", "teams", "queues", "accounts", "contacts", "products", "subjects", "entitlements", "slas", "kpi-definitions",
    "calendars", "routing-rule-sets", "record-creation-rules", "processes", "templates", "articles", "mailboxes",
]  # fmt: skip

SLA = {
    "slug": "quick",
    "name": "Quick",
    "items": [
        {
            "name": "First",
            "kpi": "first-response",
            "success": {"all": [{"field": "case.first_response_sent", "value": True}]},
            "fail_after": "5 minutes",
        }
    ],
}


class Caller:
    """One client a role: `call("manager", "POST", "/queues", {...})`."""

    def __init__(self, client: httpx.AsyncClient, tokens: dict[str, str]) -> None:
        self.client, self.tokens = client, tokens

    async def __call__(
        self, role: str, method: str, path: str, body: Any = None, *, tag: str | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role in self.tokens else {}
        if tag is not None:
            headers["If-Match"] = tag
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=headers)


@pytest.fixture
async def call(database_url: str, temporal: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Caller]:
    database = Database(database_url)
    await apply_file(database, DEMO, now=NOW, keyring=KEYRING, secret=lambda _source, _name: "secret-of-support")
    async with database.write() as session:
        tokens = {
            role: await create_token(session, who, Role(role), actor="test", now=NOW) for role, who in WHO.items()
        }
    app = FastAPI()
    app.state.house = SimpleNamespace(
        database=database,
        definitions=Definitions(),
        keyring=KEYRING,
        client=temporal.client,
        settings=Settings(data=tmp_path),
    )
    app.state.desk = SimpleNamespace(pulse=Pulse(database, FolderStore(tmp_path / "files")))
    app.include_router(router, prefix="/api/v1")
    problems.install(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house") as client:
        yield Caller(client, tokens)
    await database.close()


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def test_everyone_with_a_token_reads_lists_in_pages(call: Caller) -> None:
    assert problem(await call("nobody", "GET", "/queues")) == (401, "unauthenticated")
    first = (await call("agent", "GET", "/queues?limit=2")).json()
    second = (await call("agent", "GET", f"/queues?limit=2&cursor={first['next']}")).json()
    assert [item["slug"] for item in first["items"] + second["items"]] == ["gold", "standard", "support-inbox"]
    assert second["next"] is None
    one = (await call("agent", "GET", "/queues/gold")).json()
    assert one == first["items"][0]
    assert (await call("agent", "GET", f"/queues/{one['id']}")).json() == one


async def test_every_kind_lists_and_reads(call: Caller) -> None:
    for path in KINDS:
        listed = (await call("manager", "GET", f"/{path}")).json()["items"]
        assert listed, path
        read = await call("manager", "GET", f"/{path}/{listed[0]['slug']}")
        assert read.json() == listed[0]
        assert read.headers["etag"].startswith('"v')
        assert problem(await call("manager", "GET", f"/{path}/nothing-of-the-kind")) == (404, "not-found")
        assert problem(await call("manager", "GET", f"/{path}/{'0' * 8}-0000-0000-0000-{'0' * 12}")) == (
            404,
            "not-found",
        )


async def test_a_record_is_made_changed_switched_off_and_audited(call: Caller) -> None:
    body = {"slug": "night", "name": "Night", "owner": "mona", "members": ["grace"]}
    assert problem(await call("agent", "POST", "/queues", body)) == (403, "forbidden")
    made = await call("manager", "POST", "/queues", body)
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, "/api/v1/queues/night", '"v1"')
    assert problem(await call("manager", "POST", "/queues", body)) == (409, "already-exists")
    assert problem(await call("manager", "PATCH", "/queues/night", {"name": "N"})) == (428, "if-match-required")
    changed = await call("manager", "PATCH", "/queues/night", {"name": "Late", "members": []}, tag='"v1"')
    assert (changed.json()["name"], changed.json()["members"], changed.headers["etag"]) == ("Late", [], '"v2"')
    assert problem(await call("manager", "PATCH", "/queues/night", {"name": "N"}, tag='"v1"')) == (412, "stale-version")
    for wrong in ({"owner": "nobody"}, {"shoe": 4}, {"slug": "day"}, {"name": "a\x00b"}, {"name": None}):
        assert problem(await call("manager", "PATCH", "/queues/night", wrong, tag="*")) == (422, "invalid")
    assert (await call("manager", "POST", "/queues/night/deactivate")).json()["active"] is False
    assert (await call("manager", "POST", "/queues/night/activate")).json()["active"] is True
    assert problem(await call("manager", "POST", "/queues/gold/deactivate")) == (409, "in-use")
    assert problem(await call("agent", "GET", "/audit")) == (422, "invalid")  # of a case alone
    rows = (await call("manager", "GET", "/audit?kind=queue&object=night")).json()["items"]
    assert [row["action"] for row in rows] == ["activate", "deactivate", "change", "create"]
    assert rows[2]["changes"] == {"name": ["Night", "Late"], "members": [["grace"], []]}
    assert rows[2]["actor"] == "mona"


async def test_a_skill_that_was_retired_keeps_nobody_from_changing_something_else(call: Caller) -> None:
    async def patched(path: str, body: Any) -> httpx.Response:
        tag = (await call("administrator", "GET", path)).headers["etag"]
        return await call("administrator", "PATCH", path, body, tag=tag)

    for path, body in (
        ("/organisation", {"skills": ["german"]}),
        ("/agents/grace", {"skills": {"german": 3}}),
        ("/organisation", {"skills": []}),
    ):
        assert (await patched(path, body)).status_code == 200, path
    other = await patched("/agents/grace", {"capacity": 7})
    assert (other.status_code, other.json()["skills"]) == (200, {"german": 3}), other.text
    unknown = await patched("/agents/grace", {"skills": {"german": 3, "french": 1}})
    assert unknown.json()["errors"][0]["field"] == "/skills/french"


async def test_a_definition_has_versions(call: Caller) -> None:
    wrong = {**SLA, "items": [{**SLA["items"][0], "kpi": "nothing"}]}  # type: ignore[dict-item]
    assert (await call("manager", "POST", "/slas", {**SLA, "items": []})).status_code == 422
    assert (await call("manager", "POST", "/slas", wrong)).status_code == 201
    refused = await call("manager", "POST", "/slas/quick/activate")
    assert problem(refused) == (422, "invalid")
    assert refused.json()["detail"] == "items[0].kpi: there is no active kpi 'nothing'"
    draft = await call("manager", "GET", "/slas/quick")
    fixed = await call("manager", "PATCH", "/slas/quick", {"items": SLA["items"]}, tag=draft.headers["etag"])
    assert (fixed.json()["version"], fixed.json()["status"]) == (1, "draft")
    again = await call("manager", "PATCH", "/slas/quick", {"name": "x"}, tag=draft.headers["etag"])
    assert problem(again) == (412, "stale-version")
    active = await call("manager", "POST", "/slas/quick/activate")
    assert active.json()["status"] == "active"
    tag = active.headers["etag"]
    read_only = await call("manager", "PATCH", "/slas/quick?version=1", {"name": "Quicker"}, tag=tag)
    assert problem(read_only) == (409, "definition-read-only")
    second = await call("manager", "PATCH", "/slas/quick", {"name": "Quicker"}, tag=tag)
    assert (second.json()["version"], second.json()["status"]) == (2, "draft")
    # Without a number the version in force is read, and read again, whose tag would never do.
    beside = await call("manager", "PATCH", "/slas/quick", {"name": "x"}, tag=tag)
    assert problem(beside) == (412, "stale-version")
    assert "read it with ?version=2 first" in beside.json()["detail"]
    assert (await call("manager", "GET", "/slas/quick")).json()["version"] == 1
    assert (await call("manager", "POST", "/slas/quick/activate")).json()["version"] == 2
    versions = (await call("agent", "GET", "/slas/quick/versions")).json()["items"]
    assert [(each["version"], each["status"]) for each in versions] == [(2, "active"), (1, "inactive")]
    assert problem(await call("manager", "POST", "/kpi-definitions/first-response/deactivate")) == (409, "in-use")
    assert (await call("manager", "POST", "/slas/quick/deactivate")).json()["status"] == "inactive"


async def test_one_routing_rule_set_and_one_rule_a_queue_are_active(call: Caller) -> None:
    rules = {"slug": "other", "name": "Other", "rules": [{"name": "All", "queue": "standard"}]}
    await call("manager", "POST", "/routing-rule-sets", rules)
    assert (await call("manager", "POST", "/routing-rule-sets/other/activate")).json()["status"] == "active"
    assert (await call("manager", "GET", "/routing-rule-sets/by-tier")).json()["status"] == "inactive"
    rule = {"slug": "second", "name": "Second", "queue": "support-inbox", "items": [{"name": "All"}]}
    await call("manager", "POST", "/record-creation-rules", rule)
    assert problem(await call("manager", "POST", "/record-creation-rules/second/activate")) == (409, "queue-has-rule")
    await call("manager", "POST", "/record-creation-rules/mail-to-support/deactivate")
    assert (await call("manager", "POST", "/record-creation-rules/second/activate")).json()["status"] == "active"


async def test_an_entitlement_lives(call: Caller) -> None:
    shown = (await call("agent", "GET", "/entitlements/gold-care")).json()
    assert (shown["total_terms"], shown["remaining_terms"], shown["status"]) == (15, 15, "active")
    patch = {"total_terms": 20, "channels": [{"origin": "phone", "total_terms": 2.5}]}
    read_only = await call("manager", "PATCH", "/entitlements/gold-care", patch, tag="*")
    assert problem(read_only) == (409, "entitlement-state")
    assert read_only.json()["allowed"] == ["deactivate", "cancel", "extend", "set-default"]
    assert (await call("manager", "POST", "/entitlements/gold-care/deactivate")).json()["status"] == "draft"
    changed = (await call("manager", "PATCH", "/entitlements/gold-care", patch, tag="*")).json()
    assert (changed["remaining_terms"], changed["channels"]) == (
        20, [{"origin": "phone", "total_terms": 2.5, "remaining_terms": 2.5}],
    )  # fmt: skip
    for wrong in ({"total_terms": 1}, {"total_terms": 1e30}, {"end": "1999-01-01"}, {"contacts": ["blake"]}):
        assert problem(await call("manager", "PATCH", "/entitlements/gold-care", wrong, tag="*")) == (422, "invalid")
    assert problem(await call("manager", "POST", "/entitlements/gold-care/set-default")) == (409, "entitlement-state")
    assert (await call("manager", "POST", "/entitlements/gold-care/activate")).json()["status"] == "active"
    assert (await call("manager", "POST", "/entitlements/gold-care/set-default")).json()["default"] is True
    no_more: list[dict[str, Any]] = [{"end": "2001-01-01"}, {"further_terms": 0}, {"origin": "phone"}]
    for none in [*no_more, {"further_terms": 1, "origin": "web"}]:
        assert problem(await call("manager", "POST", "/entitlements/gold-care/extend", none)) == (422, "invalid")
    more = {"end": "2097-12-31", "further_terms": 2.5, "origin": "phone"}
    longer = (await call("manager", "POST", "/entitlements/gold-care/extend", more)).json()
    assert (longer["status"], longer["end"], longer["remaining_terms"]) == ("active", "2097-12-31", 22.5)
    assert longer["channels"] == [{"origin": "phone", "total_terms": 5, "remaining_terms": 5}]
    assert (await call("manager", "POST", "/entitlements/gold-care/cancel")).json()["status"] == "cancelled"
    assert problem(await call("manager", "POST", "/entitlements/gold-care/extend", more)) == (409, "entitlement-state")
    renewed = (await call("manager", "POST", "/entitlements/gold-care/renew")).json()
    assert (renewed["slug"], renewed["status"], renewed["predecessor"]) == ("gold-care-2", "draft", "gold-care")
    await call("manager", "POST", "/entitlements/gold-care-2/activate")
    assert (await call("manager", "POST", "/entitlements/gold-care-2/set-default")).json()["default"] is True
    assert (await call("agent", "GET", "/entitlements/gold-care")).json()["default"] is False
    assert (await call("agent", "GET", "/entitlements/gold-care/ledger")).json() == {"items": [], "next": None}
    hours = {"slug": "h", "name": "H", "account": "aurora", "start": "2026-01-01", "end": "2026-12-31"}
    hours |= {"total_terms": 1, "allocation": "hours", "decrease_on": "creation"}  # type: ignore[dict-item]
    assert (await call("manager", "POST", "/entitlements", hours)).status_code == 422


async def test_an_article_is_written_approved_published_and_found(call: Caller) -> None:
    body = {"slug": "hum", "title": "A humming speaker", "content": "Move the cable away from the power supply."}
    made = await call("agent", "POST", "/articles", body)
    assert (made.status_code, made.json()["number"], made.json()["status"]) == (201, "KA-01005", "draft")
    assert (await call("agent", "GET", "/articles?q=humming")).json()["items"] == []
    assert problem(await call("agent", "POST", "/articles/hum/approve")) == (403, "forbidden")
    assert problem(await call("knowledge-manager", "POST", "/articles/hum/publish")) == (409, "article-state")
    await call("knowledge-manager", "POST", "/articles/hum/approve")
    assert (await call("knowledge-manager", "POST", "/articles/KA-01005/publish")).json()["status"] == "published"
    (found,) = (await call("agent", "GET", "/articles?q=hum+speakers")).json()["items"]
    assert (found["number"], "cable" in found["snippet"]) == ("KA-01005", True)
    second = (await call("agent", "PATCH", "/articles/hum", {"title": "Buzzing"}, tag="*")).json()
    assert (second["article_version"], second["status"]) == ("1.1", "draft")
    assert (await call("agent", "GET", "/articles/hum")).json()["title"] == "A humming speaker"
    for verb in ("approve", "reject", "submit", "approve", "publish"):
        given = {"reason": "Too short."} if verb == "reject" else None
        assert (await call("knowledge-manager", "POST", f"/articles/hum/{verb}", given)).status_code == 200
    versions = (await call("agent", "GET", "/articles/hum/versions")).json()["items"]
    assert [(each["article_version"], each["status"]) for each in versions] == [
        ("1.1", "published"),
        ("1.0", "archived"),
    ]
    for wrong in ({"language": "de"}, {"title": "a\nb"}, {"subject": "nothing"}):
        assert problem(await call("agent", "PATCH", "/articles/hum", wrong, tag="*")) == (422, "invalid")


async def test_a_slug_is_no_id_and_no_number(call: Caller) -> None:
    """Whoever asks for an id, or for the number of an article, must get that and nothing else."""
    (contact, *_) = (await call("agent", "GET", "/contacts")).json()["items"]
    for slug in (contact["id"], contact["id"].replace("-", "")):
        taken = {"slug": slug, "name": "Mallory", "email": "mallory@customer.example"}
        refused = await call("agent", "POST", "/contacts", taken)
        assert (problem(refused), refused.json()["errors"][0]["field"]) == ((422, "invalid"), "/slug")
    numbered = {"slug": "ka-01001", "title": "A", "content": "A"}
    refused = await call("agent", "POST", "/articles", numbered)
    assert (problem(refused), refused.json()["errors"][0]["field"]) == ((422, "invalid"), "/slug")
    assert (await call("agent", "GET", "/articles/ka-01001")).status_code == 404


async def test_a_stored_definition_that_todays_rules_refuse_hides_no_other(call: Caller, database_url: str) -> None:
    """As of a calendar whose zone a newer tzdata has no more: without this no case could be opened, of whatever SLA."""
    database = Database(database_url)
    async with database.write() as session:
        row = await session.scalar(select(DefinitionRecord).where(DefinitionRecord.kind == DefinitionKind.CALENDAR))
        assert row is not None
        slug, row.body = row.slug, {**row.body, "time_zone": "Europe/Atlantis"}
    async with database.read() as session:
        found = await Definitions().active(session, DefinitionKind.CALENDAR, DefinitionKind.SLA)
        assert slug in found[DefinitionKind.CALENDAR]
        assert found[DefinitionKind.SLA]
    await database.close()
    assert (await call("manager", "GET", "/calendars")).status_code == 200
    assert (await call("manager", "GET", f"/calendars/{slug}")).json()["body"]["time_zone"] == "Europe/Atlantis"
    kept = await call("manager", "PATCH", f"/calendars/{slug}", {"name": "Changed"}, tag="*")
    assert kept.status_code == 200, "what stood there may stay in a draft"
    refused = await call("manager", "PATCH", f"/calendars/{slug}", {"time_zone": "Europe/Lemuria"}, tag="*")
    assert problem(refused) == (422, "invalid")
    mended = await call("manager", "PATCH", f"/calendars/{slug}", {"time_zone": "Europe/Berlin"}, tag="*")
    assert mended.status_code == 200
    assert (await call("manager", "POST", f"/calendars/{slug}/activate")).status_code == 200


async def test_a_mailbox_keeps_its_password_to_itself(call: Caller) -> None:
    assert problem(await call("agent", "GET", "/mailboxes")) == (403, "forbidden")
    assert problem(await call("manager", "PATCH", "/mailboxes/support", {}, tag="*")) == (403, "forbidden")
    changed = await call("administrator", "PATCH", "/mailboxes/support", {"password": "n3w-secret"}, tag="*")
    assert changed.json()["has_password"] is True
    status = (await call("manager", "GET", "/mailboxes/support/status")).json()
    assert (status["mailbox"], status["quarantined"], status["outbox"]) == ("support", 0, {})
    audit = await call("manager", "GET", "/audit?kind=mailbox")
    everything = changed.text + audit.text + (await call("manager", "GET", "/mailboxes")).text
    assert "n3w-secret" not in everything
    assert "secret-of-support" not in everything
    assert "password" in audit.json()["items"][0]["changes"]


async def test_an_address_stands_in_one_mailbox(call: Caller) -> None:
    support = (await call("administrator", "GET", "/mailboxes/support")).json()
    assert support["addresses"] == []
    queue = support["queue"]
    wanted = [{"address": "Billing@x.example", "queue": queue}, {"address": "old@x.example"}]
    changed = await call("administrator", "PATCH", "/mailboxes/support", {"addresses": wanted}, tag="*")
    assert changed.json()["addresses"] == [
        {"address": "billing@x.example", "queue": queue},
        {"address": "old@x.example", "queue": None},
    ]
    other = {**{name: support[name] for name in ("imap", "smtp", "display_name", "queue")}, "slug": "other"}
    for address, addresses in (("old@x.example", []), ("new@x.example", [{"address": "old@x.example"}])):
        body = {**other, "address": address, "addresses": addresses}
        refused = await call("administrator", "POST", "/mailboxes", body)
        assert problem(refused) == (409, "already-exists")
        assert "'old@x.example' is an address of the mailbox 'support'" in refused.json()["detail"]
    taken = [{"address": support["address"]}]
    wrong: list[list[Any]] = [taken, [{"address": "a@x"}, {"address": "a@x"}], [{"address": "no address"}], [{"a": 1}]]
    wrong.append([{"address": "a@x", "queue": "nowhere"}])
    for addresses in wrong:
        refused = await call("administrator", "PATCH", "/mailboxes/support", {"addresses": addresses}, tag="*")
        assert problem(refused) == (422, "invalid")
        assert "addresses" in refused.text
    assert (await call("administrator", "GET", "/mailboxes/support")).json()["addresses"] == changed.json()["addresses"]


async def test_administrators_make_and_end_tokens(call: Caller) -> None:
    assert problem(await call("manager", "POST", "/agents/sam/tokens", {"role": "agent"})) == (403, "forbidden")
    assert problem(await call("administrator", "POST", "/agents/sam/tokens", {"role": "manager"})) == (422, "invalid")
    made = (await call("administrator", "POST", "/agents/sam/tokens", {"role": "agent"})).json()
    call.tokens["sam"] = made["token"]
    assert (await call("sam", "GET", "/queues")).status_code == 200
    assert (await call("administrator", "DELETE", f"/tokens/{made['id']}")).status_code == 204
    assert problem(await call("sam", "GET", "/queues")) == (401, "unauthenticated")
    assert made["token"] not in (await call("manager", "GET", "/audit?kind=token")).text


async def test_the_organisation_changes_at_once(call: Caller) -> None:
    shown = await call("agent", "GET", "/organisation")
    assert (shown.json()["name"], shown.headers["etag"]) == ("Northwind Audio", '"v1"')
    assert problem(await call("manager", "PATCH", "/organisation", {"name": "N"}, tag='"v1"')) == (403, "forbidden")
    changed = await call("administrator", "PATCH", "/organisation", {"name": "Northwind"}, tag='"v1"')
    assert (changed.json()["name"], changed.headers["etag"]) == ("Northwind", '"v2"')
    wrong = await call("administrator", "PATCH", "/organisation", {"default_sla": "none"}, tag='"v2"')
    assert problem(wrong) == (422, "invalid")
    assert (await call("agent", "GET", "/organisation")).headers["etag"] == '"v2"'


async def test_the_description_names_every_body(call: Caller) -> None:
    described = (await call.client.get("/openapi.json")).json()
    body = described["paths"]["/api/v1/slas"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["$ref"].startswith("#/components/schemas/SlaDefinition")
    ids = [each["operationId"] for path in described["paths"].values() for each in path.values()]
    assert len(ids) == len(set(ids))
