"""Who writes, as intake decides it from the first look to the row: names, groups, forms, absences, spellings, proofs.

Many members of a kind go through one room each. On both databases.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from mailroom.verdict import MonitoredQueue
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import Contact
from tests.support.intake import Intake, intake_of
from tests.support.mailroom import SUPPORT, letter

TRUSTED = "mx.house.example"
CASEY, EVE = "casey@customer.example", "eve@evil.example"
PASSED = f"{TRUSTED}; dmarc=pass header.from=customer.example"
PASSED_EVE = f"{TRUSTED}; dmarc=pass header.from=evil.example"
FAILED = f"{TRUSTED}; dmarc=fail header.from=customer.example"


@pytest.fixture
async def intake(database_url: str, tmp_path: Path) -> AsyncIterator[Intake]:
    async with intake_of(database_url, tmp_path, trusted=TRUSTED) as made:
        yield made


async def takes(intake: Intake, **headers: Any) -> tuple[InboundMail, EmailMessage]:
    """The row of the log and the message that come of a mail. `from_` is written as it stands."""
    written = headers.pop("from_", CASEY)
    raw = letter(to=headers.pop("to", SUPPORT), from_="stand-in@x.example", **headers)
    raw = raw.replace(b"stand-in@x.example", written.encode(), 1)
    await intake.take(await intake.read(raw))
    (entry,) = (await intake.room.all(InboundMail))[-1:]
    messages = {message.id: message for message in await intake.room.all(EmailMessage)}
    assert entry.message_id is not None
    return entry, messages[entry.message_id]


async def opened_by_casey(intake: Intake) -> Case:
    entry, _ = await takes(intake, subject="Broken", message_id="<casey@customer.example>")
    return next(case for case in await intake.room.all(Case) if case.id == entry.case_id)


async def declares(intake: Intake, **settings: Any) -> None:
    """What the mailbox says from now on of its groups and forms."""
    mailbox = intake.house.mailbox
    mailbox.settings = {**mailbox.settings, **settings}


# ---- names -----------------------------------------------------------------------------------------------------------


async def test_a_name_that_is_a_customers_address_opens_nothing_of_theirs(intake: Intake) -> None:
    case = await opened_by_casey(intake)
    for name in (CASEY, f'"{CASEY}"', f"'{CASEY}'", f"Casey {CASEY}", f"{CASEY} (Casey)", f"{CASEY}:"):
        entry, message = await takes(intake, from_=f"{name} <{EVE}>", in_reply_to="<casey@customer.example>")
        made = (await intake.room.all(Case))[-1]
        assert (entry.verdict, message.sender, made.linked_case_id) == ("opened", EVE, case.id), name
        assert made.contact_id != case.contact_id
        assert "name-is-address" in message.defects
    assert {contact.email: contact.name for contact in await intake.room.all(Contact)} == {CASEY: CASEY, EVE: EVE}


@pytest.mark.parametrize(
    ("from_", "results"),
    [
        (f"Eve <{EVE}>, Casey <{CASEY}>", PASSED_EVE),
        (f"Eve <{EVE}>, Casey <{CASEY}>", f"{TRUSTED}; dmarc=pass"),
        (f"Eve <{EVE}>, Casey <{CASEY}>", ""),
        (f"Eve <{EVE}> <{CASEY}>", PASSED_EVE),
        (f"<@evil.example:{CASEY}>", PASSED_EVE),
        (f"<@evil.example:{CASEY}>", ""),
        ("=?utf-8?q?Casey_=3Ccasey=40customer.example=3E?=", PASSED_EVE),
        ("=?utf-8?q?Casey_=3Ccasey=40customer.example=3E?=", f"{TRUSTED}; dmarc=none"),
        (f'"{CASEY}"', ""),
        (f"{EVE} <{CASEY}>", PASSED_EVE),
        (f"{EVE} <{CASEY}>", f"{TRUSTED}; dmarc=pass"),
        (f"Casey <{CASEY}>", PASSED_EVE),
        (f"Casey <{CASEY}>", FAILED),
    ],
)
async def test_a_verdict_about_somebody_else_proves_nobody(intake: Intake, from_: str, results: str) -> None:
    case = await opened_by_casey(intake)
    given = {"from_": from_, "authentication_results": results, "subject": f"Re: Broken [{case.number}]"}
    entry, message = await takes(intake, **given)
    assert (message.sender, entry.verdict, entry.reason) == (CASEY, "held", "foreign-token")
    assert (message.sender_proof, "dmarc-failed" in message.defects) == ("unproven", True)


async def test_a_verdict_about_the_sender_proves_them_however_the_field_is_written(intake: Intake) -> None:
    case = await opened_by_casey(intake)
    for from_ in (f"Casey <{CASEY}>", f"Eve <{EVE}>, Casey <{CASEY}>", f"{EVE} <{CASEY}>", f"<@x.example:{CASEY}>"):
        given = {"from_": from_, "authentication_results": PASSED, "subject": f"Re: Broken [{case.number}]"}
        entry, message = await takes(intake, **given)
        assert (entry.verdict, entry.case_id, message.sender_proof) == ("attached", case.id, "proven"), from_


# ---- groups and forms ------------------------------------------------------------------------------------------------


async def test_mail_through_a_group_becomes_a_case_of_who_wrote_it(intake: Intake) -> None:
    listed = {"precedence": "list", "list_id": "<support.house.example>", "mailing_list": f"list {SUPPORT}; contact x"}
    for number, (from_, more) in enumerate(
        [
            ("Robin <robin-0@visitor.example>", {"x_original_sender": "robin-0@visitor.example"}),
            (f"'Robin' via Support <{SUPPORT}>", {"reply_to": "Robin <robin-1@visitor.example>"}),
            (f"'Robin' via Support <{SUPPORT}>", {"x_original_sender": "robin-2@visitor.example"}),
            (f"'Robin' via Support <{SUPPORT}>", {"x_original_from": "Robin <robin-3@visitor.example>"}),
            ("Robin <robin-4@visitor.example>", {"sender": SUPPORT}),
            ("Robin <robin-5@visitor.example>", {"list_unsubscribe": "<https://crm.example/u/1>"}),
        ]
    ):
        entry, message = await takes(intake, from_=from_, **listed, **more)
        contact = (await intake.room.all(Contact))[-1]
        assert (entry.verdict, message.sender) == ("opened", f"robin-{number}@visitor.example"), from_
        assert (contact.email, contact.name) == (message.sender, "Robin")
        assert (message.automatic, message.unanswerable, message.via) == (None, "precedence", SUPPORT)


async def test_a_form_speaks_for_whom_it_names_and_for_nobody_else(intake: Intake) -> None:
    case = await opened_by_casey(intake)
    await declares(intake, forms=["noreply@shop.example"])
    for from_ in (SUPPORT, "sales@house.example", "Shop <noreply@shop.example>"):
        entry, message = await takes(intake, from_=from_, reply_to=f"Casey <{CASEY}>")
        made = (await intake.room.all(Case))[-1]
        assert (entry.verdict, message.sender, made.contact_id) == ("opened", CASEY, case.contact_id)
        assert (message.via is not None, message.sender_proof) == (True, "unproven")
        assert "sender-unproven" in message.defects
        # What names the case is no proof: anybody may write somebody's address into a form.
        for named in ({"subject": f"[{case.number}]"}, {"to": intake.room.tokens.plus_address(SUPPORT, case.number)}):
            entry, _ = await takes(intake, from_=from_, reply_to=f"Casey <{CASEY}>", **named)
            made = (await intake.room.all(Case))[-1]
            assert (entry.verdict, entry.case_id != case.id, made.linked_case_id) == ("opened", True, case.id)


async def test_what_is_bulk_is_for_the_rules_to_decide(intake: Intake) -> None:
    bulk = {"all": [
        {"field": "email.bulk", "value": True},
        {"field": "customer.kind", "op": "empty"},
        {"field": "email.via", "op": "empty"},
    ]}  # fmt: skip
    rule = {"slug": "support", "name": "x", "queue": "support", "allow_unknown_senders": True}
    items = [{"name": "Bulk", "when": bulk, "action": "file"}, {"name": "All mail"}]
    monitored = MonitoredQueue("support", RecordCreationRule.model_validate({**rule, "items": items}))
    intake.house = replace(intake.house, queues={"support": monitored})
    await intake.room.contact(CASEY)
    stranger = "news@elsewhere.example"
    for headers, verdict, reason in [
        ({"from_": stranger, "precedence": "bulk"}, "filed", "by-item"),
        ({"from_": stranger, "list_id": "<news.elsewhere.example>"}, "filed", "by-item"),
        ({"from_": CASEY, "precedence": "bulk"}, "opened", None),
        (
            {"from_": "robin@visitor.example", "precedence": "list", "list_id": "<support.house.example>"},
            "opened",
            None,
        ),
        ({"from_": "robin@visitor.example", "list_unsubscribe": "<https://crm.example/u/1>"}, "opened", None),
        ({"from_": "robin@visitor.example", "x_auto_response_suppress": "All"}, "opened", None),
        ({"from_": stranger, "auto_submitted": "auto-generated", "precedence": "bulk"}, "filed", "automatic"),
    ]:
        entry, _ = await takes(intake, **headers)
        assert (entry.verdict, entry.reason) == (verdict, reason), headers
        assert entry.explanation


# ---- absences --------------------------------------------------------------------------------------------------------


async def test_an_absence_in_words_is_filed_on_the_case_that_it_answers(intake: Intake) -> None:
    case = await opened_by_casey(intake)
    ours = f"Re: Broken [{case.number}]"
    token = f"<{intake.room.tokens.message_id(case.number, 'u1', 'house.example')}>"
    for headers in (
        {"subject": f"Automatic reply: {ours}"},
        {"subject": f"Abwesenheitsnotiz: {ours}"},
        {"subject": "Réponse automatique : Broken", "in_reply_to": token},
        {"subject": "自動応答", "references": token},
        {"subject": "Autosvar: Broken", "to": intake.room.tokens.plus_address(SUPPORT, case.number)},
        {
            "subject": ours,
            "text": "Ich bin im Urlaub. Dies ist eine automatisch erstellte Nachricht: automatische Antwort.",
        },
    ):
        entry, message = await takes(intake, **headers)
        assert (entry.verdict, entry.case_id, message.automatic) == ("attached", case.id, "out-of-office"), headers
    # Of a colleague, to whom our letter was passed on: it opens nothing.
    entry, message = await takes(intake, from_=EVE, subject=f"Automatic reply: {ours}")
    assert (entry.verdict, entry.reason, message.automatic) == ("filed", "automatic", "out-of-office")
    assert "out-of-office" in str(entry.explanation)
    # What answers nothing of ours is a mail like others, but for our automatic answer.
    entry, message = await takes(intake, subject="Automatic reply: Lunch")
    assert (entry.verdict, message.automatic, message.unanswerable) == ("opened", None, "away")


# ---- weak evidence ---------------------------------------------------------------------------------------------------


async def test_the_pieces_of_a_mail_are_of_one_case(intake: Intake) -> None:
    for number in (2, 1, 3):
        raw = (
            f"From: {CASEY}\nTo: {SUPPORT}\nSubject: Plans ({number}/3)\nMessage-ID: <{number}@customer.example>\n"
            f'Content-Type: message/partial; id="plans@customer.example"; number={number}; total=3\n\nSubject: Plans\n\nx\n'
        )
        await intake.take(await intake.read(raw.encode()))
    assert len(await intake.room.all(Case)) == 1
    assert len(await intake.room.all(EmailMessage)) == 3


async def test_an_unknown_mail_that_two_name_is_weak_evidence(intake: Intake) -> None:
    named = {
        "from_": "blake@customer.example",
        "in_reply_to": "<autumn@news.example>",
        "references": "<autumn@news.example>",
    }
    entry, _ = await takes(intake, **named, subject="Re: Our autumn newsletter")
    first = entry.case_id
    for subject in ("AW: our autumn newsletter", "[EXTERNAL] Re: Our autumn newsletter"):
        entry, message = await takes(intake, **named, subject=subject)
        assert (entry.case_id, message.link_method) == (first, "sibling")
    for subject in ("URGENT: the speakers smoke", "Our autumn newsletter 2", "Re:"):
        entry, _ = await takes(intake, **named, subject=subject)
        made = next(case for case in await intake.room.all(Case) if case.id == entry.case_id)
        assert (entry.verdict, made.linked_case_id) == ("opened", first), subject
    async with intake.room.database.write() as session:
        await session.execute(update(Case).where(Case.id == first).values(status="resolved"))
    entry, _ = await takes(intake, **named, subject="Re: Our autumn newsletter")
    made = next(case for case in await intake.room.all(Case) if case.id == entry.case_id)
    assert (entry.verdict, made.linked_case_id) == ("opened", first)


# ---- one domain, two spellings ---------------------------------------------------------------------------------------


async def test_one_domain_in_its_two_spellings_is_one_contact_and_one_case(intake: Intake) -> None:
    spellings = ["jana@xn--bcher-kva.example", "jana@bücher.example", "JANA@XN--BCHER-KVA.EXAMPLE", "Jana <jana@BÜCHER.example>",
                 "jana@bu\u0308cher.example", "jana@bücher.example."]  # fmt: skip
    for number, from_ in enumerate(spellings):
        named = {"in_reply_to": f"<m-{number - 1}@x>"} if number else {}
        entry, message = await takes(intake, from_=from_, message_id=f"<m-{number}@x>", **named)
        assert entry.verdict == ("attached" if number else "opened"), from_
        assert message.sender == "jana@bücher.example"
    assert [contact.email for contact in await intake.room.all(Contact)] == ["jana@bücher.example"]
    assert len(await intake.room.all(Case)) == 1


async def test_a_mailbox_knows_its_own_address_in_both_spellings(intake: Intake) -> None:
    await declares(intake, addresses=[{"address": "hilfe@xn--bcher-kva.example", "queue": "sales"}])
    own = intake.house.own_addresses | {"hilfe@bücher.example"}
    intake.house = replace(intake.house, own_addresses=own)
    entry, _ = await takes(intake, from_="hilfe@bücher.example")
    assert (entry.verdict, entry.reason) == ("filed", "loop")
    entry, _ = await takes(intake, to="hilfe@xn--bcher-kva.example")
    assert (entry.verdict, entry.reason) == ("held", "no-rule"), "in the queue of that address"


# ---- brakes ----------------------------------------------------------------------------------------------------------


async def test_mails_that_only_claim_to_be_a_customers_brake_nobody_else(intake: Intake) -> None:
    intake.now = datetime.now(UTC)  # brakes count by the rows' wall time
    caps = OrganisationSettings(new_cases_per_sender=3, mails_per_sender_and_case=3)
    intake.house = replace(intake.house, organisation=caps)
    form = {"from_": SUPPORT, "reply_to": f"Casey <{CASEY}>"}
    claims: list[dict[str, Any]] = [
        {"authentication_results": FAILED},
        form,
        {"from_": f"Eve <{EVE}>, Casey <{CASEY}>"},
    ]
    verdicts = [(await takes(intake, **claims[number % 3]))[0].verdict for number in range(8)]
    assert verdicts == ["opened"] * 3 + ["held"] * 5
    proven = {"authentication_results": PASSED}
    assert [(await takes(intake, **proven))[0].verdict for _ in range(4)] == ["opened"] * 3 + ["held"]
    assert [(await takes(intake))[0].verdict for _ in range(4)] == ["opened"] * 3 + ["held"], "nothing is said of these"


# ---- what strangers may be called -------------------------------------------------------------------------------------


async def test_whatever_a_stranger_is_called_their_contact_can_be_read(intake: Intake) -> None:
    long = f"{'a' * 300}@evil.example"
    for from_, contact in [
        ('"a b"@evil.example', True),
        ('Eve <"a@b"@evil.example>', True),
        (f"Eve <{long}>", False),
        (f"{'Eve ' * 200}<eve-1@evil.example>", True),
        ("Eve\u202e <eve-2@evil.example>", True),
        (f"<{'e' * 240}@evil.example>", True),
        ("eve@[IPv6:2001:db8::1]", True),
    ]:
        before = len(await intake.room.all(Contact))
        entry, message = await takes(intake, from_=from_)
        assert (entry.verdict, len(await intake.room.all(Contact)) - before) == ("opened", int(contact)), from_
        assert message.sender
