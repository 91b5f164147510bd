"""Every state that a mail on no case can be in, and a desk whose mailboxes bring mails into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from mailroom.arrival import LARGEST_MAIL, Arrived, HeldUnread, read_mail
from mailroom.fetching import Fetched
from mailroom.placing import Placing
from models.messages.mailflow import HoldReason
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import DefinitionRecord, Mailbox
from tests.api.conftest import AT, World
from tests.support.mailroom import SUPPORT, Told, letter

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
