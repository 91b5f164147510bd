"""Operators' pages: what is red, mails on no case and the ways out, addresses that get nothing, who may look."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import expect
from sqlalchemy import select, update

from console.operating.reasons import REASONS, detail_of, why_of
from engine import polling
from mailroom.arrival import LARGEST_MAIL, read_mail
from mailroom.bounces import BOUNCE
from models.messages.api_cases import ReplyBody
from models.messages.cases import CommandKind
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason
from models.records.mails import InboundMail, Suppression
from models.records.reference import Mailbox
from tests.support.browsers import browsing
from tests.support.correspondence import open_by_mail
from tests.support.cut import cut
from tests.support.desks import Desk, DeskFactory
from tests.support.mailroom import letter
from tests.support.signed import hidden_of, signed_in, window_of
from tests.support.waiting import until


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def held(desk: Desk, **headers: Any) -> UUID:
    """A mail that nobody can answer, taken in by `support`: it is held."""
    async with desk.house.database.write() as session:
        mailbox = (await session.scalars(select(Mailbox).where(Mailbox.slug == "support"))).one()
        mailbox.uidvalidity = 1
        uid = (mailbox.last_uid or 0) + 1
    placing = desk.house.quarantine.placing
    rules = await placing.house_rules(mailbox)
    raw = letter(to="support@desk.example", **headers)
    arrived = await read_mail(uid, raw, desk.house.files, rules.own_addresses, LARGEST_MAIL)
    await placing.take_in(arrived, rules, mailbox.intake_epoch, 1, datetime.now(UTC))
    async with desk.house.database.read() as session:
        return (await session.scalars(select(InboundMail.id).order_by(InboundMail.id.desc()))).all()[0]


async def test_a_mail_on_no_case_is_read_and_put_on_one_or_filed(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, signed_in(desk, "mona") as mona:
        case = await desk.open()
        id = await held(
            desk, from_="", subject="<script>alert(1)</script> Broken", text="It \u05e9\u05d1\u05d5\u05e8 is broken."
        )
        listed = await mona.page("/operations/quarantine")
        assert f"/operations/quarantine/support/{id}" in listed
        assert "<script>alert" not in listed
        assert "It names no sender to whom one could answer." in listed
        assert "no-sender" not in re.sub(r"<[^>]+>", "", listed), "a reason is said in words"
        address = f"/operations/quarantine/support/{id}"
        assert "is broken." in await mona.page(address)
        silent = await held(desk, from_="", subject="Nothing", text=" ")
        assert "There is no text in it." in await mona.page(f"/operations/quarantine/support/{silent}")
        assert "Look at it as it came; then file it" in await mona.page(address)
        long = await mona.send(address, f"{address}/dismiss", {"because": "x" * 501})
        assert (long.status_code, "at most 500 characters" in long.text, "x" * 501 in long.text) == (422, True, True)
        wrong = await mona.send(address, f"{address}/attach", {"case": "CAS-99999-AAAAAA"})
        assert wrong.status_code == 422
        assert "CAS-99999-AAAAAA" in wrong.text, "what was typed stays"
        done = await mona.send(address, f"{address}/attach", {"case": case}, follow=False)
        assert done.headers["location"] == f"/cases/{case}"
        other = await held(desk, from_="", subject="Nothing", text="Nothing of use.")
        there = f"/operations/quarantine/support/{other}"
        old = await mona.page(there)
        empty = await mona.send(old, f"{there}/dismiss", {"because": " "})
        assert (empty.status_code, 'href="#because"' in empty.text) == (422, True)
        filed = await mona.send(there, f"{there}/dismiss", {"because": "no use"})
        for verb in ("release", "rerun", "dismiss"):
            late = await mona.send(old, f"{there}/{verb}", {"because": "another"})
            assert (late.status_code, "Somebody has decided about this mail" in late.text) == (409, True), verb
            assert "filed without a case" in late.text, verb
        assert "It is filed without a case." in filed.text
        assert f"/{other}" in await mona.page("/operations/quarantine?verdict=filed")


def test_every_reason_for_which_a_mail_is_on_no_case_has_words() -> None:
    assert set(REASONS) >= {*HoldReason, *FileReason, BOUNCE}
    for reason in HoldReason:
        assert all((why_of(reason).name, why_of(reason).means, why_of(reason).to_do)), reason
    assert detail_of("blank", "hold: blank") == ""
    assert detail_of("by-item", "file: by-item; item 'Spam' always") == "item 'Spam' always"
    assert detail_of("too-large", "99 bytes, at most 50") == "99 bytes, at most 50"


async def test_an_address_is_suppressed_and_lifted(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "mona") as mona:
        page = "/operations/suppressions"
        faulty = await mona.send(page, f"{page}/add", {"address": "nobody", "detail": "moved"})
        assert faulty.status_code == 422
        assert 'value="moved"' in faulty.text
        assert "such as casey@customer.example" in faulty.text
        empty = await mona.send(page, f"{page}/add", {"address": " "})
        assert (empty.status_code, "Please fill this in." in empty.text) == (422, True)
        assert (
            "gone@customer.example" in (await mona.send(page, f"{page}/add", {"address": "Gone@Customer.example"})).text
        )
        lifted = await mona.send(page, f"{page}/lift")
        assert "No address is suppressed." in lifted.text
        async with desk.house.database.read() as session:
            assert await session.scalar(select(Suppression.id)) is None


async def test_the_first_page_says_what_is_wrong_and_agents_do_not_see_it(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "mona") as mona, signed_in(desk, "grace") as grace:
        assert "Something needs you." in await mona.page("/operations"), "nobody reads the mailbox of a test"
        assert "No incident is open" in await mona.page("/operations/incidents")
        assert "No letter is here." in await mona.page("/operations/outbox")
        assert "What the doctor finds" in await mona.page("/operations/workers")
        assert (await mona.get("/operations/outbox?view=nonsense")).status_code == 404
        assert (await mona.get("/operations/incidents?after=nonsense")).status_code == 404
        given = hidden_of(await mona.page("/me"), "/sign-out")
        nowhere = "00000000-0000-0000-0000-000000000000"
        assert (await mona.client.post(f"/operations/incidents/{nowhere}/retry", data=given)).status_code == 404
        assert (await grace.get("/operations")).status_code == 403
        assert "/operations" not in await grace.page("/")


async def test_a_dead_mailbox_is_red_within_a_minute(open_desk: DeskFactory) -> None:
    async def lives(desk: Desk, since: timedelta) -> None:
        async with desk.house.database.write() as session:
            await session.execute(update(Mailbox).values(last_success=datetime.now(UTC) - since))

    async with open_desk(work=False) as desk, browsing(desk) as (browser, base):
        await lives(desk, timedelta(seconds=10))
        async with window_of(desk, browser, base, "mona") as window:
            await window.open("/")
            mark = window.page.locator("#operations-mark")
            await expect(mark).to_have_text("")
            await lives(desk, timedelta(minutes=6))

            async def red() -> bool:
                return "1" in (await mark.text_content() or "")

            await until(red)
            # The head has room for it: one row on a desk, and in view on a telephone.
            for width in (1280, 1024, 768, 360):
                await window.page.set_viewport_size({"width": width, "height": 800})
                assert not await window.is_cut(), width
                place = await mark.locator(".badge").bounding_box()
                assert place is not None
                assert 0 <= place["x"] <= place["x"] + place["width"] <= width
                if width == 1280:
                    head = await window.page.locator("header.top").bounding_box()
                    assert head is not None
                    assert head["height"] < 50
            assert window.complaints == []


async def test_that_the_engine_does_not_answer_is_said_within_a_phones_page(
    open_desk: DeskFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "ANSWER_WITHIN", timedelta(microseconds=1))
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "locale": "de-DE"}
    async with (
        open_desk(work=False) as desk,
        browsing(desk) as (browser, base),
        window_of(desk, browser, base, "mona", **phone) as window,
    ):
        await window.open("/operations/workers")
        await expect(window.page.get_by_text("die Maschine antwortet nicht").first).to_be_visible()
        assert await cut(window.page) == []


async def test_letters_are_told_in_the_readers_words(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, signed_in(desk, "mona") as mona:
        case = await open_by_mail(desk)
        await desk.send("grace", case, CommandKind.REPLY, ReplyBody(text="Please hold the button."))
        for language, kind, state in (("en", "Reply", "Waiting|Sent"), ("de", "Antwort", "Wartend|Gesendet")):
            mona.client.headers["accept-language"] = language
            pages = [await mona.page(f"/operations/outbox?view={view}") for view in ("waiting", "sent")]
            rows = [re.sub(r"<[^>]+>", " ", row) for page in pages for row in re.findall(r"(?s)<tr>(.*?)</tr>", page)]
            assert any(kind in row and re.search(state, row) for row in rows), rows
            assert not [row for row in rows if re.search(r"\b(reply|acknowledgement|queued|sent)\b", row)]
