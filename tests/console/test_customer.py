"""The customer's own view of their case: what it shows, what it never does, and that an answer counts like a mail."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from models.messages.api_cases import NoteBody, ReplyBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.reference import Agent, Queue
from models.records.surveys import CustomerLink
from tests.support.asking import asked
from tests.support.correspondence import CUSTOMER, open_by_mail, receive
from tests.support.desks import COLD, WARM, Desk, DeskFactory
from tests.support.organisations import add, rule
from tests.support.pages import form_of, letters, link_in, reading, with_pages
from tests.support.waiting import until

K = CommandKind
LINE = "See your case and answer here: https://help.example/my/"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk() as made:
        await with_pages(made, customer_view=True)
        yield made


async def answered(desk: Desk, **fields: Any) -> tuple[str, str]:
    """A case that a mail opened and an agent answered, and the path of its link."""
    number = await open_by_mail(desk, **fields)
    await desk.send("grace", number, K.REPLY, ReplyBody(text="Hold the button."))
    return number, link_in(desk, (await letters(desk, "reply"))[-1][0])


async def write(browser: httpx.AsyncClient, link: str, text: str, **more: Any) -> httpx.Response:
    form = more.pop("form", None) or form_of((await browser.get(link)).text)
    return await browser.post(f"{link}/answer", data={"form": form, "text": text}, **more)


async def has_told(desk: Desk, number: str) -> bool:
    return len(await desk.timeline(number, "customer-solved")) == 1


async def mails_in(desk: Desk, number: str, count: int) -> list[EmailMessage]:
    case = await desk.case(number)

    async def found() -> list[EmailMessage]:
        async with desk.house.database.read() as session:
            wanted = select(EmailMessage).where(EmailMessage.case_id == case.id, EmailMessage.direction == "in")
            return list(await session.scalars(wanted.order_by(EmailMessage.id)))

    async def there() -> bool:
        return len(await found()) == count

    await until(there)
    await desk.settled(number)
    return await found()


async def test_the_page_shows_the_letters_exchanged_and_nothing_else(desk: Desk) -> None:
    number, link = await answered(desk)
    await desk.send("grace", number, K.NOTE, NoteBody(text="INTERNAL: they are difficult."))
    await desk.send("grace", number, K.REPLY, ReplyBody(text="TO THE SUPPLIER", to=("parts@supplier.example",)))
    await receive(desk, number, text="FROM THE SUPPLIER", sender="parts@supplier.example")
    await receive(desk, number, text="OUT OF OFFICE", automatic="auto-replied")
    async with reading(desk) as browser:
        page = await browser.get(link)
        assert page.status_code == 200
        for shown in (number, "My headphones", "They do not pair.", "Hold the button.", "We are working on it"):
            assert shown in page.text, shown
        for hidden in ("INTERNAL", "SUPPLIER", "OUT OF OFFICE", "grace", "Gold", "Aurora", LINE):
            assert hidden not in page.text, hidden
        assert "<dt>Resolution</dt>" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "script" not in page.headers["content-security-policy"]
        expected = {"referrer-policy": "no-referrer", "x-content-type-options": "nosniff", "x-frame-options": "DENY"}
        assert {name: page.headers[name] for name in expected} == expected
        assert page.headers["cache-control"] == "no-store"
        german = await browser.get(link, params={"lang": "de"})
        assert ("Wir arbeiten daran" in german.text, german.headers["content-language"]) == (True, "de")
        await with_pages(desk, customer_view=True, show_promises=False)
        assert "<dt>Resolution</dt>" not in (await browser.get(link)).text
        # Where customers are shown no cases any more, the links that went out open nothing either.
        await with_pages(desk, customer_view=False)
        closed = await browser.get(link)
        assert (closed.status_code, number in closed.text) == (410, False)


async def test_an_answer_counts_like_a_mail_of_the_customer_once_for_its_form(desk: Desk) -> None:
    number, link = await answered(desk)
    async with reading(desk) as browser:
        form = form_of((await browser.get(link)).text)
        for _ in range(3):
            files = [
                ("files", ("../../a\u202egnp.exe", b"MZ\x00", "text/html")),
                ("files", ("b.txt", b"two", "text/plain")),
            ]
            sent = await write(browser, link, "It pairs now.\r\nNearly.", form=form, files=files)
            assert (sent.status_code, sent.headers["location"]) == (303, f"{link}?said=answer")
        _, message = await mails_in(desk, number, 2)
        assert (message.text, message.sender, message.link_method) == ("It pairs now.\nNearly.", CUSTOMER, "page")
        assert (await desk.case(number)).customer_replied_last
        page = (await browser.get(link)).text
        assert page.count("It pairs now.") == 1
        async with desk.house.database.read() as session:
            kept = list(await session.scalars(select(Attachment).where(Attachment.message_id == message.id)))
        assert [each.filename for each in kept] == ["a_gnp.exe", "b.txt"]
        file = await browser.get(f"{link}/files/{kept[0].id}")
        assert file.content == b"MZ\x00"
        assert file.headers["content-type"] == "application/octet-stream"
        assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''a_gnp.exe")
        assert "sandbox" in file.headers["content-security-policy"]
        # Of the forms that are refused nothing is kept, and what was typed comes back.
        many = [("files", (f"{n}", b"1")) for n in range(6)]
        for text, given in (("", many[:0]), ("x" * 20_001, many[:0]), ("a", many)):
            wrong = await write(browser, link, text, files=given or [("files", ("", b""))])
            assert wrong.status_code == 422, (text[:10], wrong.status_code)
        # However many are picked at once: it is said beside the field, what was typed stays, and files are asked for again.
        for count, text, again in ((30, "thirty pictures", False), (1, "y" * 20_001, True)):
            files = [("files", (f"{n}.png", b"1", "image/png")) for n in range(count)]
            wrong = await write(browser, link, text, files=files)
            assert wrong.status_code == 422, count
            assert f"{text}</textarea>" in wrong.text
            assert ("Please choose your files once more." in wrong.text) == again
        huge = await write(browser, link, "a", files=[("files", ("big", b"0" * 21 * 1024 * 1024))])
        assert huge.status_code == 422
        larger = await write(browser, link, "a", files=[("files", ("big", b"0" * 26 * 1024 * 1024))])
        assert (larger.status_code, "too much at once" in larger.text) == (413, True)
    assert len(await mails_in(desk, number, 2)) == 2


async def test_an_answer_reopens_by_the_rules_of_mail(desk: Desk) -> None:
    """The same rule decides as of a mail: within the window it reopens, beyond it a related case is opened."""
    reopen = {
        "name": "Reopen",
        "action": "reopen",
        "when": {"all": [{"field": "email.related_status", "value": "resolved"}]},
    }
    await rule(desk, items=[reopen, {"name": "Rest", "action": "open-case"}], new_case_after_resolved=True)
    number, link = await answered(desk)
    await desk.send("grace", number, K.RESOLVE, ResolveBody(resolution="Paired."))
    async with reading(desk) as browser:
        page = (await browser.get(link)).text
        assert ("It is solved" in page, "Is it not solved?" in page) == (True, True)
        assert (await write(browser, link, "It is not.")).status_code == 303
    await desk.until_status(number, CaseStatus.ACTIVE)
    assert [entry.data["outcome"] for entry in await desk.timeline(number, "mail")][-1] == "reopen"


async def test_solved_is_told_once_and_only_by_a_form(desk: Desk) -> None:
    number, link = await answered(desk)
    async with reading(desk) as browser:
        assert (await browser.get(f"{link}/solved")).status_code == 303
        assert not (await desk.timeline(number, "customer-solved"))
        assert (await browser.post(f"{link}/solved", data={"form": "x"})).status_code == 422
        sent = None
        form = form_of((await browser.get(link)).text)
        for _ in range(2):
            sent = await browser.post(f"{link}/solved", data={"form": form})
            assert sent.status_code == 303
        assert sent is not None
        thanks = await browser.get(sent.headers["location"])
        assert "We have noted that it is solved" in thanks.text
        # The page remembers it, also for whoever comes back later, and asks no more.
        later = (await browser.get(link)).text
        assert "You have told us that it is solved." in later
        assert "/solved" not in later

    await until(lambda: has_told(desk, number))
    await desk.settled(number)
    ((notice, _),) = [each for each in await letters(desk, "notice") if "says it is solved" in each[0].subject]
    assert "it can be resolved" in notice.text
    assert (await desk.case(number)).status == CaseStatus.ACTIVE, "an agent resolves"


async def test_solved_reaches_a_manager_where_nobody_works_in_the_cases_queue(desk: Desk) -> None:
    number, link = await answered(desk)
    async with desk.house.database.write() as session:
        grace = await session.scalar(select(Agent.id).where(Agent.slug == "grace"))
        await session.execute(update(Queue).values(owner_id=grace))
        await session.execute(update(Agent).where(Agent.slug != "mona").values(active=False))
    async with reading(desk) as browser:
        await browser.post(f"{link}/solved", data={"form": form_of((await browser.get(link)).text)})
    await until(lambda: has_told(desk, number))
    ((_, notice),) = [each for each in await letters(desk, "notice") if "says it is solved" in each[0].subject]
    assert notice.envelope_to == ["mona@desk.example"]


async def test_a_link_opens_its_own_case_alone_until_it_is_over_or_revoked(desk: Desk) -> None:
    await add(
        desk, {"contacts": [{"slug": "rosa", "name": "Rosa", "email": "rosa@customer.example", "account": "aurora"}]}
    )
    number, link = await answered(desk)
    other, elsewhere = await answered(desk)
    id, key, mac = link.removeprefix("/my/").split(".")
    other_id, _, other_mac = elsewhere.removeprefix("/my/").split(".")
    assert id != other_id
    (mine, _), (theirs, _) = await letters(desk, "reply")
    assert mac not in mine.text + theirs.text
    assert f"{LINE}{id}" in mine.text
    # Quoted in a letter of another case, an id is signed for that one, and opens nothing.
    quoted = link_in(desk, mine, of=theirs)
    async with reading(desk) as browser:
        closed = [f"/my/{id}.{key}.{other_mac}", f"/my/{other_id}.{key}.{mac}", f"/survey/{id}.{key}.{mac}", quoted]
        for path in closed:
            assert (await browser.get(path)).status_code == 404, path
            assert (await browser.post(f"{path}/answer", data={"text": "a"})).status_code in (404, 405), path
        await write(browser, elsewhere, "mine", files=[("files", ("a.txt", b"a"))])
        _, message = await mails_in(desk, other, 2)
        async with desk.house.database.read() as session:
            file = await session.scalar(select(Attachment.id).where(Attachment.message_id == message.id))
        assert (await browser.get(f"{elsewhere}/files/{file}")).status_code == 200
        assert (await browser.get(f"{link}/files/{file}")).status_code == 404, "a file of another case"
        form = form_of((await browser.get(link)).text)
        crossed = await write(browser, elsewhere, "forged", form=form)
        assert crossed.status_code == 422, "a form of one case is none of another"
        async with asked(desk) as http:
            shown = (await http("grace", "GET", f"/cases/{number}/customer-links")).json()["items"]
            assert [each["contact"] for each in shown] == ["casey"]
            assert mac not in str(shown)
            wrong = await http("grace", "POST", f"/cases/{other}/customer-links/{shown[0]['id']}/revoke")
            assert wrong.status_code == 404
            ended = await http("grace", "POST", f"/cases/{number}/customer-links/{shown[0]['id']}/revoke")
            assert (ended.status_code, ended.json()["revoked_by"]) == (200, "grace")
        gone = await browser.get(link)
        assert (gone.status_code, "link was closed" in gone.text) == (410, True)
        assert (await browser.post(f"{link}/answer", data={"form": form, "text": "a"})).status_code in (410, 422)
        async with desk.house.database.write() as session:
            await session.execute(update(CustomerLink).values(expires_on=datetime.now(UTC) - timedelta(seconds=1)))
        assert (await browser.get(elsewhere)).status_code == 410
    # The next letter has a new link; one that somebody else reads as well has none.
    await desk.send("grace", number, K.REPLY, ReplyBody(text="Once more."))
    await desk.send("grace", number, K.REPLY, ReplyBody(text="To two.", to=(CUSTOMER, "x@elsewhere.example")))
    assert [LINE in message.text for message, _ in (await letters(desk, "reply"))[-2:]] == [True, False]
    # A case that is another's by now is closed to its former customer.
    async with desk.house.database.write() as session:
        await session.execute(update(CustomerLink).values(expires_on=datetime.now(UTC) + timedelta(days=1)))
    async with asked(desk) as http:
        shown = (await http("grace", "GET", f"/cases/{other}")).json()
        moved = await http("grace", "PATCH", f"/cases/{other}", {"contact": "rosa"}, If_Match="*")
        assert moved.status_code == 200, moved.text
    async with reading(desk) as browser:
        assert (await browser.get(elsewhere)).status_code == 410


async def test_looking_at_the_page_changes_nothing_and_too_often_is_refused(desk: Desk) -> None:
    number, link = await answered(desk)
    before = [entry.id for entry in await desk.timeline(number)]
    async with reading(desk) as browser:
        assert (await browser.head(link)).status_code == 200
        answers = [await browser.post(f"{link}/solved") for _ in range(23)]
        assert {answer.status_code for answer in answers} == {422, 429}
        assert answers[-1].headers["retry-after"] == "60"
        assert (await browser.get(link)).status_code == 200, "reading has its own measure"
    assert [entry.id for entry in await desk.timeline(number)] == before


async def test_a_link_lasts_its_days_and_is_used_again_for_half_of_them(desk: Desk) -> None:
    await with_pages(desk, customer_view=True, link_days=10)
    number, link = await answered(desk)
    await desk.send("grace", number, K.REPLY, ReplyBody(text="And the other one."))
    assert link_in(desk, (await letters(desk, "reply"))[-1][0]) == link
    async with desk.house.database.write() as session:
        (row,) = list(await session.scalars(select(CustomerLink)))
        assert row.expires_on - row.made_on == timedelta(days=10)
        row.expires_on = datetime.now(UTC) + timedelta(days=4)
    await desk.send("grace", number, K.REPLY, ReplyBody(text="And the third."))
    assert link_in(desk, (await letters(desk, "reply"))[-1][0]) != link


async def test_what_was_taken_back_or_never_left_is_not_shown(desk: Desk) -> None:
    number, link = await answered(desk)
    await desk.send("grace", number, K.REPLY, ReplyBody(text="TOO QUICK", send_after_seconds=60))
    message = (await letters(desk, "reply"))[-1][0]
    await desk.send("grace", number, K.UNDO_REPLY, target_id=message.id)
    async with reading(desk) as browser:
        assert "TOO QUICK" not in (await browser.get(link)).text
    async with desk.house.database.read() as session:
        assert await session.scalar(select(Outbox.state).where(Outbox.message_id == message.id)) == "undone"


async def test_an_acknowledgement_leads_to_the_case_where_its_template_says_so(desk: Desk) -> None:
    words = {"en": {"subject": "Got it", "body": "We have it. {{ case.customer_link }}"}}
    await add(desk, {"templates": [{"slug": "with-link", "name": "With a link", "texts": words}]})
    await rule(desk, auto_reply_template="with-link")
    await open_by_mail(desk)
    ((message, _),) = await letters(desk, "acknowledgement")
    async with reading(desk) as browser:
        assert "They do not pair." in (await browser.get(link_in(desk, message))).text


@pytest.mark.parametrize("cached", [WARM, COLD], ids=["warm", "cold"])
async def test_answers_at_one_moment_are_each_taken_in_once(open_desk: DeskFactory, cached: int) -> None:
    async with open_desk(cached=cached) as desk:
        await with_pages(desk, customer_view=True)
        number, link = await answered(desk)
        async with reading(desk) as browser:
            forms = [form_of((await browser.get(link)).text) for _ in range(3)]
            for text, form in zip("abcabc", forms * 2, strict=True):
                assert (await write(browser, link, f"Answer {text}", form=form)).status_code == 303
        found = await mails_in(desk, number, 4)
        assert [each.text for each in found[1:]] == ["Answer a", "Answer b", "Answer c"]


async def test_what_is_wrong_stands_beside_its_field_and_its_address_leads_back(desk: Desk) -> None:
    _, link = await answered(desk)
    async with reading(desk) as browser:
        files = [("files", (f"{n}", b"1")) for n in range(6)]
        for text, given, field, words in (
            (" ", [("files", ("", b""))], "text", "Please write something."),
            ("x" * 20_001, [("files", ("", b""))], "text", "at most 20,000 characters"),
            ("It pairs.", files, "files", "too many or too large"),
        ):
            wrong = await write(browser, link, text, files=given)
            assert wrong.status_code == 422, field
            beside = re.search(rf'id="{field}"[^>]*aria-describedby="wrong-{field}"', wrong.text)
            assert beside is not None, field
            assert re.search(rf'id="wrong-{field}">[^<]*{words}', wrong.text), field
        # Such a page stands at an address that only forms are sent to: a reload or a kept tab asks for it.
        for place in ("answer", "solved"):
            again = await browser.get(f"{link}/{place}", params={"lang": "de"})
            assert (again.status_code, again.headers["location"]) == (303, f"{link}?lang=de"), place
