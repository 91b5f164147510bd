"""What a forger may write into a mail, and what it brings them: nothing (email promises 4, 5, 11, 13). On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from letters.composing import Letters
from mail.tokens import ReplyTokens, TokenKeys
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail
from tests.support.mailroom import NOW, SUPPORT, Mailroom, Outbox, letter, open_mailroom

EVE = "Eve <eve@elsewhere.example>"
TRUSTED = "mx.house.example"
PASSED = f"{TRUSTED}; dmarc=pass header.from=elsewhere.example"
FAILED = f"{TRUSTED}; dmarc=fail (p=none) header.from=customer.example"


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support", auto_reply_template="ack")
        await room.define("template", "ack", texts={"en": {"subject": "Got it", "body": "We have it."}})
        yield room


async def one(room: Mailroom, **headers: Any) -> InboundMail:
    before = await room.count(InboundMail)
    await room.hub.deliver(SUPPORT, letter(**headers))
    return (await room.taken_in(before + 1, trusted_servers=[TRUSTED]))[-1]


async def opened(room: Mailroom) -> Case:
    """The case of Ada, the customer."""
    await one(room, message_id="<ada@customer.example>")
    (case,) = await room.all(Case)
    return case


def forged(room: Mailroom, number: str, how: str) -> str:
    """A token of that case which we did not sign."""
    token = room.tokens.sign(number)
    others = ReplyTokens(TokenKeys(current="k1", keys={"k1": b"another house has another key!!"}))
    return {
        "one sign other": token[:-1] + ("a" if token[-1] != "a" else "b"),
        "another key": others.sign(number),
        "another number": room.tokens.sign("CAS-09999-ZZZZZZ").replace("cas-09999-zzzzzz", number.lower()),
        "an unknown key": token.replace(".k1.", ".k9."),
        "cut short": token[:-1],
    }[how]


@pytest.mark.parametrize("how", ["one sign other", "another key", "another number", "an unknown key", "cut short"])
async def test_a_forged_token_proves_nothing(room: Mailroom, how: str) -> None:
    case = await opened(room)
    token = forged(room, case.number, how)
    entry = await one(room, to=f"support+{token}@house.example", in_reply_to=f"<{token}.1@house.example>")
    assert entry.verdict == "opened"
    made = (await room.all(Case))[-1]
    assert (made.number != case.number, made.linked_case_id) == (True, None)


@pytest.mark.parametrize(
    "headers",
    [
        lambda room, number: {"to": room.tokens.plus_address(SUPPORT, number)},
        lambda room, number: {"in_reply_to": f"<{room.tokens.message_id(number, '1', 'house.example')}>"},
        lambda room, number: {"references": f"<{room.tokens.message_id(number, '1', 'house.example')}>"},
        lambda room, number: {"in_reply_to": "<ada@customer.example>"},
        lambda room, number: {"references": "<ada@customer.example>"},
        lambda room, number: {"subject": f"Re: help [{number}]"},
        lambda room, number: {"cc": room.tokens.plus_address(SUPPORT, number), "subject": f"[{number}]"},
    ],
    ids=["plus-address", "in-reply-to", "references", "their-id", "their-thread", "number", "both"],
)
async def test_a_stranger_who_knows_of_a_case_gets_a_linked_one_of_their_own(room: Mailroom, headers: Any) -> None:
    case = await opened(room)
    entry = await one(room, from_=EVE, **headers(room, case.number))
    made = (await room.all(Case))[-1]
    assert (entry.verdict, entry.case_id, made.linked_case_id) == ("opened", made.id, case.id)
    mine, hers = await room.all(EmailMessage)
    assert (mine.case_id, hers.case_id) == (case.id, made.id)
    # What she wrote makes her no participant of it either.
    assert (await one(room, from_=EVE, **headers(room, case.number))).case_id != case.id


async def test_a_stranger_is_held_where_the_rule_knows_no_strangers(database_url: str, tmp_path: Path) -> None:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support", allow_unknown_senders=False)
        await room.contact("ada@customer.example")
        case = await opened(room)
        entry = await one(room, from_=EVE, to=room.tokens.plus_address(SUPPORT, case.number))
        assert (entry.verdict, entry.reason) == ("held", "sender-unknown")


@pytest.mark.parametrize(
    "headers",
    [
        {"x_caseloom_case": "{number}"},
        {"x_caseloom_token": "{token}"},
        {"x_caseloom_queue": "sales", "x_caseloom_priority": "high", "x_caseloom_contact": "boss@house.example"},
        {"x_caseloom_released": "yes", "x_caseloom_authenticated": "yes"},
    ],
)
async def test_headers_of_our_own_naming_have_no_effect(room: Mailroom, headers: dict[str, str]) -> None:
    case = await opened(room)
    given = {
        name: value.format(number=case.number, token=room.tokens.sign(case.number)) for name, value in headers.items()
    }
    entry = await one(room, from_=EVE, **given)
    made = (await room.all(Case))[-1]
    assert (entry.verdict, made.linked_case_id) == ("opened", None)
    assert (made.queue, made.priority) == (case.queue, case.priority)


@pytest.mark.parametrize("where", ["to", "in_reply_to", "subject"])
async def test_an_unproven_sender_never_joins_by_what_anybody_can_copy(room: Mailroom, where: str) -> None:
    case = await opened(room)
    value = {
        "to": room.tokens.plus_address(SUPPORT, case.number),
        "in_reply_to": f"<{room.tokens.message_id(case.number, '1', 'house.example')}>",
        "subject": f"Re: [{case.number}]",
    }[where]
    entry = await one(room, authentication_results=FAILED, **{where: value})
    assert (entry.verdict, entry.reason, entry.case_id) == ("held", "foreign-token", None)
    assert await room.count(Case) == 1


async def test_a_mail_with_two_senders_has_none_that_is_proven(room: Mailroom) -> None:
    """The server may have checked the one, and we read the other."""
    case = await opened(room)
    raw = letter(to=room.tokens.plus_address(SUPPORT, case.number), authentication_results=PASSED)
    await room.hub.deliver(SUPPORT, raw.replace(b"\nto:", f"\nfrom: {EVE}\nto:".encode(), 1))
    entry = (await room.taken_in(2, trusted_servers=[TRUSTED]))[-1]
    assert (entry.verdict, entry.reason, entry.case_id) == ("held", "foreign-token", None)


async def test_authentication_results_of_another_server_mean_nothing(room: Mailroom) -> None:
    case = await opened(room)
    to = room.tokens.plus_address(SUPPORT, case.number)
    entry = await one(room, to=to, authentication_results=FAILED.replace(TRUSTED, "mx.evil.example"))
    assert (entry.verdict, entry.case_id) == ("attached", case.id)


async def test_an_unproven_sender_gets_no_automatic_reply(room: Mailroom) -> None:
    await one(room, authentication_results=FAILED)
    (case,), (message,) = await room.all(Case), await room.all(EmailMessage)
    assert message.defects == ["dmarc-failed"]
    async with room.database.write() as session:
        held = await session.get_one(Case, case.id)
        assert await Letters(room.definitions, room.tokens).acknowledgement(session, held, NOW) is None
    assert await room.count(Outbox) == 0


async def test_a_forged_copy_does_not_hide_the_real_mail(room: Mailroom) -> None:
    """The same Message-ID first, with other words: the real one is still a mail of its own, and marked."""
    await one(room, from_=EVE, message_id="<real@customer.example>", text="Nothing to see.")
    entry = await one(room, message_id="<real@customer.example>", text="It burns.")
    assert entry.verdict in ("opened", "attached")
    forgery, real = await room.all(EmailMessage)
    assert (forgery.defects, real.defects, real.text.strip()) == ([], ["message-id-reused"], "It burns.")
    assert forgery.case_id != real.case_id
