"""Letters as rows: their thread, their subject, and when an acknowledgement is withheld. On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from cases.opener import NewCase, insert_case
from letters.composing import Letters
from models.records.base import new_id
from models.records.mails import EmailMessage, Suppression
from models.records.reference import Mailbox, Queue
from models.records.timeline import TimelineEntry
from tests.support.mailroom import CUSTOMER, NOW, SUPPORT, Case, Mailroom, Outbox, open_mailroom


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support", auto_reply_template="ack")
        text = "Dear {{ contact.name }}, {{ case.number }} in {{ queue.name }}: {{ mail.subject }}"
        german = {"subject": "Eingang: {{ mail.subject }}", "body": "Guten Tag"}
        await room.define("template", "ack", texts={"en": {"subject": "Got it", "body": text}, "de": german})
        yield room


@pytest.fixture
def letters(room: Mailroom) -> Letters:
    return Letters(room.definitions, room.tokens)


async def opened(room: Mailroom, **mail: Any) -> Case:
    """A case by mail from a registered customer; `mail` changes the opening mail's row."""
    contact = next((row for row in await room.contacts() if row.email == mail.get("sender", CUSTOMER)), None)
    if contact is None:
        contact = await room.contact(mail.get("sender", CUSTOMER), **mail.pop("contact", {}))
    id = new_id()
    async with room.database.write() as session:
        new = NewCase(
            title="Printer",
            origin="email",
            queue="support",
            contact_id=contact.id,
            opening_rule="rule-support",
            opening_mail_id=id,
        )
        case, _ = await insert_case(session, new, NOW, prefix="CAS")
        session.add(incoming(room, id, case, **mail))
    return case


def incoming(room: Mailroom, id: Any, case: Case, **given: Any) -> EmailMessage:
    return EmailMessage(
        **{
            "id": id,
            "direction": "in",
            "case_id": case.id,
            "mailbox_id": room.jobs["support"].mailbox_id,
            "message_id": f"{id}@customer.example",
            "message_id_hash": id.hex * 2,
            "content_hash": id.hex * 2,
            "references": [],
            "sender": CUSTOMER,
            "recipients": {"to": [SUPPORT], "cc": []},
            "subject": "AW: Printer",
            "text": "It is broken.",
            "defects": [],
            **given,
        }
    )


async def acknowledge(room: Mailroom, letters: Letters, case: Case) -> EmailMessage | None:
    async with room.database.write() as session:
        return await letters.acknowledgement(session, await session.get_one(Case, case.id), NOW)


async def reply(room: Mailroom, letters: Letters, case: Case, key: str = "reply/1", **given: Any) -> EmailMessage:
    async with room.database.write() as session:
        loaded = await session.get_one(Case, case.id)
        return await letters.letter(
            session, loaded, **{"kind": "reply", "key": key, "text": "Try this.", "to": [CUSTOMER], "now": NOW, **given}
        )


async def withheld(room: Mailroom) -> list[str | None]:
    return [entry.text for entry in await room.all(TimelineEntry) if entry.kind == "not-acknowledged"]


async def test_a_letter_is_written_once_for_its_key(room: Mailroom, letters: Letters) -> None:
    case = await opened(room)
    first, second = await reply(room, letters, case), await reply(room, letters, case, text="Something else.")
    (row,) = await room.all(Outbox)
    assert first.id == second.id == row.message_id
    assert (row.state, row.envelope_from, row.envelope_to, row.attempts) == ("queued", SUPPORT, [CUSTOMER], 0)
    assert room.tokens.verify(first.message_id.rpartition(".")[0].rpartition(".")[0]) is None or first.message_id


async def test_a_letter_threads_in_the_customers_program(room: Mailroom, letters: Letters) -> None:
    case = await opened(room)
    opening = (await room.all(EmailMessage))[0]
    first = await reply(room, letters, case)
    assert (first.in_reply_to, first.references) == (opening.message_id, [opening.message_id])
    assert first.subject == f"Re: Printer [{case.number}]"
    answer = incoming(room, new_id(), case, subject=first.subject)
    await room.add(answer)
    second = await reply(room, letters, case, "reply/2")
    assert second.in_reply_to == answer.message_id
    assert second.references == [opening.message_id, first.message_id, answer.message_id]
    assert second.message_id != first.message_id


