"""The outcome log over HTTP: each mail of a mailbox with what became of it and why (domain 6.1). On both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from mailroom.arrival import Arrived, HeldUnread, read_mail
from models.messages.mailflow import HoldReason
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.reference import DefinitionRecord, Mailbox
from tests.api.conftest import AT, World
from tests.support.mailroom import CUSTOMER, SUPPORT, letter

LOG = "/api/v1/mailboxes/support/log"
RULE = {
    "slug": "to-support",
    "name": "To support",
    "queue": "support",
    "allow_unknown_senders": True,
    "items": [
        {"name": "Spam", "when": {"all": [{"field": "email.subject", "value": "spam"}]}, "action": "file"},
        {"name": "All mail"},
    ],
}
FIRST = "first@customer.example"


@pytest.fixture
async def room(world: World) -> World:
    """A mailbox that got, oldest first: a new mail, its copy, an answer, spam, an automatic one, a blank, a broken one."""
    async with world.house.database.write() as session:
        box = {"id": new_id(), "slug": "support", "address": SUPPORT, "display_name": "S", "queue": "support"}
        session.add(Mailbox(**box, uidvalidity=1, settings={}))
        kind = "record-creation-rule"
        session.add(DefinitionRecord(id=new_id(), kind=kind, slug=RULE["slug"], version=1, status="active", body=RULE))
    first = letter(subject="Printer", message_id=f"<{FIRST}>")
    mails = [
        first,
        first,
        letter(in_reply_to=f"<{FIRST}>", subject="Re: Printer"),
        letter(subject="spam"),
        letter(auto_submitted="auto-replied"),
        letter("", subject=""),
    ]
    for uid, raw in enumerate(mails, 1):
        await take_in(world, uid, raw)
    await take_in(world, len(mails) + 1, b"x" * 9, HeldUnread(HoldReason.TOO_LARGE, "9 bytes"))
    return world


async def take_in(world: World, uid: int, raw: bytes, refusal: HeldUnread | None = None) -> None:
    house, placing = world.house, world.house.quarantine.placing
    async with house.database.read() as session:
        mailbox = (await session.scalars(select(Mailbox))).one()
    rules = await placing.house_rules(mailbox)
    arrived = Arrived(uid, "", len(raw), refusal=refusal)
    if refusal is None:
        arrived = await read_mail(uid, raw, house.files, rules.own_addresses, 10_000)
    await placing.take_in(arrived, rules, mailbox.intake_epoch, 1, AT)


async def ask(world: World, query: str = "", who: str = "mona", path: str = LOG) -> tuple[int, Any]:
    async with world.http(who) as http:
        answer = await http.get(f"{path}{query}")
        return answer.status_code, answer.json()


async def test_every_mail_has_its_outcome_the_newest_first(room: World) -> None:
    status, page = await ask(room)
    assert (status, page["next"]) == (200, None)
    async with room.house.database.read() as session:
        number = await session.scalar(select(Case.number))
    shown = [[row[name] for name in ("uid", "verdict", "reason", "rule", "item", "case")] for row in page["items"]]
    assert shown == [
        [7, "held", "too-large", None, None, None],
        [6, "held", "blank", "to-support", None, None],
        [5, "filed", "automatic", "to-support", None, None],
        [4, "filed", "by-item", "to-support", "Spam", None],
        [3, "attached", None, None, None, number],
        [2, "duplicate", None, None, None, number],
        [1, "opened", None, "to-support", "All mail", number],
    ]
    too_large, _, automatic, _, answer, _, opening = page["items"]
    assert (too_large["sender"], too_large["subject"], too_large["message_id"]) == (None, None, None)
    assert (too_large["explanation"], automatic["automatic"]) == ("9 bytes", "auto-submitted")
    assert (answer["explanation"], answer["subject"]) == (f"joins {number} by in-reply-to", "Re: Printer")
    assert (opening["message_id"], opening["sender"]) == (FIRST, CUSTOMER)
    assert "item 'All mail' always" in opening["explanation"]
    assert "It is broken" not in str(page), "the text of a mail is for those who work its case"


async def test_it_filters_by_verdict_and_goes_on_page_by_page(room: World) -> None:
    _, held = await ask(room, "?verdict=held")
    assert [row["uid"] for row in held["items"]] == [7, 6]
    seen: list[int] = []
    query = "?limit=3"
    while query:
        _, page = await ask(room, query)
        seen += [row["uid"] for row in page["items"]]
        query = f"?limit=3&cursor={page['next']}" if page["next"] else ""
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert (await ask(room, "?verdict=lost"))[0] == 422


async def test_what_the_case_made_of_a_mail_is_told_once_it_did(room: World) -> None:
    async def outcome() -> str | None:
        _, page = await ask(room, "?verdict=attached")
        told: str | None = page["items"][0]["outcome"]
        return told

    assert await outcome() is None
    async with room.house.database.write() as session:
        await session.execute(update(Delivery).where(Delivery.kind == "mail").values(outcome="reopen", done=True))
    assert await outcome() == "reopen"


async def test_managers_and_administrators_read_it(room: World) -> None:
    for who, expected in (("mona", 200), ("ada", 200), ("carl", 403), ("kim", 403)):
        assert (await ask(room, who=who))[0] == expected
    assert (await ask(room, path="/api/v1/mailboxes/none/log"))[0] == 404
