"""Whatever came to stand in a row can be read back, and changed: the rules of writing are not those of reading."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from mailroom.arrival import LARGEST_MAIL, read_mail
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import (
    Account,
    Agent,
    Contact,
    DefinitionRecord,
    Entitlement,
    EntitlementChannel,
    Mailbox,
    Product,
    Queue,
    Subject,
    Team,
)
from tests.api.conftest import AT, World
from tests.support.mailroom import SUPPORT

ODD = "two\nlines \u2028 \x7f <b>"
"""A text that no body would take as a name, a slug or an address, and that both databases hold."""

SENDERS = [
    '"a b"@evil.example',
    '"a\\"b"@evil.example',
    "UPPER@EVIL.EXAMPLE",
    "no-at-sign",
    "ü@ünïcödé.example",
    f"{'a' * 64}@{'b' * 180}.example",
    f"{'a' * 300}@evil.example",
    "=?utf-8?q?=00=01?= <x@evil.example>",
    "a@b@c.example",
    "<@route.example:x@evil.example>",
]


@pytest.fixture
async def room(world: World) -> World:
    """A mailbox whose rule lets strangers in, and makes contacts of them."""
    rule = {"slug": "all", "name": "All", "queue": "support", "items": [{"name": "All mail"}]}
    server = {"host": "127.0.0.1", "port": 1, "tls": "none"}
    async with world.house.database.write() as session:
        session.add(
            Mailbox(
                id=new_id(),
                slug="support",
                address=SUPPORT,
                display_name="Support",
                queue="support",
                uidvalidity=1,
                settings={"imap": {**server, "user": "u"}, "smtp": server, "addresses": []},
            )
        )
        session.add(
            DefinitionRecord(
                id=new_id(),
                kind="record-creation-rule",
                slug="all",
                version=1,
                status="active",
                body={**rule, "allow_unknown_senders": True},
            )
        )
    return world


async def take_in(world: World, raw: bytes, uid: int) -> None:
    house = world.house
    async with house.database.read() as session:
        mailbox = (await session.scalars(select(Mailbox).where(Mailbox.slug == "support"))).one()
    rules = await house.quarantine.placing.house_rules(mailbox)
    arrived = await read_mail(uid, raw, house.files, rules.own_addresses, LARGEST_MAIL)
    await house.quarantine.placing.take_in(arrived, rules, mailbox.intake_epoch, 1, AT + timedelta(minutes=uid))


def mail(sender: str, uid: int, date: str = "Mon, 3 Mar 2031 09:00:00 +0000") -> bytes:
    return (
        f"From: {sender}\r\nTo: {SUPPORT}\r\nSubject: It is broken {uid}\r\nDate: {date}\r\n"
        f"Message-ID: <{uid}@evil.example>\r\n\r\nSince this morning.\r\n"
    ).encode()


async def reads(world: World, path: str) -> Any:
    async with world.http("mona") as http:
        answer = await http.get(f"/api/v1{path}")
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.json()


async def test_whoever_writes_a_mail_the_lists_stay_readable(room: World) -> None:
    for uid, sender in enumerate(SENDERS, start=1):
        await take_in(room, mail(sender, uid), uid)
    contacts = (await reads(room, "/contacts"))["items"]
    assert {"ada@ito.example", "upper@evil.example"} <= {each["email"] for each in contacts}
    assert len(contacts) > 5, "mail made contacts"
    for each in contacts:
        assert len(each["email"]) <= 254
        assert (await reads(room, f"/contacts/{each['id']}"))["email"] == each["email"]
    for case in (await reads(room, "/cases"))["items"]:
        for part in ("", "/timeline", "/sla", "/process"):
            await reads(room, f"/cases/{case['number']}{part}")
    await reads(room, "/mailboxes/support/log")
    await reads(room, "/mailboxes/support/quarantine")


async def test_a_mail_of_the_end_of_the_calendar_is_taken_in(room: World) -> None:
    dates = ("Fri, 31 Dec 9999 23:59:59 -1200", "Thu, 1 Jan 9500 00:00:00 +0000", "Mon, 1 Jan 1700 00:00:00 +0000")
    for uid, written in enumerate(dates, start=1):
        await take_in(room, mail("ada@ito.example", uid, written), uid)
    async with room.house.database.read() as session:
        stored = list(await session.scalars(select(EmailMessage.date)))
        assert await session.scalar(select(Case.id)) is not None
    assert stored == [None] * len(dates)


async def test_a_contact_that_mail_made_can_be_changed(room: World) -> None:
    await take_in(room, mail('"a b"@evil.example', 1), 1)
    async with room.house.database.read() as session:
        contact = (await session.scalars(select(Contact).where(Contact.slug.is_(None)))).one()
    async with room.http("mona") as http:
        url = f"/api/v1/contacts/{contact.id}"
        changed = await http.patch(url, json={"name": "A. B.", "account": "ito-works"}, headers={"If-Match": "*"})
        wrong = await http.patch(url, json={"email": '"c d"@evil.example'}, headers={"If-Match": "*"})
    assert (changed.status_code, changed.json()["name"], changed.json()["account"]) == (200, "A. B.", "ito-works")
    assert changed.json()["email"] == contact.email
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "/email")


async def test_every_kind_of_record_is_read_as_it_stands(world: World) -> None:
    owner, article = world.agents["mona"], new_id()
    server = {"host": "", "port": 0, "tls": "none", "user": ODD, "auth": "password"}
    dated: dict[str, Any] = {"start": date(2031, 1, 1), "end": date(2030, 1, 1), "restricted": True}
    contract = Entitlement(
        **{"id": new_id(), "slug": "O D D", "name": ODD, "account_id": world.account, **dated, "allocation": "hours"},
        decrease_on="creation",
        total_terms=Decimal(-5),
        remaining_terms=Decimal(-7),
        status="draft",
        products=["O D D"],
        contacts=[ODD],
        sla=ODD,
        tier=ODD,
    )
    rows: list[Any] = [
        Agent(id=new_id(), slug="O D D", name=ODD, email=ODD, roles=[], capacity=-1),
        Team(id=new_id(), slug="O D D", name=ODD),
        Queue(id=new_id(), slug="O D D", name=ODD, owner_id=owner, signature="s" * 3000),
        Account(id=new_id(), slug="O D D", name=ODD, tier=ODD, language="neither"),
        Contact(id=new_id(), slug=None, name=ODD, email=ODD, language="neither"),
        Product(id=new_id(), slug="O D D", name=""),
        Subject(id=new_id(), slug="O D D", name=""),
        Mailbox(
            id=new_id(),
            slug="O D D",
            address=ODD,
            display_name=ODD,
            settings={
                "imap": {**server, "folder": ODD, "after": "leave", "poll_seconds": 900},
                "smtp": server,
                "addresses": [{"address": ODD, "queue": ODD}],
            },
        ),
        contract,
        EntitlementChannel(
            id=new_id(),
            entitlement_id=contract.id,
            origin=ODD,
            total_terms=Decimal(90),
            remaining_terms=Decimal(0),
        ),
        Article(id=article, number="KA-01001", slug="O D D", language="neither"),
        ArticleVersion(id=new_id(), article_id=article, status="draft", title=ODD, content="", subject=ODD),
    ]
    async with world.house.database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()
    for kind, record in (
        ("agents", Agent),
        ("teams", Team),
        ("queues", Queue),
        ("accounts", Account),
        ("contacts", Contact),
        ("products", Product),
        ("subjects", Subject),
        ("mailboxes", Mailbox),
        ("entitlements", Entitlement),
        ("articles", Article),
    ):
        odd = str(next(row.id for row in rows if type(row) is record))
        listed = {item["id"]: item for item in (await reads(world, f"/{kind}"))["items"]}
        one = await reads(world, f"/{kind}/{odd}")
        assert one == listed[odd], kind
        assert one.get("slug") in ("O D D", None), kind
    shown = await reads(world, f"/entitlements/{contract.id}")
    assert (shown["allocation"], shown["remaining_terms"], shown["channels"][0]["origin"]) == ("hours", -7, ODD)