async def test_the_queue_signs_and_the_agent_with_it(room: Mailroom, letters: Letters) -> None:
    async with room.database.write() as session:
        await session.execute(update(Queue).values(signature="Support & more"))
    message = await reply(room, letters, await opened(room), html="<p>Try this.</p>")
    assert message.text == "Try this.\n\n-- \nSupport & more"
    assert message.html == "<p>Try this.</p>\n<p>-- <br>Support &amp; more</p>"


async def test_a_notice_is_no_part_of_the_customers_thread(room: Mailroom, letters: Letters) -> None:
    case = await opened(room)
    notice = await reply(room, letters, case, "notice/1", kind="notice", subject="Overdue", to=["boss@house.example"])
    assert (notice.automatic, notice.in_reply_to, notice.references) == ("auto-generated", None, [])
    assert notice.subject == f"Overdue [{case.number}]"
    assert notice.message_id not in (await reply(room, letters, case)).references


async def test_a_case_without_mail_goes_out_by_its_queues_mailbox(room: Mailroom, letters: Letters) -> None:
    async with room.database.write() as session:
        case, _ = await insert_case(
            session, NewCase(title="By phone", origin="phone", queue="sales"), NOW, prefix="CAS"
        )
    message = await reply(room, letters, case)
    assert (message.sender, message.subject) == ("sales@house.example", f"By phone [{case.number}]")


async def test_an_acknowledgement_is_rendered_and_marked_automatic(room: Mailroom, letters: Letters) -> None:
    case = await opened(room)
    message = await acknowledge(room, letters, case)
    again = await acknowledge(room, letters, case)
    assert message is not None
    assert again is not None
    assert again.id == message.id
    assert message.text == f"Dear Ada, {case.number} in Support: AW: Printer"
    assert (message.subject, message.automatic) == (f"Got it [{case.number}]", "auto-replied")
    assert [(row.kind, row.envelope_to) for row in await room.all(Outbox)] == [("acknowledgement", [CUSTOMER])]
    assert (await reply(room, letters, case)).references[-2:] == [message.message_id, message.in_reply_to]


async def test_an_acknowledgement_speaks_the_contacts_language(room: Mailroom, letters: Letters) -> None:
    message = await acknowledge(room, letters, await opened(room, contact={"language": "de-AT"}))
    assert message is not None
    assert message.text == "Guten Tag"


async def test_an_acknowledgement_repeats_no_word_of_a_stranger(room: Mailroom, letters: Letters) -> None:
    case = await opened(room, contact={"slug": None, "name": "Buy now"}, subject="Cheap watches")
    message = await acknowledge(room, letters, case)
    assert message is not None
    assert "Cheap" not in message.text + message.subject
    assert "Buy" not in message.text


async def test_the_words_for_a_strangers_own_are_of_the_templates_language(room: Mailroom, letters: Letters) -> None:
    await room.settings(language="de")
    message = await acknowledge(room, letters, await opened(room, contact={"slug": None}, subject="Cheap watches"))
    assert message is not None
    assert message.subject.startswith("Eingang: Ihre Nachricht [")


async def test_a_template_may_name_whoever_is_proven(room: Mailroom, letters: Letters) -> None:
    text = {"subject": "Got it", "body": "Dear {{ mail.sender_name or 'customer' }}: {{ mail.subject }}"}
    await room.rule("sales", auto_reply_template="named")
    await room.define("template", "named", texts={"en": text})
    registered, stranger = {"slug": "casey"}, {"slug": None}
    formed = {"defects": ["sender-unproven"], "sender_proof": "unproven"}
    members: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        (registered, {}, "Dear Casey Rivera: AW: Printer"),
        (stranger, {"sender_proof": "proven"}, "Dear Casey Rivera: your message"),
        (stranger, {"sender_proof": "proven", "sender_name": "http://evil.example"}, "Dear customer: your message"),
        (stranger, {}, "Dear customer: your message"),
        (stranger, {"sender_proof": "unproven"}, "Dear customer: your message"),
        # Whoever fills in a form may write anybody's address into it.
        ({"slug": "blake"}, formed, "Dear customer: your message"),
    ]
    for number, (contact, given, expected) in enumerate(members):
        mail = {
            "sender": f"casey-{number}@customer.example",
            "sender_name": "Casey Rivera",
            "contact": contact,
            **given,
        }
        case = await opened(room, **mail)
        async with room.database.write() as session:
            (await session.get_one(Case, case.id)).opening_rule = "rule-sales"
        message = await acknowledge(room, letters, case)
        assert message is not None
        assert message.text == expected


