"""Lists, cursors, visibility and the single case, as HTTP shows them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.records.base import new_id
from models.records.cases import CaseResolution
from models.records.mails import Attachment, EmailMessage
from models.records.processes import ProcessInstance
from models.records.promises import KpiRow
from models.records.reference import DefinitionRecord, Entitlement, Mailbox
from models.records.timeline import Activity, TimelineEntry
from tests.api.conftest import AT, World

KEY = "0" * 32
CRAFTED = [
    ("number", None),
    ("number", "\ud800"),
    ("number", "a\0b"),
    ("number", 10**300),
    ("priority", None),
    ("priority", 0),
    ("created", None),
    ("created", "0001-01-01T00:00:00+23:59"),
    ("-created", "2031-01-01T00:00:00"),
    ("modified", ["2031-01-01T00:00:00Z"]),
    ("next_due", True),
]


def crafted(sort: str, value: object, key: object = KEY) -> str:
    return urlsafe_b64encode(json.dumps([sort, value, key]).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("number", "'; DROP TABLE service_case; --"),
        ("number", "ÿ" * 30),
        ("priority", "no such word"),
        ("created", "1900-01-01T00:00:00Z"),
        ("modified", "8999-12-31T23:59:59.999999Z"),
        ("next_due", None),
    ],
)
async def test_a_place_that_no_case_has_is_a_place_all_the_same(world: World, sort: str, value: object) -> None:
    await world.case()
    async with world.http() as http:
        await numbers(http, sort=sort, cursor=crafted(sort, value))
        wrong = await http.get("/api/v1/cases", params={"sort": sort, "cursor": crafted(sort, value, 7)})
    assert wrong.status_code == 422


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
async def test_an_instant_that_no_row_can_hold_is_no_place(world: World, value: str) -> None:
    async with world.http() as http:
        answer = await http.get("/api/v1/cases", params={"sort": "created", "cursor": crafted("created", value)})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


async def numbers(http: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await http.get("/api/v1/cases", params=query)
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


@pytest.mark.parametrize("sort", ["next_due", "created", "-created", "modified", "number", "priority"])
async def test_pages_neither_skip_nor_repeat_a_case(world: World, sort: str) -> None:
    for n in range(7):
        await world.case(
            next_due=AT + timedelta(minutes=n // 2) if n < 4 else None,
            created_on=AT + timedelta(seconds=n // 3),
            modified_on=AT + timedelta(seconds=n % 2),
            priority=("low", "high", "normal", "odd")[n % 4],
        )
    async with world.http() as http:
        whole = await numbers(http, sort=sort)
        assert len(whole) == len(set(whole)) == 7
        paged: list[str] = []
        cursor: str | None = None
        for _ in range(4):
            query: dict[str, Any] = {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
            answer = (await http.get("/api/v1/cases", params=query)).json()
            paged += [item["number"] for item in answer["items"]]
            cursor = answer["next"]
        assert cursor is None
        assert paged == whole


async def test_the_default_order_is_by_deadline_and_those_without_one_last(world: World) -> None:
    without = await world.case(next_due=None)
    later = await world.case(next_due=AT + timedelta(hours=2))
    sooner = await world.case(next_due=AT + timedelta(hours=1))
    async with world.http() as http:
        assert await numbers(http) == [sooner.number, later.number, without.number]


async def test_priority_is_ranked_and_not_spelled(world: World) -> None:
    for priority in ("low", "normal", "high"):
        await world.case(priority=priority)
    async with world.http() as http:
        items = (await http.get("/api/v1/cases", params={"sort": "priority"})).json()["items"]
    assert [item["priority"] for item in items] == ["high", "normal", "low"]


async def test_filters(world: World) -> None:
    one = await world.case(
        title="100% broken_pipe", priority="high", owner_id=world.agents["berta"], sla_state="nearing-noncompliance"
    )
    two = await world.case(queue=None, status="resolved", status_reason="problem-solved", account_id=None)
    async with world.http() as http:
        assert await numbers(http, queue="support") == [one.number]
        assert await numbers(http, status="resolved") == [two.number]
        assert set(await numbers(http, status=["resolved", "active"])) == {one.number, two.number}
        assert await numbers(http, owner="me") == await numbers(http, owner="berta") == [one.number]
        assert await numbers(http, owner="none") == [two.number]
        assert await numbers(http, customer="ito-works") == [one.number]
        assert len(await numbers(http, customer="ada-ito")) == 2
        assert await numbers(http, priority="high") == await numbers(http, sla="nearing-noncompliance") == [one.number]
        assert await numbers(http, q="BROKEN_pipe") == await numbers(http, q="100%") == [one.number]
        assert await numbers(http, q="br%ken") == await numbers(http, q="brokenXpipe") == []
        assert await numbers(http, q=two.number.lower()) == [two.number]
        assert await numbers(http, q=two.number.rpartition("-")[0].lower()) == [two.number]
        assert await numbers(http, q=two.number, status="active") == []
        assert await numbers(http, q="CAS-00000-ABCDEF") == []


async def test_a_title_is_found_in_any_case_and_what_looks_like_a_number_may_be_in_it(world: World) -> None:
    one = await world.case(title="Drucker HP-12345 ÜBERHITZT, Café Łódź")
    async with world.http() as http:
        for q in ("überhitzt", "UBERHITZT drucker", "hp-12345", "CAFE", "łódź", "druck", "hp"):
            assert await numbers(http, q=q) == [one.number], q
        for q in ("HP-12346", "uberhitzt toner"):
            assert await numbers(http, q=q) == [], q


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "owner.digest"}, "sort"),
        ({"sort": "__class__"}, "sort"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"status": "open"}, "status"),
        ({"sla": "fine"}, "sla"),
        ({"owner": "nobody"}, "owner"),
        ({"customer": "nobody"}, "customer"),
        ({"customer": "01a2b3c4-0000-7000-8000-000000000000"}, "customer"),
        ({"priority": "hihg"}, "priority"),
        ({"queue": "nowhere"}, "queue"),
        ({"queue": "01a2b3c4-0000-7000-8000-000000000000"}, "queue"),
        ({"q": " "}, "q"),
        ({"q": "%"}, "q"),
        ({"q": "_"}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"q": "\u0301"}, "q"),
        ({"cursor": "!!"}, "cursor"),
        *(({"sort": sort, "cursor": crafted(sort, value)}, "cursor") for sort, value in CRAFTED),
        ({"cursor": "W10"}, "cursor"),
        ({"cursor": "WyJudW1iZXIiLCJ4IiwiMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAiXQ"}, "cursor"),
    ],
)
async def test_what_is_wrong_in_a_query_is_named(world: World, query: dict[str, Any], field: str) -> None:
    async with world.http() as http:
        answer = await http.get("/api/v1/cases", params=query)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/invalid"
    assert problem["errors"][0]["field"] == field, problem


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/activities", {"kind": "phonecall"}, "kind"),
        ("/activities", {"owner": "nobody"}, "owner"),
        ("/activities", {"case": "CAS-99999-ABCDEF"}, "case"),
        ("/search", {"q": "x", "queue": "nowhere"}, "queue"),
    ],
)
async def test_other_lists_name_it_too(world: World, path: str, query: dict[str, Any], field: str) -> None:
    async with world.http() as http:
        answer = await http.get(f"/api/v1{path}", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    ("filter", "field"),
    [
        ({"priority": "hihg"}, "/filter/priority"),
        ({"queue": "nowhere"}, "/filter/queue"),
        ({"customer": "no"}, "/filter/customer"),
    ],
)
async def test_so_does_the_filter_of_a_bulk_operation(world: World, filter: dict[str, Any], field: str) -> None:
    async with world.http() as http:
        answer = await http.post("/api/v1/cases/bulk", json={"action": "apply-routing", "filter": filter})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_private_queue_shows_its_cases_to_members_owners_and_managers_only(world: World) -> None:
    inner = await world.case("inner")
    own = await world.case("inner", owner_id=world.agents["carl"])
    async with world.http("carl") as http:
        assert await numbers(http) == [own.number]
        assert (await http.get(f"/api/v1/cases/{inner.number}")).status_code == 404
        assert (await http.get("/api/v1/cases", params={"queue": "inner"})).status_code == 422
        assert (await http.post("/api/v1/queues/inner/next")).status_code == 404
    for who in ("berta", "mona", "ada"):
        async with world.http(who) as http:
            assert set(await numbers(http)) == {inner.number, own.number}
            assert (await http.get(f"/api/v1/cases/{inner.number}")).status_code == 200


async def test_a_case_that_left_a_private_queue_by_being_closed_stays_private(world: World) -> None:
    case = await world.case("inner")
    async with world.house.database.write() as session:
        row = await session.get_one(type(case), case.id)
        row.queue, row.status = None, "resolved"
    async with world.http("carl") as http:
        assert await numbers(http) == []
        assert (await http.get(f"/api/v1/cases/{case.number}")).status_code == 404


async def test_a_whole_case(world: World) -> None:
    contract = new_id()
    async with world.house.database.write() as session:
        session.add(
            Entitlement(
                id=contract,
                slug="gold",
                name="Gold",
                account_id=world.account,
                start=AT.date(),
                end=AT.date(),
                restricted=True,
                allocation="cases",
                decrease_on="resolution",
                total_terms=15,
                remaining_terms=14,
                status="active",
                products=[],
                contacts=[],
            )
        )
    case = await world.case(
        owner_id=world.agents["berta"], entitlement_id=contract, custom={"device": "R-7"}, sla="gold", version=4, life=1
    )
    async with world.house.database.write() as session:
        session.add(
            CaseResolution(
                case_id=case.id,
                life=0,
                resolution_type="problem-solved",
                resolution="Restarted.",
                total_minutes=10,
                billable_minutes=5,
                resolved_on=AT,
                agent_id=world.agents["berta"],
            )
        )
    async with world.http() as http:
        answer = await http.get(f"/api/v1/cases/{case.number.lower()}")
    shown = answer.json()
    assert answer.headers["etag"] == '"v4"'
    assert answer.headers["cache-control"] == "no-store"
    assert shown["customer"]["account"] == {"slug": "ito-works", "name": "Ito Works"}
    assert shown["customer"]["contact"]["email"] == "ada@ito.example"
    assert shown["owner"] == {"slug": "berta", "name": "Berta", "kind": "agent"}
    assert shown["entitlement"]["remaining_terms"] == 14
    assert shown["custom"] == {"device": "R-7"}
    assert shown["resolutions"][0]["resolution"] == "Restarted."
    assert "pick" in shown["allowed"]
    assert "reactivate" not in shown["allowed"]
    assert shown["links"]["workflow"].endswith(f"/namespaces/default/workflows/case-{case.number}")
    assert shown["created_on"] == "2031-03-03T09:00:00Z"


async def test_the_timeline_embeds_mail_and_activities_and_is_paged(world: World) -> None:
    case = await world.case()
    mailbox, mail, call = new_id(), new_id(), new_id()
    async with world.house.database.write() as session:
        session.add(Mailbox(id=mailbox, slug="m", address="m@house.example", display_name="M", settings={}))
        await session.flush()
        session.add(
            EmailMessage(
                id=mail,
                direction="in",
                case_id=case.id,
                mailbox_id=mailbox,
                message_id="<a@b>",
                message_id_hash="1",
                content_hash="2",
                references=[],
                sender="ada@ito.example",
                recipients={"to": ["m@house.example"], "cc": []},
                subject="Help",
                text="It is broken.",
                defects=[],
            )
        )
        session.add(
            Activity(id=call, case_id=case.id, kind="phone-call", status="open", title="Call", created_on=AT, due=None)
        )
        await session.flush()
        session.add(
            Attachment(
                message_id=mail, position=0, filename="a.txt", content_type="text/plain", size=1, sha256="0" * 64
            )
        )
        for n, (kind, subject) in enumerate([("mail", mail), ("activity", call), ("note", None)]):
            session.add(
                TimelineEntry(
                    case_id=case.id,
                    key=str(n),
                    at=AT + timedelta(minutes=n),
                    kind=kind,
                    subject_id=subject,
                    actor_id=world.agents["berta"],
                )
            )
    async with world.http() as http:
        first = (await http.get(f"/api/v1/cases/{case.number}/timeline", params={"limit": 2})).json()
        second = (
            await http.get(f"/api/v1/cases/{case.number}/timeline", params={"limit": 2, "cursor": first["next"]})
        ).json()
        wrong = await http.get(f"/api/v1/cases/{case.number}/timeline", params={"cursor": "x"})
    assert [item["kind"] for item in first["items"]] == ["note", "activity"]
    assert first["items"][1]["activity"]["title"] == "Call"
    assert first["items"][0]["actor"] == "berta"
    assert second["next"] is None
    assert second["items"][0]["message"]["text"] == "It is broken."
    assert second["items"][0]["message"]["attachments"][0]["filename"] == "a.txt"
    assert wrong.status_code == 422


async def test_promises_and_process(world: World) -> None:
    case = await world.case()
    instance = new_id()
    kpi = {
        "id": str(instance),
        "ordinal": 1,
        "kpi": "first-response",
        "item": 0,
        "item_name": "Gold",
        "sla": {"slug": "gold", "version": 1},
        "calendar": None,
        "began_on": AT.isoformat(),
        "applicable_from": AT.isoformat(),
        "warning_at": None,
        "failure_at": (AT + timedelta(minutes=15)).isoformat(),
        "held_seconds": 90,
    }
    process = {
        "slug": "phone",
        "name": "Phone to case",
        "stages": [
            {
                "slug": "identify",
                "name": "Identify",
                "steps": [
                    {"field": "custom.device", "label": "Device", "required": True},
                    {"field": "title", "label": "Title", "required": True},
                ],
            },
            {"slug": "resolve", "name": "Resolve"},
        ],
    }
    state = {
        "definition": "phone",
        "version": 1,
        "stage": "identify",
        "path": ["identify"],
        "stage_entered_on": AT.isoformat(),
    }
    async with world.http() as http:
        empty = (await http.get(f"/api/v1/cases/{case.number}/process")).json()
        assert (empty["definition"], empty["stages"]) == (None, [])
        async with world.house.database.write() as session:
            session.add(KpiRow(id=instance, case_id=case.id, kpi="first-response", status="in-progress", body=kpi))
            session.add(DefinitionRecord(kind="process", slug="phone", version=1, status="active", body=process))
            session.add(ProcessInstance(case_id=case.id, definition="phone", version=1, state=state, started_on=AT))
        sla = (await http.get(f"/api/v1/cases/{case.number}/sla")).json()
        shown = (await http.get(f"/api/v1/cases/{case.number}/process")).json()
    assert sla["items"][0]["failure_at"] == "2031-03-03T09:15:00Z"
    assert sla["items"][0]["held_minutes"] == 1.5
    assert shown["stage"] == "identify"
    assert [(step["field"], step["missing"]) for step in shown["stages"][0]["steps"]] == [
        ("custom.device", True),
        ("title", False),
    ]


async def test_an_unknown_case_is_named(world: World) -> None:
    async with world.http() as http:
        answer = await http.get("/api/v1/cases/CAS-00001-AAAAAA")
    assert answer.status_code == 404
    assert answer.json() == {
        "type": "/problems/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "there is no case 'CAS-00001-AAAAAA'",
        "instance": "/api/v1/cases/CAS-00001-AAAAAA",
    }
