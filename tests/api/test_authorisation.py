"""Generated from the route table, so that a new route cannot escape it: every route, every role, and objects out of sight.

A route without a row in `ROWS` fails the first test. The others ask each route without a token in every way there is, in
each role, and for what the caller may not see; and read everything that can be read, to find what should not be named there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple, get_args
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel
from sqlalchemy import update

from api.auth import current_identity
from desk.commands import body_hash, command_id
from desk.identity import create_token, revoke, token_id
from desk.opening import OPEN as OPENED
from models.messages.api_cases import NewCaseBody, stored
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Activity, Case, Command, LedgerEntry, TimelineEntry
from models.records.mails import Attachment, EmailMessage
from models.records.reference import Agent, Entitlement, Mailbox
from tests.api.conftest import AT, World

FRAMEWORK = {"/openapi.json"}
OPEN = {"/healthz", "/metrics", "/api/v1/healthz", "/api/v1/metrics", "/docs"}
"""What anybody may ask, and nothing else."""

TOKEN_OF = {
    Role.AGENT: "carl",
    Role.MANAGER: "mona",
    Role.ADMINISTRATOR: "ada",
    Role.KNOWLEDGE_MANAGER: "kim",
}

ANYBODY = frozenset(Role)
WORKERS = ANYBODY - {Role.KNOWLEDGE_MANAGER}
MANAGERS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
PUBLISHERS = MANAGERS | {Role.KNOWLEDGE_MANAGER}


class Row(NamedTuple):
    """Who may call it, and what its address names, if that may be out of sight."""

    roles: frozenset[Role]
    names: str | None = None


def rows(roles: frozenset[Role], names: str | None, *operations: str) -> dict[str, Row]:
    return {name: Row(roles, names) for each in operations for name in each.split()}


def _kind(one: str, many: str, writers: frozenset[Role], readers: frozenset[Role] = ANYBODY) -> dict[str, Row]:
    return rows(readers, None, f"list_{many} read_{one}") | rows(
        writers, None, f"create_{one} change_{one} activate_{one} deactivate_{one}"
    )


ROWS: dict[str, Row] = {
    **rows(
        WORKERS,
        "case",
        "read_case read_case_timeline read_case_sla read_case_process change_case resolve_case cancel_case",
        "reactivate_case hold_case resume_case pick_case release_case assign_case route_case apply_routing",
        "remove_from_queue next_stage previous_stage set_active_stage finish_process abandon_process",
        "reactivate_process switch_process reply undo_reply note add_activity attach_article detach_article",
        "save_draft read_draft",
    ),
    **rows(WORKERS, "activity", "complete_activity cancel_activity"),
    **rows(WORKERS, "attachment", "download_attachment"),
    **rows(WORKERS, "operation", "read_operation"),
    **rows(WORKERS, "queue", "pick_next"),
    **rows(WORKERS, None, "list_cases open_case upload_attachment"),
    **rows(MANAGERS, None, "list_mailbox_status read_mailbox_status list_mail_log list_audit"),
    **rows(MANAGERS, None, "list_incidents read_incident retry_incident dismiss_incident"),
    **rows(MANAGERS, None, "list_quarantine download_held_mail rerun_held_mail release_held_mail dismiss_held_mail"),
    **rows(MANAGERS, None, "list_suppressions add_suppression lift_suppression"),
    **rows(ADMINISTRATORS, None, "create_token revoke_token change_organisation"),
    **rows(ANYBODY, None, "read_organisation list_ledger"),
    **_kind("agent", "agents", ADMINISTRATORS),
    **_kind("team", "teams", MANAGERS),
    **_kind("queue", "queues", MANAGERS),
    **rows(ANYBODY, "queue", "read_queue"),
    **_kind("account", "accounts", MANAGERS),
    **_kind("contact", "contacts", MANAGERS),
    **_kind("product", "products", MANAGERS),
    **_kind("subject", "subjects", MANAGERS),
    **_kind("mailbox", "mailboxes", ADMINISTRATORS, readers=MANAGERS),
    **_kind("entitlement", "entitlements", MANAGERS),
    **rows(MANAGERS, None, "cancel_entitlement renew_entitlement set_default_entitlement"),
    **_kind("sla", "slas", MANAGERS),
    **_kind("kpi", "kpi_definitions", MANAGERS),
    **_kind("calendar", "calendars", MANAGERS),
    **_kind("routing_rule_set", "routing_rule_sets", MANAGERS),
    **_kind("record_creation_rule", "record_creation_rules", MANAGERS),
    **_kind("process", "processes", MANAGERS),
    **_kind("template", "templates", MANAGERS),
    **rows(ANYBODY, None, "list_sla_versions list_kpi_versions list_calendar_versions list_routing_rule_set_versions"),
    **rows(ANYBODY, None, "list_record_creation_rule_versions list_process_versions list_template_versions"),
    **rows(ANYBODY, None, "list_articles read_article list_article_versions create_article change_article"),
    **rows(PUBLISHERS, None, "approve_article reject_article publish_article"),
}

NAMED: dict[str, Any] = {"slug": "new-one", "name": "New"}
BODIES: dict[str, Any] = {
    "create_agent": NAMED | {"email": "new@house.example", "roles": ["agent"]},
    "create_team": NAMED,
    "create_queue": NAMED | {"owner": "mona"},
    "create_account": NAMED,
    "create_contact": NAMED | {"email": "new@ito.example"},
    "create_product": NAMED,
    "create_subject": NAMED,
    "create_mailbox": {
        "slug": "new-one",
        "address": "new@house.example",
        "display_name": "New",
        "imap": {"host": "127.0.0.1", "port": 1, "user": "new", "tls": "none"},
        "smtp": {"host": "127.0.0.1", "port": 1, "tls": "none"},
    },
    "create_entitlement": NAMED
    | {"account": "ito-works", "start": "2031-01-01", "end": "2031-12-31", "total_terms": 5},
    "create_sla": NAMED | {"items": [{"name": "A", "kpi": "k", "success": {"all": []}, "fail_after": "1 hour"}]},
    "create_kpi": NAMED,
    "create_calendar": {"slug": "new-one", "time_zone": "UTC", "hours": "24x7"},
    "create_routing_rule_set": NAMED | {"rules": []},
    "create_record_creation_rule": NAMED | {"queue": "support", "items": [{"name": "All"}]},
    "create_process": NAMED | {"stages": [{"slug": "a", "name": "A"}]},
    "create_template": NAMED | {"texts": {"en": {"subject": "S", "body": "B"}}},
    "create_article": {"slug": "new-one", "title": "New", "body": "Words"},
    "create_token": {"role": "agent"},
    "assign_case": {"agent": "berta"},
    "route_case": {"queue": "support"},
}


def routes(world: World) -> Iterator[RouteContext]:
    found = [route for route in iter_route_contexts(world.app.routes) if route.methods and route.path not in FRAMEWORK]
    assert len(found) > 30, "the route table is not where this test looks for it"
    yield from found


def protected(world: World) -> Iterator[tuple[RouteContext, str, str, Row]]:
    """Each route that asks for a token, with its operation, its method and its row."""
    for route in routes(world):
        if route.path not in OPEN:
            for method in route.methods or ():
                operation = str(route.operation_id)
                yield route, operation, method, ROWS[operation]


def calls(route: RouteContext) -> set[Any]:
    """Everything that is called before the route's own function."""
    waiting, found = [route.dependant], set()
    while waiting:
        dependant = waiting.pop()
        found.add(dependant.call)
        waiting += dependant.dependencies
    return found