async def test_a_mailbox_of_an_international_domain_has_ids_in_ascii(room: Mailroom, letters: Letters) -> None:
    case = await opened(room)
    async with room.database.write() as session:
        await session.execute(update(Mailbox).where(Mailbox.slug == "support").values(address="hilfe@bücher.example"))
    message = await reply(room, letters, case)
    assert message.message_id.endswith("@xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        ({"automatic": "list"}, "automatic"),
        ({"sender": SUPPORT}, "another house"),
        ({"defects": ["dmarc-failed"]}, "DMARC"),
        ({"unanswerable": "precedence"}, "must not be answered"),
        ({"unanswerable": "away"}, "must not be answered"),
    ],
)
async def test_an_acknowledgement_is_withheld(room: Mailroom, letters: Letters, mail: dict[str, Any], why: str) -> None:
    assert await acknowledge(room, letters, await opened(room, **mail)) is None
    assert why in str(await withheld(room))
    assert await room.all(Outbox) == []


async def test_a_broken_template_never_stops_the_opening(room: Mailroom, letters: Letters) -> None:
    await room.rule("sales", auto_reply_template="bad")
    await room.define("template", "bad", texts={"en": {"subject": "x", "body": "{{ case.secret.__class__ }}"}})
    case = await opened(room)
    async with room.database.write() as session:
        (await session.get_one(Case, case.id)).opening_rule = "rule-sales"
    assert await acknowledge(room, letters, case) is None
    assert "cannot be rendered" in str(await withheld(room))


async def test_one_address_gets_so_many_acknowledgements_an_hour_and_no_more(room: Mailroom, letters: Letters) -> None:
    await room.define("organisation", "organisation", automatic_replies_per_hour=2)
    long_ago = await opened(room)
    assert await acknowledge(room, letters, long_ago) is not None
    async with room.database.write() as session:
        await session.execute(
            update(EmailMessage)
            .where(EmailMessage.id == long_ago.opening_mail_id)
            .values(recorded_at=datetime.now(UTC) - timedelta(hours=1, minutes=1))
        )
    answers = [await acknowledge(room, letters, await opened(room)) for _ in range(4)]
    assert [answer is not None for answer in answers] == [True, True, False, False]
    assert (
        await withheld(room)
        == ["2 automatic replies to this address within an hour, which is the most that it gets"] * 2
    )
    assert await acknowledge(room, letters, await opened(room, sender="eve@customer.example")) is not None


async def test_a_suppressed_address_gets_no_acknowledgement(room: Mailroom, letters: Letters) -> None:
    await room.add(Suppression(id=new_id(), address=CUSTOMER, reason="hard-bounce", added_on=NOW))
    assert await acknowledge(room, letters, await opened(room)) is None
    assert "suppression list" in str(await withheld(room))


async def test_a_template_with_html_is_an_alternative_in_which_values_are_escaped(
    room: Mailroom, letters: Letters
) -> None:
    await room.rule("sales", auto_reply_template="rich")
    rich = {"subject": "Got it", "body": "Dear {{ contact.name }}", "html": "<p>Dear {{ contact.name }}</p>"}
    await room.define("template", "rich", texts={"en": rich})
    case = await opened(room, contact={"name": "<b>Ada & Co"})
    async with room.database.write() as session:
        (await session.get_one(Case, case.id)).opening_rule = "rule-sales"
        await session.execute(update(Queue).values(signature="Support & more"))
    message = await acknowledge(room, letters, case)
    assert message is not None
    assert message.text == "Dear <b>Ada & Co\n\n-- \nSupport & more"
    assert message.html == "<p>Dear &lt;b&gt;Ada &amp; Co</p>\n<p>-- <br>Support &amp; more</p>"


async def test_without_an_active_mailbox_nothing_is_acknowledged(room: Mailroom, letters: Letters) -> None:
    async with room.database.write() as session:
        await session.execute(update(Mailbox).values(active=False))
    assert await acknowledge(room, letters, await opened(room)) is None
    assert "no mailbox is active" in str(await withheld(room))
