"""Mails that nobody can read, that the server does not give, that another mailbox has; and cases that they cannot go to."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from mail.imap.syntax import MOST
from mailroom.arrival import LARGEST_MAIL, HeldUnread, read_mail
from mailroom.fetching import Fetched
from models.messages.mailflow import HoldReason
from models.records.base import new_id
from models.records.mails import Attachment, InboundMail
from models.records.reference import Mailbox
from tests.api.conftest import AT
from tests.api.mail_decisions.room import HOME, STATES, Room, State, stranger
from tests.support.mailroom import letter


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