def path_of(route: RouteContext, **known: str) -> str:
    """The route's path with something for each parameter that passes its pattern."""
    known = {"number": "CAS-00001-A1B2C3", "address": "a@b.example", **known}
    return re.sub(r"\{(\w+)[^}]*\}", lambda name: known.get(name[1], str(uuid4())), route.path or "")


def body_of(route: RouteContext) -> Any:
    """A valid body: a known one, or the example that the route's description gives."""
    if route.body_field is None:
        return None
    if (body := BODIES.get(str(route.operation_id))) is not None:
        return body
    annotation = route.body_field.field_info.annotation
    candidates = (annotation, *get_args(annotation))
    model = next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)
    if model is None:
        return {}  # a merge patch
    return model.model_json_schema()["examples"][0]


async def ask(http: httpx.AsyncClient, route: RouteContext, method: str, path: str, **headers: str) -> httpx.Response:
    given = {"If-Match": "*"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if route.operation_id == "upload_attachment":
        return await http.request(method, path, files={"file": ("a", b"1")}, headers=given)
    return await http.request(method, path, json=body_of(route), headers=given)


# ---- the table -------------------------------------------------------------------------------------------------------


async def test_every_route_has_its_row(world: World) -> None:
    assert {str(route.operation_id) for route in routes(world) if route.path not in OPEN} == set(ROWS)


async def test_only_the_open_list_is_open(world: World) -> None:
    for route in routes(world):
        assert (route.path in OPEN) != (current_identity in calls(route)), route.path


# ---- without a token -------------------------------------------------------------------------------------------------


async def tokens_that_open_nothing(world: World) -> dict[str, str]:
    """Of an agent who was deactivated, one whose role was taken, and one that was revoked."""
    house, found = world.house, {}
    async with house.database.write() as session:
        for slug in ("gone", "demoted", "revoked"):
            session.add(Agent(id=new_id(), slug=slug, name=slug, email=f"{slug}@x.example", roles=["administrator"]))
            await session.flush()
            found[slug] = await create_token(session, slug, Role.ADMINISTRATOR, actor="test", now=AT)
        await session.execute(update(Agent).where(Agent.slug == "gone").values(active=False))
        await session.execute(update(Agent).where(Agent.slug == "demoted").values(roles=["agent"]))
        revoked = await token_id(session, found["revoked"])
        assert revoked is not None
        await revoke(session, revoked, actor="test", now=AT)
    return found


async def test_every_route_without_a_token_is_401_whatever_else_is_wrong(world: World) -> None:
    """Before its address, its headers and its body are looked at."""
    dead = await tokens_that_open_nothing(world)
    authorizations: list[dict[bytes, bytes]] = [
        {},
        {b"Authorization": b"Bearer"},
        {b"Authorization": b"Bearer " + b"x" * 5000},
        {b"Authorization": b"Basic YTpi"},
        {b"Authorization": b"Basic /w=="},
        {b"Authorization": "Bearer é€".encode()},
        {b"Authorization": b"Bearer \xff\xfe"},
        *({b"Authorization": f"Bearer {token}".encode()} for token in dead.values()),
    ]
    contents = (b"{", b"\xff", b"[" * 5000, b'{"x": NaN}', b"", b"x" * 3_000_000)
    async with world.http(None) as http:
        for position, (route, operation, method, _) in enumerate(protected(world)):
            for turn, authorization in enumerate(authorizations):
                content = contents[(position + turn) % len(contents)] if method != "GET" else b""
                kind = b"multipart/form-data" if operation == "upload_attachment" else b"application/json"
                headers = authorization | {b"Content-Type": kind, b"If-Match": b"wrong", b"Idempotency-Key": b"\xff"}
                path = path_of(route) if turn % 2 else path_of(route, number="no%20number", id="no-id", key="%00")
                answer = await http.request(method, f"{path}?limit=many", content=content, headers=headers)
                assert answer.status_code == 401, f"{method} {path} {authorization} {answer.text}"
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["www-authenticate"] == "Bearer"


# ---- in each role ----------------------------------------------------------------------------------------------------


async def test_every_route_answers_its_roles_and_refuses_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.opening.OPEN_WITHIN", 0.0)
    refused = 0
    for role, who in TOKEN_OF.items():
        async with world.http(who) as http:
            for route, operation, method, row in protected(world):
                answer = await ask(http, route, method, path_of(route))
                what = f"{method} {route.path} as {role}: {answer.status_code} {answer.text[:200]}"
                assert answer.status_code < 500, what
                assert answer.status_code != 401, what
                if operation in BODIES and operation.startswith("create_"):
                    assert answer.status_code != 422, f"{what}: the body is no valid one, so that its role is not seen"
                if role in row.roles:
                    assert answer.status_code != 403, what
                else:
                    assert answer.status_code == 403, what
                    refused += 1
    assert refused > 150


# ---- out of sight ----------------------------------------------------------------------------------------------------


class Hidden(NamedTuple):
    """What is private to the queue `inner`, which carl does not belong to, and a case that carl sees beside it."""

    case: Case
    seen: Case
    merged: Case
    activity: UUID
    attachment: UUID
    operation: UUID
    contract: str

    def keys(self) -> dict[str, str]:
        return {"case": self.case.number, "queue": "inner", "activity": str(self.activity)} | {
            "attachment": str(self.attachment),
            "operation": str(self.operation),
        }


SECRET = "A matter of the inner queue"
OLD = "an-old-key"


async def hidden_things(world: World) -> Hidden:
    case = await world.case("inner", title=SECRET)
    seen = await world.case("support", linked_case_id=case.id, parent_id=case.id)
    merged = await world.case(None, status="cancelled", merged_into=case.number)
    carl, mailbox, mail, file, activity, contract = world.agents["carl"], *(new_id() for _ in range(5))
    operation = command_id(carl, OLD)
    async with world.house.database.write() as session:
        session.add(Mailbox(id=mailbox, slug="m", address="m@house.example", display_name="M", settings={}))
        session.add(
            Entitlement(
                id=contract,
                slug="care",
                name="Care",
                account_id=world.account,
                start=AT.date(),
                end=(AT + timedelta(days=300)).date(),
                restricted=True,
                allocation="cases",
                decrease_on="resolution",
                status="active",
                total_terms=5,
                remaining_terms=3,
                products=[],
                contacts=[],
            )
        )
        await session.flush()
        session.add(email(mail, case.id, mailbox))
        await session.flush()
        session.add(attachment(file, mail, carl))
        for owner in (case, seen):
            session.add(ledger_entry(owner.id, contract))
        session.add(Activity(id=activity, case_id=case.id, kind="task", status="open", title=SECRET, created_on=AT))
        session.add(done(operation, case.id, carl, "note", "x"))
        for number, data in enumerate(({"related": case.number}, {"queue": "inner", "was": "support"})):
            session.add(TimelineEntry(case_id=seen.id, key=f"t/{number}", at=AT, kind="told", data=data))
    return Hidden(case, seen, merged, activity, file, operation, "care")


def email(id: UUID, case_id: UUID, mailbox: UUID) -> EmailMessage:
    return EmailMessage(
        id=id,
        direction="in",
        case_id=case_id,
        mailbox_id=mailbox,
        message_id="<a@b>",
        message_id_hash=id.hex,
        content_hash=id.hex,
        references=[],
        sender="ada@ito.example",
        recipients={},
        subject=SECRET,
        text=SECRET,
        defects=[],
    )


def attachment(id: UUID, message: UUID | None, by: UUID) -> Attachment:
    return Attachment(
        id=id,
        message_id=message,
        position=0,
        filename="inner.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        uploaded_by=by,
    )


def ledger_entry(case_id: UUID, contract: UUID) -> LedgerEntry:
    return LedgerEntry(entitlement_id=contract, case_id=case_id, event="resolved", ordinal=0, terms=-1, at=AT)


def done(id: UUID, case_id: UUID, actor: UUID, kind: str, digest: str, **result: Any) -> Command:
    return Command(
        id=id,
        case_id=case_id,
        actor_id=actor,
        key=OLD,
        kind=kind,
        body={},
        body_hash=digest,
        state="done",
        result={"version": 1, "resource": None, **result},
        applied_on=AT,
        applied_version=1,
    )


PARAMETER = {"case": "number", "queue": "id", "activity": "id", "attachment": "id", "operation": "id"}


async def test_what_is_out_of_sight_is_answered_as_what_does_not_exist(world: World) -> None:
    """Every route whose address names it, every verb; also with the key of a command that was done when it was in sight."""
    hidden, tried = await hidden_things(world), 0
    async with world.http("carl") as http:
        for route, operation, method, row in protected(world):
            if row.names is None:
                continue
            parameter = "key" if operation == "read_queue" else PARAMETER[row.names]
            key = hidden.keys()[row.names]
            absent = {"case": "CAS-99999-ZZZZZZ", "queue": "nowhere"}.get(row.names, str(uuid4()))
            for headers in ({}, {"Idempotency_Key": OLD}):
                there = await ask(http, route, method, path_of(route, **{parameter: key}), **headers)
                nowhere = await ask(http, route, method, path_of(route, **{parameter: absent}), **headers)
                assert (there.status_code, nowhere.status_code) == (404, 404), f"{method} {route.path}: {there.text}"
                told = there.json() | {"instance": ""}
                assert told == nowhere.json() | {
                    "instance": "",
                    "detail": nowhere.json()["detail"].replace(absent, key),
                }
                tried += 1
    assert tried > 60


async def test_what_is_in_sight_is_there_for_its_members_and_managers(world: World) -> None:
    """The same addresses, so that a 404 above is no mistyped one."""
    hidden = await hidden_things(world)
    await world.house.files.put(b"1")
    for who in ("berta", "mona", "ada"):
        async with world.http(who) as http:
            for path in (
                f"/cases/{hidden.case.number}",
                *(f"/cases/{hidden.case.number}/{part}" for part in ("timeline", "sla", "process", "draft")),
                "/queues/inner",
            ):
                answer = await http.get(f"/api/v1{path}")
                assert answer.status_code in (200, 404 if path.endswith("/process") else 200), (
                    f"{who} {path} {answer.text}"
                )
            file = await http.get(f"/api/v1/attachments/{hidden.attachment}")
            assert file.json()["type"] == "/problems/file-lost", "it is seen, and its bytes are not in the store"


async def everything_read(world: World, who: str, hidden: Hidden) -> str:
    """All that a reader gets from every route without a body, for what they may see, with every filter that names it."""
    found = []
    async with world.http(who) as http:
        for route, _, method, row in protected(world):
            if method != "GET" or TOKENS[who] not in row.roles:
                continue
            for number in (hidden.seen.number, hidden.merged.number):
                path = path_of(route, number=number, key=hidden.contract if "ledger" in str(route.path) else "support")
                found.append((await http.get(path)).text)
        queries = (
            *("", "status=active", "owner=none", "customer=ito-works", "sort=-created", "sort=number", "sort=priority"),
            *("q=matter", "q=inner", "priority=normal", f"q={hidden.case.number[:9]}"),
        )
        found += [(await http.get(f"/api/v1/cases?{query}")).text for query in queries]
    return "\n".join(found)


TOKENS = {who: role for role, who in TOKEN_OF.items()} | {"berta": Role.AGENT}


async def test_nothing_that_can_be_read_names_what_is_out_of_sight(world: World) -> None:
    """Related, parent, merged into, ledger, timeline, lists of queues and cases, operations, and whatever comes later."""
    hidden = await hidden_things(world)
    told = await everything_read(world, "carl", hidden)
    for secret in (hidden.case.number, SECRET, "Inner", '"inner"', str(hidden.case.id)):
        assert secret not in told, told[max(0, told.find(secret) - 300) : told.find(secret) + 100]
    assert hidden.seen.number in told
    told = await everything_read(world, "berta", hidden)
    for known in (hidden.case.number, SECRET, "Inner", '"inner"'):
        assert known in told


async def test_a_case_that_has_left_its_private_queue_stays_out_of_sight(world: World) -> None:
    hidden = await hidden_things(world)
    async with world.house.database.write() as session:
        await session.execute(update(Case).where(Case.id == hidden.case.id).values(queue=None, status="resolved"))
    assert hidden.case.number not in await everything_read(world, "carl", hidden)
    async with world.http("carl") as http:
        assert (await http.get(f"/api/v1/cases/{hidden.case.number}")).status_code == 404


async def test_ones_own_case_is_in_sight_wherever_it_stands(world: World) -> None:
    hidden = await hidden_things(world)
    async with world.house.database.write() as session:
        await session.execute(update(Case).where(Case.id == hidden.case.id).values(owner_id=world.agents["carl"]))
    async with world.http("carl") as http:
        assert (await http.get(f"/api/v1/cases/{hidden.case.number}")).status_code == 200
        assert (await http.get(f"/api/v1/operations/{hidden.operation}")).json()["case"] == hidden.case.number


# ---- replays ---------------------------------------------------------------------------------------------------------

NEW: dict[str, Any] = {"title": "It does not pair", "customer": "ito-works"}


async def test_a_repeated_request_shows_nothing_of_a_case_that_has_moved_out_of_sight(world: World) -> None:
    """Opening, picking next and uploading, whose address does not name the case."""
    hidden, carl = await hidden_things(world), world.agents["carl"]
    asked = command_id(carl, "next").hex
    async with world.house.database.write() as session:
        digest = body_hash("", OPENED, stored(NewCaseBody.model_validate(NEW)))
        session.add(done(command_id(carl, "opened"), hidden.case.id, carl, OPENED, digest))
        session.add(done(command_id(carl, f"{asked}/0"), hidden.case.id, carl, "pick", "x"))
    async with world.http("carl") as http:
        file = {"files": {"file": ("inner.pdf", b"1")}, "headers": {"Idempotency-Key": "up"}}
        uploaded = (await http.post("/api/v1/attachments", **file)).json()["id"]  # type: ignore[arg-type]
        for moved in (False, True):
            async with world.house.database.write() as session:
                # First where carl sees it, then as it went back into the private queue.
                owner = None if moved else carl
                await session.execute(update(Case).where(Case.id == hidden.case.id).values(owner_id=owner))
                mail = await session.get_one(Attachment, hidden.attachment)
                await session.execute(
                    update(Attachment)
                    .where(Attachment.id == UUID(uploaded))
                    .values(message_id=mail.message_id, position=7)
                )
            answers = [
                await http.post("/api/v1/cases", json=NEW, headers={"Idempotency-Key": "opened"}),
                await http.post("/api/v1/queues/support/next", headers={"Idempotency-Key": "next"}),
                await http.post("/api/v1/attachments", **file),  # type: ignore[arg-type]
            ]
            statuses = [answer.status_code for answer in answers]
            assert statuses == ([404, 404, 404] if moved else [201, 200, 201]), [answer.text for answer in answers]
            if moved:
                assert not any(SECRET in answer.text or "inner" in answer.text for answer in answers[:2])


async def test_a_case_is_not_routed_into_a_queue_that_is_out_of_sight(world: World) -> None:
    case = await world.case("support")
    async with world.http("carl") as http:
        for queue in ("inner", "nowhere"):
            answer = await http.post(f"/api/v1/cases/{case.number}/route", json={"queue": queue})
            assert (answer.status_code, answer.json()["detail"]) == (404, f"there is no queue '{queue}'")
