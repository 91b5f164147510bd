"""Writing on a case over HTTP, as a browser without scripts does it: drafts, recipients, files, conflicts, taking back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from desk import drafts
from desk.drafts import DraftKind, DraftText
from desk.errors import Conflict
from desk.preferences import AfterSend, Preferences, save_preferences
from models.messages.api_activities import ActivityBody
from models.messages.api_cases import NoteBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.messages.families import MergeBody
from models.records.base import new_id
from models.records.drafts import CasePresence
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.reference import Queue
from tests.support.correspondence import CUSTOMER, SUPPORT, open_by_mail, receive
from tests.support.desks import Desk, DeskFactory
from tests.support.organisations import add
from tests.support.pages import letters
from tests.support.signed import Reader, signed_in
from tests.support.waiting import until

K = CommandKind
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk() as made:
        yield made


@pytest.fixture
async def grace(desk: Desk) -> AsyncIterator[Reader]:
    async with signed_in(desk, "grace") as reader:
        yield reader


@pytest.fixture
async def sam(desk: Desk) -> AsyncIterator[Reader]:
    async with signed_in(desk, "sam") as reader:
        yield reader


def value(html: str, name: str) -> str:
    """What a field of one line, or a text, holds."""
    line = re.search(rf'<input\b[^>]*\bname="{name}"[^>]*>', html)
    if line is not None:
        found = re.search(r'\bvalue="([^"]*)"', line[0])
        return unescape(found[1]) if found else ""
    text = re.search(rf'<textarea\b[^>]*\bname="{name}"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL)
    assert text is not None, f"no field {name} in {html}"
    return unescape(text[1])


async def write(reader: Reader, number: str, kind: str = "reply", page: str = "", **values: Any) -> httpx.Response:
    """Fill and send the form of this kind; what is not given stays as the page has it."""
    address = f"/cases/{number}/{kind}"
    html = page or await reader.page(address)
    files = values.pop("files", None)
    given: dict[str, Any] = {"then": "send"} | values
    if kind != "note":
        given = {"to": value(html, "to"), "cc": value(html, "cc")} | given
    return await reader.send(html, address, given, follow=False, **({"files": files} if files else {}))


async def unsent(desk: Desk, number: str, kind: DraftKind = DraftKind.REPLY, agent: str = "grace") -> DraftText:
    case = await desk.case(number)
    async with desk.house.database.read() as session:
        return (await drafts.drafts(session, await desk.agent(agent), case))[kind].body


async def test_reply_goes_to_the_sender_alone_and_reply_all_leaves_out_our_addresses(desk: Desk, grace: Reader) -> None:
    number = await open_by_mail(desk)
    to = [SUPPORT, "Support+abc@desk.example", "boss@customer.example"]
    await receive(desk, number, recipients={"to": to, "cc": ["legal@customer.example", SUPPORT.upper(), CUSTOMER]})
    page = await grace.page(f"/cases/{number}/reply")
    assert (value(page, "to"), value(page, "cc")) == (CUSTOMER, "")
    page = await grace.page(f"/cases/{number}/reply-all")
    assert (value(page, "to"), value(page, "cc")) == (CUSTOMER, "boss@customer.example, legal@customer.example")
    answer = await write(grace, number, "reply-all", page, text="To all of you.")
    assert answer.status_code == 303, answer.text
    (_, letter) = (await letters(desk, "reply"))[-1]
    assert letter.envelope_to == [CUSTOMER, "boss@customer.example", "legal@customer.example"]
    # Sent once more it is the same letter.
    assert (await write(grace, number, "reply-all", page, text="To all of you.")).headers["location"] == (
        answer.headers["location"]
    )
    assert len(await letters(desk, "reply")) == 1
    # An address that the case does not know is marked, and one of ours is refused beside its field.
    given = await write(grace, number, text="Hello", to=f"New One <new@other.example>; {SUPPORT}")
    assert given.status_code == 422
    assert "New to this case:" in given.text
    assert "<bdi>new@other.example</bdi>" in given.text
    assert "is an address of this house" in given.text
    assert value(given.text, "text") == "Hello"


async def test_the_list_of_what_is_wrong_names_each_field(desk: Desk, grace: Reader) -> None:
    number = await open_by_mail(desk)
    answer = await write(grace, number, text=" ", resolution="")
    assert '<a href="#reply-text">Text of the letter</a>: Please fill this in.' in answer.text


async def test_a_closed_case_offers_no_letter_that_resolves_it_or_waits(desk: Desk, grace: Reader) -> None:
    number = await open_by_mail(desk)
    both = ('value="resolve">Send and resolve', 'value="wait">Send and wait')
    open_page = await grace.page(f"/cases/{number}")
    await desk.send("grace", number, K.RESOLVE, ResolveBody(resolution="A new battery."))
    closed_page = await grace.page(f"/cases/{number}")
    assert [words in open_page for words in both] == [True, True]
    assert [words in closed_page for words in both] == [False, False]
    assert 'value="send" data-send' in closed_page


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(desk: Desk, grace: Reader) -> None:
    number = await open_by_mail(desk)
    for values, said in (
        ({"text": " "}, "Please fill this in."),
        ({"text": "Hello", "to": ""}, "Please say whom it goes to."),
        ({"text": "Hello", "to": "jo@"}, "Not sent yet."),
        ({"text": "Dear [[contact name]], your {{ device }}"}, "[[contact name]], {{ device }}"),
        ({"text": "Hello", "then": "resolve"}, "Please fill this in."),
        ({"text": "Done.", "then": "resolve", "resolution": "Done", "billable_minutes": "ten"}, "whole number"),
    ):
        answer = await write(grace, number, **{"resolution": "", **values})
        assert answer.status_code == 422, values
        assert said in unescape(answer.text), values
        assert value(answer.text, "text") == values["text"]
        assert 'role="alert"' in answer.text
    # It speaks of a file and has none: asked once, and sent when it is sent again.
    asked = await write(grace, number, text="The form is attached.")
    assert (asked.status_code, "none is attached" in asked.text) == (422, True)
    sent = await write(grace, number, page=asked.text, text="The form is attached.")
    assert sent.status_code == 303
    assert [each.text for each, _ in await letters(desk, "reply")] == ["The form is attached.\n\n-- \nGrace"]


async def test_a_sent_draft_never_returns_though_a_save_comes_late(desk: Desk, grace: Reader) -> None:
    number = await open_by_mail(desk)
    page = await grace.page(f"/cases/{number}/reply")
    part = f"/part/cases/{number}/drafts/reply"

    async def save(written: int, text: str, generation: int = 0) -> httpx.Response:
        given = {"form": value(page, "form"), "generation": generation, "written": written, "to": "jo@", "text": text}
        return await grace.client.post(part, data=given)

    first = await save(1, "Dear")
    assert (first.status_code, first.headers["draft-written"]) == (200, "1")
    assert "Saved" in first.text
    assert (await save(3, "Dear Jo, good")).status_code == 200
    late = await save(2, "Dear Jo")
    assert (late.status_code, late.headers["draft-sent"], late.headers["draft-written"]) == (409, "no", "3")
    assert (await unsent(desk, number)).text == "Dear Jo, good"
    # On another machine the whole is there, also what is no address yet.
    async with signed_in(desk, "grace") as elsewhere:
        other = await elsewhere.page(f"/cases/{number}/reply")
        assert (value(other, "text"), value(other, "to")) == ("Dear Jo, good", "jo@")
    assert (await write(grace, number, to=CUSTOMER, text="Dear Jo, good day.")).status_code == 303
    for written in (4, 1):
        late = await save(written, "Dear Jo, good d")
        assert (late.status_code, late.headers["draft-sent"], late.headers["draft-generation"]) == (409, "yes", "1")
    assert (await unsent(desk, number)).empty
    assert value(await grace.page(f"/cases/{number}/reply"), "text") == ""
    assert (await save(1, "The next one", generation=1)).status_code == 200
    # Each kind is a draft of its own.
    assert (await unsent(desk, number, DraftKind.NOTE)).empty


async def test_a_draft_follows_its_case_into_another(desk: Desk, grace: Reader) -> None:
    retired, survivor = await open_by_mail(desk), await open_by_mail(desk, "The same once more.")
    page = await grace.page(f"/cases/{retired}/reply")
    given = {"form": value(page, "form"), "generation": "0", "written": "1", "text": "I am still writ"}
    assert (await grace.client.post(f"/part/cases/{retired}/drafts/reply", data=given)).status_code == 200
    await desk.send("mona", survivor, K.MERGE, MergeBody(losers=(retired,)))
    await desk.until_status(retired, CaseStatus.CANCELLED)

    async def moved() -> bool:
        return not (await unsent(desk, survivor)).empty

    await until(moved)
    saved = await grace.client.post(
        f"/part/cases/{retired}/drafts/reply", data=given | {"written": "2", "text": "I am still writing."}
    )
    assert saved.status_code == 200, saved.text
    assert (await unsent(desk, survivor)).text == "I am still writing."
    # Sent from the page that knows nothing of it: said above the text, and sent on the other one.
    answer = await write(grace, retired, page=page, text="I am done.")
    assert answer.status_code == 409
    assert f"it is sent on {survivor}" in answer.text
    assert value(answer.text, "text") == "I am done."
    unread = await write(grace, survivor, page=answer.text, text="I am done.")
    assert (unread.status_code, "others have been here" in unread.text) == (409, True), "what stands on that one"
    assert (await write(grace, survivor, page=unread.text, text="I am done.")).status_code == 303
    assert (await unsent(desk, survivor)).empty


async def test_undo_restores_text_recipients_and_files(desk: Desk, grace: Reader) -> None:
    number = await open_by_mail(desk)
    answer = await write(
        grace,
        number,
        text="See the picture.",
        cc="second@other.example",
        files=[("file", ("a plan.png", PNG, "image/png"))],
        then="wait",
    )
    assert answer.status_code == 303, answer.text
    (message, letter) = (await letters(desk, "reply"))[-1]
    assert letter.not_before is not None
    assert letter.not_before - datetime.now(UTC) < timedelta(seconds=11), "the ten seconds of who has chosen none"
    assert (await desk.case(number)).status_reason != "in-progress"
    assert answer.headers["location"] == f"/cases/{number}?write=reply&sent={message.id}#said-{message.id}"
    # The next one is begun meanwhile, and is not lost either.
    page = await grace.page(f"/cases/{number}/reply")
    saved = {"form": value(page, "form"), "generation": value(page, "generation"), "written": "1", "text": "P.S."}
    assert (await grace.client.post(f"/part/cases/{number}/drafts/reply", data=saved)).status_code == 200
    undo = f"/cases/{number}/replies/{message.id}/undo"
    back = await grace.client.post(undo, data={"form": value(page, "form")})
    assert (back.status_code, back.headers["location"]) == (
        303,
        f"/cases/{number}?write=reply&undone={message.id}#composer",
    )
    page = await grace.page(f"/cases/{number}/reply")
    assert value(page, "text") == "See the picture.\n\nP.S."
    assert (value(page, "to"), value(page, "cc")) == (CUSTOMER, "second@other.example")
    assert "a plan.png" in page
    assert (await desk.case(number)).status_reason == "in-progress"
    # Sent again it takes the same file along; too late is said.
    kept = value(page, "attachments")
    answer = await write(grace, number, text="See the picture.", attachments=kept)
    assert answer.status_code == 303
    (message, letter) = (await letters(desk, "reply"))[-1]
    async with desk.house.database.write() as session:
        await session.execute(update(Outbox).where(Outbox.id == letter.id).values(state="sent"))
        assert list(await session.scalars(select(Attachment.filename).where(Attachment.message_id == message.id))) == [
            "a plan.png"
        ]
    page = await grace.page(f"/cases/{number}/reply")
    late = await grace.client.post(f"/cases/{number}/replies/{message.id}/undo", data={"form": value(page, "form")})
    assert (late.status_code, "cannot be taken back any more" in late.text) == (409, True)


async def test_of_two_answers_at_once_the_second_agent_sees_the_first(desk: Desk, grace: Reader, sam: Reader) -> None:
    number = await open_by_mail(desk)
    hers, his = await grace.page(f"/cases/{number}/reply"), await sam.page(f"/cases/{number}/reply")
    assert (await write(grace, number, page=hers, text="Hold the button.")).status_code == 303
    await desk.send("grace", number, K.NOTE, NoteBody(text="Their firmware is old."))
    await receive(desk, number, text="It works now, thank you!")
    second = await write(sam, number, page=his, text="Let go of the button.")
    assert second.status_code == 409
    for said in ("Hold the button.", "Their firmware is old.", "It works now, thank you!", "Send anyway"):
        assert said in second.text
    assert value(second.text, "text") == "Let go of the button."
    assert len(await letters(desk, "reply")) == 1
    # Having read them he sends it; a fourth entry would be shown again.
    assert (await write(sam, number, page=second.text, text="Let go of the button.")).status_code == 303
    assert len(await letters(desk, "reply")) == 2
    # What one has done oneself is no news.
    once_more = await write(sam, number, page=second.text, text="P.S.")
    assert (once_more.status_code, "was sent already" in once_more.text) == (422, True)
    assert (await write(sam, number, page=once_more.text, text="P.S.")).status_code == 303


async def test_a_note_and_its_files_reach_no_recipient(desk: Desk, grace: Reader, sam: Reader) -> None:
    number = await open_by_mail(desk)
    answer = await write(
        grace, number, "note", text="Between us: @sam", files=[("file", ("secret.png", PNG, "image/png"))]
    )
    assert answer.status_code == 303, answer.text
    (entry,) = await desk.timeline(number, "note")
    async with desk.house.database.read() as session:
        file = (await session.scalars(select(Attachment))).one()
        assert (file.message_id, file.entry_id) == (None, entry.id)
    # No letter can take it, neither of hers nor of his.
    for who in ("grace", "sam"):
        async with signed_in(desk, who) as reader:
            refused = await write(reader, number, text="Here you are.", attachments=str(file.id))
            assert refused.status_code == 422
            assert "not an unsent upload of yours" in refused.text
    async with desk.house.database.read() as session:
        told = list(await session.scalars(select(Outbox).where(Outbox.kind.in_(("reply", "article")))))
        assert told == []
        for letter in await session.scalars(select(EmailMessage).where(EmailMessage.direction == "out")):
            assert CUSTOMER not in letter.recipients["to"] or "Between us" not in letter.text
    # A note does not ask what others have done, and stays possible when the case is closed.
    assert (await write(sam, number, "note", text="So be it.")).status_code == 303


async def test_a_mail_is_sent_on_with_its_files_once(desk: Desk, grace: Reader) -> None:
    number = await open_by_mail(desk, "They do not pair.")
    (mail,) = [each.subject_id for each in await desk.timeline(number, "mail")][:1]
    digest = await desk.house.files.put(PNG)
    async with desk.house.database.write() as session:
        kind = {"filename": "plan.png", "content_type": "image/png", "size": len(PNG), "sha256": digest}
        session.add(Attachment(id=new_id(), message_id=mail, position=0, **kind))
    page = await grace.page(f"/cases/{number}/forward")
    assert (value(page, "to"), "They do not pair." in value(page, "text")) == ("", True)
    given = {"text": value(page, "text"), "to": "lab@other.example", "copied": value(page, "copied")}
    first = await write(grace, number, "forward", page, **given)
    assert first.status_code == 303, first.text
    assert (await write(grace, number, "forward", page, **given)).headers["location"] == first.headers["location"]
    ((message, letter),) = await letters(desk, "reply")
    assert letter.envelope_to == ["lab@other.example"]
    async with desk.house.database.read() as session:
        sent = await session.scalars(select(Attachment.filename).where(Attachment.message_id == message.id))
        assert list(sent) == ["plan.png"]
    assert (await desk.case(number)).first_response_sent is False, "whom it went to is not the customer"


async def test_a_template_and_an_article_enter_and_what_they_leave_open_stops_send(desk: Desk, grace: Reader) -> None:
    words = {
        "subject": "S",
        "body": "Dear {{ contact.name }},\nplease tell us the [[serial number]].\n{{ owner.name }}",
    }
    await add(
        desk,
        {"templates": [{"slug": "ask-serial", "name": "Ask for the serial number", "texts": {"en": words}}]},
    )
    number = await open_by_mail(desk)
    page = await grace.page(f"/cases/{number}/reply")
    assert "Ask for the serial number" in page
    answer = await grace.client.get(f"/part/cases/{number}/words", params={"template": "ask-serial"})
    assert answer.status_code == 200
    assert answer.text == "Dear Casey,\nplease tell us the [[serial number]].\nGrace"
    helped = await write(grace, number, page=page, text="Hello.", then="", do="template", template="ask-serial")
    assert helped.status_code == 200
    assert value(helped.text, "text") == f"Hello.\n\n{answer.text}"
    stopped = await write(grace, number, page=helped.text, text=value(helped.text, "text"))
    assert (stopped.status_code, "[[serial number]]" in stopped.text) == (422, True)
    assert await letters(desk, "reply") == []
    for asked, said in (
        (("template", "nothing"), "there is no template"),
        (("article", "KA-9"), "there is no article"),
    ):
        refused = await write(grace, number, text="Hello.", then="", do=asked[0], **{asked[0]: asked[1]})
        assert (refused.status_code, said in refused.text) == (422, True)


async def test_bulk_key_and_send_and_resolve_meet_the_same_checks(desk: Desk, grace: Reader) -> None:

    number = await open_by_mail(desk)
    await desk.send("grace", number, K.ADD_ACTIVITY, ActivityBody(kind="task", title="Call them"))
    with pytest.raises(Conflict) as refused:
        await desk.send("grace", number, K.RESOLVE, ResolveBody(resolution="Done."))
    answer = await write(grace, number, text="All is well.", then="resolve", resolution="Done.")
    assert (answer.status_code, refused.value.type) == (409, "open-activities")
    assert "Open activities: 1." in answer.text
    assert await letters(desk, "reply") == []
    assert (await unsent(desk, number)).text == "All is well.", "what was not sent is unfinished"
    sent = await write(
        grace, number, text="All is well.", then="resolve", resolution="Done.", cancel_open_activities="yes"
    )
    assert sent.status_code == 303, sent.text
    assert (await desk.case(number)).status == "resolved"


async def test_whoever_is_there_is_shown_for_thirty_seconds(desk: Desk, grace: Reader, sam: Reader) -> None:
    number = await open_by_mail(desk)
    hers, his = await grace.page(f"/cases/{number}/reply"), await sam.page(f"/cases/{number}/reply")
    part = f"/part/cases/{number}/presence"
    alone = await grace.client.post(part, data={"form": value(hers, "form"), "doing": "views"})
    assert (alone.status_code, alone.text.strip()) == (200, "")
    seen = await sam.client.post(part, data={"form": value(his, "form"), "doing": "writes"})
    assert "Grace is looking at this" in seen.text
    assert "Sam is writing here" in await grace.page(f"/cases/{number}/note")
    async with desk.house.database.write() as session:
        await session.execute(update(CasePresence).values(seen_on=datetime.now(UTC) - timedelta(seconds=31)))
    assert (await grace.client.get(part)).text.strip() == ""
    # A private case is none for who may not see it, whatever the address.
    async with desk.house.database.read() as session:
        private = await session.scalar(select(Queue.id).where(Queue.slug == "private"))
    await desk.send("mona", number, K.ROUTE, target_id=private)
    for path in (f"/cases/{number}/reply", part, f"/part/cases/{number}/words?template=x"):
        assert (await sam.get(path)).status_code == 404
    for path in (f"/cases/{number}/reply", f"/part/cases/{number}/drafts/reply", part):
        hidden = await sam.client.post(
            path, data={"form": value(his, "form"), "text": "x", "generation": 0, "written": 1}
        )
        assert hidden.status_code == 404, path


async def test_after_sending_one_is_where_one_has_chosen(desk: Desk, grace: Reader) -> None:
    number = await open_by_mail(desk)
    identity = await desk.agent("grace")
    for chosen, more, goes in (
        (AfterSend.LIST, {"back": "/cases?view=mine"}, "/cases?view=mine"),
        (AfterSend.LIST, {"back": "https://evil.example/"}, "/cases"),
        (AfterSend.LIST, {"back": "//evil.example/"}, "/cases"),
        (AfterSend.NEXT, {"next": "/cases/CAS-2?from=x"}, "/cases/CAS-2?from=x"),
    ):
        async with desk.house.database.write() as session:
            await save_preferences(session, identity.agent_id, Preferences(after_send=chosen), now=datetime.now(UTC))
        assert ("and go to the" in await grace.page(f"/cases/{number}/reply")) is True
        sent = await write(grace, number, text="Hello.", **more)
        assert (sent.status_code, sent.headers["location"]) == (303, goes)
