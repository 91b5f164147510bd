"""What an operator does with a mail that is on no case: every state that a mail can be in, every action, over HTTP."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from mail.imap.syntax import MOST
from mailroom.arrival import LARGEST_MAIL, Arrived, HeldUnread, read_mail
from mailroom.fetching import Fetched
from mailroom.placing import Placing
from models.messages.mailflow import HoldReason
from models.records.base import new_id
from models.records.cases import Case, Delivery
from models.records.mails import Attachment, EmailMessage, InboundMail
from models.records.reference import DefinitionRecord, Mailbox
from servers.postgres import PostgresServer
from storage.engines import Database
from tests.api.conftest import AT, World, make_world
from tests.support.databases import sqlite_address
from tests.support.mailroom import SUPPORT, Told, letter

BOX = "/api/v1/mailboxes/support"
HOME = "@home.example"
"""Where strangers write from, each once."""
DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(200))
REPORT = b"""\
From: MAILER-DAEMON@mx.example
To: support@house.example
Subject: Undelivered
Message-ID: <%s>
Auto-Submitted: auto-replied
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ann@b.example
Action: failed
Status: 5.1.1
--b--
"""


@dataclass(frozen=True)
class State:
    """How a mail came to be there. `raw` makes a new one; `refused`: why intake did not read it; `elsewhere`: its bytes are
    on the mail server alone."""

    verdict: str
    reason: str
    raw: Callable[[], bytes] = letter
    refused: HoldReason | None = None
    elsewhere: bool = False
    rule: str = "known"


_numbers = iter(range(1, 100_000))


def stranger() -> str:
    return f"kim{next(_numbers)}{HOME}"


def deep() -> bytes:
    return b"From: Kim <%s>\r\nSubject: Deep\r\n" % stranger().encode() + DEEP


def by_stranger(**headers: Any) -> Callable[[], bytes]:
    return lambda: letter(from_=stranger(), **headers)


def from_nobody() -> bytes:
    return b"\x00 %d" % next(_numbers)


def blank() -> bytes:
    return letter("", subject="", from_=stranger())


by = partial(partial, letter)
QUOTED = "CAS-00001-AAAAAA"
STATES = {
    "sender-unknown": State("held", "sender-unknown", by_stranger()),
    "no-entitlement": State("held", "no-entitlement", by(from_="ada@ito.example"), rule="covered"),
    "no-rule": State("held", "no-rule", rule="none"),
    "brake": State("held", "loop", by(from_="loop@robot.example"), rule="braked"),
    "unproven": State(
        "held",
        "foreign-token",
        lambda: b"From: a@evil.example\r\n" + letter(subject=f"Re: [{QUOTED}]"),
    ),
    "blank": State("held", "blank", blank),
    "no-sender": State("held", "no-sender", from_nobody),
    "unparseable": State("held", "unparseable", deep, HoldReason.UNPARSEABLE),
    "too-deep": State("held", "too-deep", deep),
    "too-many-parts": State("held", "too-many-parts", deep, HoldReason.TOO_MANY_PARTS),
    "too-large": State("held", "too-large", letter, HoldReason.TOO_LARGE),
    "too large to be fetched": State("held", "too-large", letter, HoldReason.TOO_LARGE, elsewhere=True),
    "intake-failed": State("held", "intake-failed", letter, HoldReason.INTAKE_FAILED),
    "not-delivered": State("held", "not-delivered", letter, HoldReason.NOT_DELIVERED, elsewhere=True),
    "automatic": State("filed", "automatic", by_stranger(auto_submitted="auto-replied"), rule="open"),
    "own mail": State("filed", "loop", by(from_=SUPPORT), rule="open"),
    "a report of no letter": State("filed", "automatic", lambda: REPORT % b"%d@mx" % next(_numbers), rule="open"),
    "filed by an item": State("filed", "by-item", lambda: letter(subject=f"spam {next(_numbers)}"), rule="open"),
    "no item": State("filed", "no-item", by_stranger(), rule="itemless"),
}
ALWAYS = {"name": "All mail"}
SPAM = {
    "name": "Spam",
    "when": {"all": [{"field": "email.subject", "op": "contains", "value": "spam"}]},
    "action": "file",
}
RULES: dict[str, dict[str, Any]] = {
    "known": {"items": [ALWAYS]},
    "covered": {"items": [ALWAYS], "require_entitlement": True},
    "open": {"items": [SPAM, ALWAYS], "allow_unknown_senders": True, "create_contact": True},
    "braked": {"items": [ALWAYS], "allow_unknown_senders": True},
    "itemless": {"items": [SPAM], "allow_unknown_senders": True},
}


class Room:
    """A mailbox for each rule that its mail is decided by, and a case that mail is filed on."""

    def __init__(self, world: World) -> None:
        self.world, self.house, self.told = world, world.house, Told()
        self.elsewhere: dict[int, bytes | None] = {}
        self.uid = 0

    @property
    def placing(self) -> Placing:
        return self.house.quarantine.placing

    async def begin(self) -> None:
        self.house.quarantine.dispatcher = self.told
        self.house.quarantine.ask = self.ask
        await self.world.case(number=QUOTED)
        async with self.house.database.write() as session:
            for slug in (*RULES, "none"):
                address = SUPPORT if slug == "known" else f"{slug}@house.example"
                box = "support" if slug == "known" else slug
                session.add(
                    Mailbox(
                        id=new_id(), slug=box, address=address, display_name=box, queue=slug, uidvalidity=1, settings={}
                    )
                )
            for slug, body in RULES.items():
                rule = {"slug": slug, "name": slug, "queue": slug, **body}
                session.add(
                    DefinitionRecord(
                        id=new_id(), kind="record-creation-rule", slug=slug, version=1, status="active", body=rule
                    )
                )
            caps = {"name": "House", "slug": "organisation", "new_cases_per_sender": 60}
            session.add(
                DefinitionRecord(
                    id=new_id(), kind="organisation", slug="organisation", version=1, status="active", body=caps
                )
            )

    async def ask(self, mailbox: Mailbox, entry: InboundMail) -> Fetched | None:
        raw = self.elsewhere.get(entry.uid)
        return None if raw is None else Fetched(entry.uid, len(raw), raw)

    def box(self, state: State) -> str:
        return "support" if state.rule == "known" else state.rule

    async def arrives(self, state: State, raw: bytes | None = None) -> tuple[UUID, bytes]:
        """One more mail, in that state."""
        self.uid += 1
        uid, raw = self.uid, raw or state.raw()
        async with self.house.database.read() as session:
            mailbox = (await session.scalars(select(Mailbox).where(Mailbox.slug == self.box(state)))).one()
        rules = await self.placing.house_rules(mailbox)
        if state.rule == "braked":
            rules = replace(rules, organisation=rules.organisation.model_copy(update={"new_cases_per_sender": 0}))
        if state.refused is None:
            arrived = await read_mail(uid, raw, self.house.files, rules.own_addresses, LARGEST_MAIL)
        else:
            sha256 = "" if state.elsewhere else await self.house.files.put(raw)
            self.elsewhere[uid] = raw if state.elsewhere else None
            arrived = Arrived(uid, sha256, len(raw), refusal=HeldUnread(state.refused, "as it came"))
        await self.placing.take_in(arrived, rules, mailbox.intake_epoch, 1, AT + timedelta(seconds=uid))
        async with self.house.database.read() as session:
            wanted = select(InboundMail).where(InboundMail.uid == uid, InboundMail.mailbox_id == mailbox.id)
            entry = (await session.scalars(wanted)).one()
        assert (entry.verdict, entry.reason, entry.case_id) == (state.verdict, state.reason, None)
        return entry.id, raw

    async def does(
        self, state: State, id: UUID, action: str, body: dict[str, Any] | None = None, method: str = "POST"
    ) -> tuple[int, Any]:
        path = f"/api/v1/mailboxes/{self.box(state)}/quarantine/{id}{action and '/' + action}"
        async with self.world.http("mona") as http:
            answer = await http.request(method, path, json=body)
            return answer.status_code, answer.json()

    async def audited(self, id: UUID) -> list[str]:
        async with self.world.http("mona") as http:
            found = (await http.get(f"/api/v1/audit?kind=held-mail&object={id}")).json()
        return [row["action"] for row in found["items"]]

    async def mails_of(self, number: str) -> list[EmailMessage]:
        async with self.house.database.read() as session:
            wanted = select(EmailMessage).join(Case, Case.id == EmailMessage.case_id).where(Case.number == number)
            return list(await session.scalars(wanted))

    async def told_of(self, number: str) -> int:
        async with self.house.database.read() as session:
            return len(list(await session.scalars(select(Delivery).where(Delivery.number == number))))


@pytest.fixture(scope="module")
async def on_sqlite(
    sqlite_template: Path, temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Room]:
    folder = tmp_path_factory.mktemp("decisions")
    with closing(sqlite3.connect(sqlite_template)) as source, closing(sqlite3.connect(folder / "a.db")) as target:
        source.backup(target)
    async with begun(sqlite_address(folder / "a.db"), temporal, folder) as room:
        yield room


@pytest.fixture(scope="module")
async def on_postgres(
    postgres: PostgresServer,
    postgres_template: str,
    temporal: WorkflowEnvironment,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Room]:
    url = await postgres.create_database("decisions", template=postgres_template)
    async with begun(url, temporal, tmp_path_factory.mktemp("decisions")) as room:
        yield room
    await postgres.drop_database("decisions")


@asynccontextmanager
async def begun(url: str, temporal: WorkflowEnvironment, folder: Path) -> AsyncIterator[Room]:
    database = Database(url)
    try:
        room = Room(await make_world(database, temporal.client, folder))
        await room.begin()
        yield room
    finally:
        await database.close()


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def room(request: pytest.FixtureRequest) -> Room:
    """One desk for all tests of an engine."""
    found: Room = request.getfixturevalue(request.param)
    found.house.quarantine.ask = found.ask
    return found


async def can_be_released(room: Room, state: State) -> None:
    id, _ = await room.arrives(state)
    status, done = await room.does(state, id, "release")
    assert (status, done["verdict"]) == (200, "opened"), done
    (message,) = await room.mails_of(done["case"])
    assert await room.told_of(done["case"]) == 1
    status, refused = await room.does(state, id, "release")
    assert (status, refused["type"]) == (409, "/problems/on-a-case")
    assert done["case"] in refused["detail"]
    for action in ("rerun", "dismiss"):
        assert (await room.does(state, id, action))[0] == 409
    assert await room.audited(id) == ["release"]
    await follows(room, state, message, done["case"])


async def can_be_filed_on_a_case(room: Room, state: State) -> None:
    id, _ = await room.arrives(state)
    case = await room.world.case()
    for _ in range(2):  # the second time nothing changes
        status, done = await room.does(state, id, "attach", {"case": case.number.lower()})
        assert (status, done["verdict"], done["case"]) == (200, "attached", case.number), done
    (message,) = await room.mails_of(case.number)
    assert message.link_method == "operator"
    assert await room.told_of(case.number) == 1
    assert await room.audited(id) == ["attach"]
    status, refused = await room.does(state, id, "attach", {"case": (await room.world.case()).number})
    assert (status, refused["type"]) == (409, "/problems/on-a-case")
    assert case.number in refused["detail"]
    await follows(room, state, message, case.number)


async def can_be_filed_without_one(room: Room, state: State) -> None:
    id, raw = await room.arrives(state)
    status, done = await room.does(state, id, "dismiss", {"reason": "nobody\nneeds it"})
    assert (status, done["verdict"], done["reason"], done["case"]) == (200, "filed", "dismissed", None)
    assert done["explanation"].startswith(f"was {state.verdict} as {state.reason}")
    assert done["explanation"].endswith("; filed because: nobody needs it")
    status, again = await room.does(state, id, "dismiss", {"reason": "an advertisement"})
    assert (status, again["explanation"].count("filed because")) == (200, 1)
    assert again["explanation"].endswith("an advertisement")
    status, done = await room.does(state, id, "release")  # and comes back
    assert (status, done["verdict"]) == (200, "opened")
    assert await room.audited(id) == ["release", "dismiss", "dismiss"]
    async with room.house.database.read() as session:
        entry = await session.get_one(InboundMail, id)
    assert await room.house.files.get(entry.raw_sha256) == raw


async def can_be_run_again(room: Room, state: State) -> None:
    id, _ = await room.arrives(state)
    status, done = await room.does(state, id, "rerun")
    assert status == 200
    same = (done["verdict"], done["reason"]) == (state.verdict, state.reason)
    read_by_now = state.refused is not None or state.rule == "braked"
    assert same or read_by_now, done
    assert await room.audited(id) == ["rerun"]


async def can_be_read(room: Room, state: State) -> None:
    id, raw = await room.arrives(state)
    status, shown = await room.does(state, id, "", method="GET")
    assert (status, shown["verdict"], shown["reason"], shown["uid"]) == (200, state.verdict, state.reason, room.uid)
    if state.refused is None and state.raw is not deep:
        assert shown["text"] is not None
    path = f"/api/v1/mailboxes/{room.box(state)}/quarantine/{id}/raw"
    async with room.world.http("mona") as http:
        answer = await http.get(path)
    assert (answer.status_code, answer.content) == (200, raw) or (state.elsewhere and answer.status_code == 409)


async def follows(room: Room, state: State, message: EmailMessage, number: str) -> None:
    """An answer to a mail that was put on a case by hand joins that case."""
    if not message.message_id or not message.sender.endswith(HOME):
        return
    answer = letter(from_=message.sender, in_reply_to=f"<{message.message_id}>")
    room.uid += 1
    async with room.house.database.read() as session:
        mailbox = (await session.scalars(select(Mailbox).where(Mailbox.slug == room.box(state)))).one()
    rules = await room.placing.house_rules(mailbox)
    arrived = await read_mail(room.uid, answer, room.house.files, rules.own_addresses, LARGEST_MAIL)
    news = await room.placing.take_in(arrived, rules, mailbox.intake_epoch, 1, AT)
    assert news is not None
    assert news.number == number


ACTIONS = (can_be_released, can_be_filed_on_a_case, can_be_filed_without_one, can_be_run_again, can_be_read)


@pytest.mark.parametrize("state", STATES)
async def test_in_every_state_every_action_is_possible(room: Room, state: str) -> None:
    for action in ACTIONS:
        await action(room, STATES[state])


# ---- what else may be --------------------------------------------------------------------------------------------------


async def test_a_mail_that_nobody_can_read_is_a_file_of_its_case(room: Room) -> None:
    state = STATES["too-deep"]
    id, raw = await room.arrives(state)
    _, done = await room.does(state, id, "release")
    (message,) = await room.mails_of(done["case"])
    assert (message.sender.endswith(HOME), message.subject) == (True, "Deep")
    assert "could not be read (too-deep" in message.text
    async with room.house.database.read() as session:
        (file,) = await session.scalars(select(Attachment).where(Attachment.message_id == message.id))
    assert (file.filename, file.content_type, file.size) == ("mail.eml", "message/rfc822", len(raw))
    assert await room.house.files.get(file.sha256) == raw


async def test_of_a_mail_too_large_for_anybody_the_header_makes_the_case(room: Room) -> None:
    state = STATES["too large to be fetched"]
    id, raw = await room.arrives(state)

    async def begins(mailbox: Mailbox, entry: InboundMail) -> Fetched:
        refusal = HeldUnread(HoldReason.TOO_LARGE, "9000000000 bytes, left on the server")
        return Fetched(entry.uid, 9_000_000_000, refusal=refusal, begin=raw[:200])

    room.house.quarantine.ask = begins
    assert (await room.does(state, id, "rerun"))[1]["verdict"] == "held"
    _, done = await room.does(state, id, "release")
    (message,) = await room.mails_of(done["case"])
    assert (message.raw_sha256, message.sender) == (None, "ada@customer.example")
    assert f"under the UID {room.uid}" in message.text


@pytest.mark.parametrize("action", ["release", "attach", "rerun"])
@pytest.mark.parametrize("kind", ["not-delivered", "too large to be fetched"])
async def test_what_the_server_does_not_give_now_stays_held_with_its_words(room: Room, kind: str, action: str) -> None:
    state = STATES[kind]
    id, _ = await room.arrives(state)

    async def refuses(mailbox: Mailbox, entry: InboundMail) -> Fetched:
        return Fetched(entry.uid, 0, refusal=HeldUnread(HoldReason.NOT_DELIVERED, "FETCH: NO not now"))

    room.house.quarantine.ask = refuses
    body = {"case": (await room.world.case()).number} if action == "attach" else None
    status, still = await room.does(state, id, action, body)
    assert (status, still["verdict"], still["explanation"], still["case"]) == (200, "held", "FETCH: NO not now", None)


async def test_what_is_gone_from_the_server_is_filed_and_says_so_afterwards(room: Room) -> None:
    state = STATES["not-delivered"]
    id, _ = await room.arrives(state)
    room.elsewhere.clear()
    status, gone = await room.does(state, id, "release")
    assert (status, gone["verdict"], gone["reason"]) == (200, "filed", "gone")
    status, refused = await room.does(state, id, "release")
    assert (status, refused["type"]) == (409, "/problems/not-fetched")
    assert "any more" in refused["detail"]
    assert await room.audited(id) == ["release"]


@pytest.mark.parametrize("body", [{"case": "CAS-99999-ZZZZZZ"}, {"case": ""}, {}, {"case": "x" * 31}, {"case": 7}])
async def test_a_case_that_is_none_is_named(room: Room, body: dict[str, Any]) -> None:
    state = STATES["automatic"]
    id, _ = await room.arrives(state)
    status, wrong = await room.does(state, id, "attach", body)
    assert (status, [each["field"] for each in wrong["errors"]]) == (422, ["/case"])
    assert await room.audited(id) == []


async def test_a_merged_case_stands_for_the_one_that_it_went_up_in(room: Room) -> None:
    state = STATES["automatic"]
    id, _ = await room.arrives(state)
    survivor = await room.world.case()
    merged = await room.world.case(status="cancelled", status_reason="merged", merged_into=survivor.number)
    _, done = await room.does(state, id, "attach", {"case": merged.number})
    assert done["case"] == survivor.number


async def test_a_copy_of_a_mail_that_another_mailbox_put_on_a_case_is_on_that_case(room: Room) -> None:
    raw = letter(from_=stranger())
    held, _ = await room.arrives(STATES["sender-unknown"], raw)
    other = State("filed", "no-item", rule="itemless")
    copy, _ = await room.arrives(other, raw)
    _, done = await room.does(other, copy, "release")
    assert done["verdict"] == "opened"
    status, refused = await room.does(STATES["sender-unknown"], held, "release")
    assert (status, refused["type"]) == (409, "/problems/on-a-case")


async def test_verbs_that_take_no_body_say_so(room: Room) -> None:
    state = STATES["sender-unknown"]
    id, _ = await room.arrives(state)
    for action in ("release", "rerun"):
        assert (await room.does(state, id, action, {"case": "x"}))[0] == 422
    assert await room.audited(id) == []


async def test_numbers_of_63_bits_are_shown_as_they_are(room: Room) -> None:
    address = {"slug": "wide", "address": "wide@house.example", "display_name": "wide", "queue": "none"}
    async with room.house.database.write() as session:
        mailbox = Mailbox(id=new_id(), **address, uidvalidity=MOST, settings={})
        session.add(mailbox)
    rules = await room.placing.house_rules(mailbox)
    uids = (2**31, 2**32 - 1, MOST)
    for uid in uids:
        arrived = await read_mail(uid, letter(), room.house.files, rules.own_addresses, LARGEST_MAIL)
        await room.placing.take_in(arrived, rules, mailbox.intake_epoch, MOST, AT)
    box, seen, query = "/api/v1/mailboxes/wide", [], "limit=1"
    async with room.world.http("mona") as http:
        while query:
            page = (await http.get(f"{box}/log?{query}")).json()
            seen += [(row["uid"], row["uidvalidity"]) for row in page["items"]]
            query = f"limit=1&cursor={page['next']}" if page["next"] else ""
        held = (await http.get(f"{box}/quarantine")).json()["items"]
        one = (await http.get(f"{box}/quarantine/{held[-1]['id']}")).json()
        status = (await http.get(f"{box}/status")).json()
    assert seen == [(uid, MOST) for uid in reversed(uids)]
    assert [row["uid"] for row in held] == list(uids)
    assert (one["uid"], one["uidvalidity"]) == (MOST, MOST)
    assert (status["last_uid"], status["uidvalidity"]) == (MOST, MOST)
