"""One rule of sight: what a private queue hides is hidden on every route, in every list, and in every repeated answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from desk.commands import body_hash, command_id
from desk.opening import OPEN as OPENED
from models.messages.api_cases import NewCaseBody, stored
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Command
from models.records.mails import Attachment, EmailMessage
from models.records.promises import LedgerEntry
from models.records.reference import Agent, DefinitionRecord, Entitlement, Mailbox, Team, TeamMember
from models.records.timeline import Activity, TimelineEntry
from tests.api.conftest import AT, World
from tests.api.route_table import TOKEN_OF, ask, path_of, protected


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The condition of sight is the same on both; lists and commands on both are tested elsewhere."""
    return sqlite_url


class Hidden(NamedTuple):
    """What is private to the queue `inner`, which carl does not belong to, and a case that carl sees beside it."""

    case: Case
    seen: Case
    merged: Case
    activity: UUID
    attachment: UUID
    message: UUID
    operation: UUID
    contract: str

    def keys(self) -> dict[str, str]:
        return {"case": self.case.number, "queue": "inner", "activity": str(self.activity)} | {
            "attachment": str(self.attachment),
            "message": str(self.message),
            "operation": str(self.operation),
        }


SECRET = "A matter of the inner queue"
OLD = "an-old-key"


ASKS = {"any": [{"field": "queue.slug", "op": op, "value": value} for op, value in (
    ("eq", "inner"), ("in", ["support", "inner"]), ("ne", "Inner"), ("starts-with", "inner"), ("contains", "inner"),
)] + [{"field": "case.queue", "value": "inner"}]}  # fmt: skip
SUCCESS = {"all": [{"field": "case.status", "value": "resolved"}]}
NAMING: dict[str, dict[str, Any]] = {
    "sla": {
        "items": [
            {
                "name": "A",
                "kpi": "k",
                "success": SUCCESS,
                "applicable_when": ASKS,
                "fail_after": "1 hour",
                "actions": [{"on": "failure", "do": "route", "queue": "inner"}],
                "escalation": [{"after": "1 hour", "actions": [{"do": "route", "queue": "inner"}]}],
            }
        ]
    },
    "kpi": {"pause_when": ASKS},
    "process": {
        "stages": [
            {"slug": "a", "name": "A", "branches": [{"when": ASKS, "to": "b"}]},
            {"slug": "b", "name": "B", "on_entry": [{"do": "route", "queue": "inner"}]},
        ]
    },
    "routing-rule-set": {"rules": [{"name": "A", "when": ASKS, "queue": "inner"}]},
    "record-creation-rule": {"queue": "inner", "items": [{"name": "A", "when": ASKS}]},
}
"""Definitions that name it."""


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
        for kind, body in NAMING.items():
            named = {"slug": "support", "name": "N", **body}
            session.add(DefinitionRecord(kind=kind, slug="support", version=1, status="active", body=named))
    return Hidden(case, seen, merged, activity, file, mail, operation, "care")


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


PARAMETER = {"case": "number"}
"""`id` for all others."""


async def test_what_is_out_of_sight_is_answered_as_what_does_not_exist(world: World) -> None:
    """Every route whose address names it, every verb; also with the key of a command that was done when it was in sight."""
    hidden, tried = await hidden_things(world), 0
    async with world.http("carl") as http:
        for route, operation, method, row in protected(world):
            if row.names is None:
                continue
            parameter = "key" if operation == "read_queue" else PARAMETER.get(row.names, "id")
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
                answer = await http.get(path)
                assert answer.status_code < 500 or "file-lost" in answer.text, path
                found.append(answer.text)
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


async def test_a_condition_shows_null_for_a_queue_that_is_out_of_sight(world: World) -> None:
    await hidden_things(world)
    shown = {}
    for who in ("carl", "berta"):
        async with world.http(who) as http:
            sla = (await http.get("/api/v1/slas/support")).json()["body"]
            shown[who] = [clause["value"] for clause in sla["items"][0]["applicable_when"]["any"]]
    assert shown["carl"] == [None, ["support", None], None, None, None, None]
    assert shown["berta"] == ["inner", ["support", "inner"], "Inner", "inner", "inner", "inner"]


async def test_everybody_reads_who_they_are(world: World) -> None:
    async with world.house.database.write() as session:
        team = new_id()
        session.add(Team(id=team, slug="gold", name="Gold"))
        await session.flush()
        session.add(TeamMember(team_id=team, agent_id=world.agents["berta"]))
        berta = update(Agent).where(Agent.slug == "berta")
        await session.execute(berta.values(capacity=7, load=2, time_zone="Asia/Tokyo", roles=["manager", "agent"]))
    support = {"slug": "support", "name": "Support", "private": False, "membership": None}
    inner = {"slug": "inner", "name": "Inner", "private": True}
    async with world.http("berta") as http:
        told = (await http.get("/api/v1/me")).json()
    assert told == {
        "id": str(world.agents["berta"]),
        "slug": "berta",
        "name": "Berta",
        "email": "berta@house.example",
        "roles": ["agent"],
        "held": ["agent", "manager"],
        "queues": [inner | {"membership": "member"}, support],
        "teams": [{"slug": "gold", "name": "Gold"}],
        "load": 2,
        "capacity": 7,
        "time_zone": "Asia/Tokyo",
        "language": "en",
    }
    for who, queues in (
        ("carl", [support]),
        ("mona", [inner | {"membership": "owner"}, support | {"membership": "owner"}]),
        ("ada", [inner | {"membership": None}, support]),
        ("kim", [support]),
    ):
        async with world.http(who) as http:
            told = (await http.get("/api/v1/me")).json()
        assert (told["slug"], told["queues"], told["capacity"], told["time_zone"]) == (who, queues, None, "UTC")


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


async def test_an_activity_of_no_case_is_hidden_with_the_queue_that_it_arrived_in(world: World) -> None:
    free = new_id()
    async with world.house.database.write() as session:
        row = {"kind": "task", "status": "open", "title": SECRET, "created_on": AT}
        session.add(Activity(id=free, queue="inner", owner_id=world.agents["berta"], **row))
    one = f"/api/v1/activities/{free}"
    ways: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", one, None),
        ("PATCH", one, {"title": "Mine"}),
        ("POST", f"{one}/assign", {"agent": "carl"}),
        ("POST", f"{one}/complete", {}),
        ("POST", f"{one}/convert", {"customer": "ito-works"}),
    ]
    async with world.http("carl") as http:
        for method, path, body in ways:
            assert (await http.request(method, path, json=body)).status_code == 404, (method, path)
        assert (await http.get("/api/v1/activities?case=none")).json()["items"] == []
    for who in ("berta", "mona"):
        async with world.http(who) as http:
            assert [each["title"] for each in (await http.get("/api/v1/activities")).json()["items"]] == [SECRET]
    async with world.house.database.write() as session:
        await session.execute(update(Activity).values(owner_id=world.agents["carl"]))
    async with world.http("carl") as http:
        assert (await http.get(one)).json()["title"] == SECRET, "as of one's own case"


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
