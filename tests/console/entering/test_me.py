"""One's own page: what one sets, what one is told of, where one is signed in, and how one gets in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pyotp
import pytest
from sqlalchemy import update

from console.cookies import COOKIE
from console.entering.programs import program_name
from desk.own_notices import my_notices
from desk.preferences import AfterSend, Preferences, preferences_of
from desk.sessions import sessions_of
from desk.shortcuts import USUAL, Shortcut
from models.messages.notices import NoticeWay, WorkEvent
from models.records.reference import Agent
from tests.support.desks import Desk, DeskFactory
from tests.support.doors import chosen, outside
from tests.support.entering import PASSWORD
from tests.support.signed import Reader, hidden_of, signed_in

SETTINGS = {
    "time_zone": "Asia/Tokyo",
    "language": "de",
    "undo_seconds": "45",
    "after_send": "next",
    "sound": "on",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made


async def test_what_one_sets_holds_at_once_and_a_faulty_form_keeps_what_was_typed(desk: Desk) -> None:
    grace = await desk.agent("grace")

    async def kept() -> Preferences:
        async with desk.house.database.read() as session:
            return await preferences_of(session, grace.agent_id)

    async with signed_in(desk, "grace") as browser:
        page = await browser.page("/me")
        assert 'lang="en"' in page
        for wrong in (
            {"undo_seconds": "9"},
            {"undo_seconds": "1e9"},
            {"undo_seconds": "\u0661\u0662"},
            {"undo_seconds": ""},
        ):
            answer = await browser.send(page, "/me/preferences", SETTINGS | wrong)
            assert (answer.status_code, 'href="#undo_seconds"' in answer.text) == (422, True), wrong
            assert "Asia/Tokyo</option>" in answer.text.partition(" selected>")[2][:30], (
                "the rest stays as it was typed"
            )
        for field, value in (("time_zone", "Mars/Olympus"), ("language", "klingon!"), ("after_send", "home")):
            answer = await browser.send(page, "/me/preferences", SETTINGS | {field: value})
            assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True), field
        assert await kept() == Preferences()
        after = await browser.send(page, "/me/preferences", SETTINGS)
        assert ('lang="de"' in after.text, "Ihre Einstellungen sind gespeichert." in after.text) == (True, True)
        assert 'data-zone="Asia/Tokyo"' in after.text
        assert await kept() == Preferences(
            time_zone="Asia/Tokyo", language="de", undo_seconds=45, after_send=AfterSend.NEXT, sound=True
        )
        own = {**{f"key-{does}": key for does, key in USUAL.items()}, "key-reply": "Y"}
        again = await browser.send("/me", "/me/keys", own)
        assert "Ihre Tasten sind gespeichert." in again.text
        assert (await kept()).own_keys == {Shortcut.REPLY: "y"}, "one form leaves what the other has kept"
        assert (await kept()).undo_seconds == 45


async def test_a_key_is_one_character_and_a_clash_is_refused_beside_its_field(desk: Desk) -> None:
    """As everything else here, by a form that needs no script."""

    def field(html: str, does: Shortcut) -> str:
        return html.partition(f'id="key-{does}" ')[2].partition("</li>")[0]

    async with signed_in(desk, "grace") as browser:
        page = await browser.page("/me")
        usual = {f"key-{does}": key for does, key in USUAL.items()} | {"keys": "on"}
        clash = await browser.send(page, "/me/keys", usual | {"key-reply": "N", "key-note": "", "key-undo": "ab"})
        assert clash.status_code == 422
        assert "This is the key of \u201cNext stage\u201d too." in field(clash.text, Shortcut.REPLY)
        assert "This is the key of \u201cReply\u201d too." in field(clash.text, Shortcut.NEXT_STAGE)
        for does in (Shortcut.NOTE, Shortcut.UNDO):
            assert 'aria-invalid="true"' in field(clash.text, does)
            assert "Please give one character, no space." in field(clash.text, does)
        assert 'value="ab"' in field(clash.text, Shortcut.UNDO), "what was typed stays"
        assert "fault" not in field(clash.text, Shortcut.ASSIGN)
        assert 'href="#key-reply"' in clash.text

        both = await browser.send(page, "/me/keys", usual | {"key-reply": "n", "key-next-stage": "r"})
        assert "Your keys are kept." in both.text
        assert '"reply": "n"' in both.text.partition("data-shortcuts='")[2], "the page's own scripts have them"
        assert 'data-keys="on"' in both.text
        off = await browser.send(page, "/me/keys", {name: key for name, key in usual.items() if name != "keys"})
        assert 'data-keys="off"' in off.text
        back = await browser.send(page, "/me/keys", {"key-reply": "whatever", "usual": "yes"})
        assert ('data-keys="on"' in back.text, 'value="r"' in field(back.text, Shortcut.REPLY)) == (True, True)


async def test_one_chooses_what_one_is_told_of(desk: Desk) -> None:
    grace = await desk.agent("grace")
    async with signed_in(desk, "grace") as browser:
        page = await browser.page("/me")
        every = {f"notice-{kind.value}": "" for kind in WorkEvent}
        wrong = await browser.send(page, "/me/notices", every | {"notice-mention": "by-pigeon"})
        assert wrong.status_code == 422
        await browser.send(page, "/me/notices", every | {"notice-mention": "daily", "notice-assigned": "at-once"})
        async with desk.house.database.read() as session:
            mine = await my_notices(session, desk.house.definitions, grace.agent_id)
        assert {each.kind: each.way for each in mine.notices if each.chosen} == {
            WorkEvent.MENTION: NoticeWay.DAILY,
            WorkEvent.ASSIGNED: NoticeWay.AT_ONCE,
        }


async def test_sessions_are_listed_and_ended_and_nobody_ends_anothers(desk: Desk) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    async with outside(desk) as browser, outside(desk) as second, signed_in(desk, "sam") as sam:
        second.client.headers["user-agent"] = firefox
        await chosen(desk, browser)
        link = await second.send("/sign-in", "/sign-in", {"name": "grace", "password": PASSWORD}, follow=False)
        assert link.status_code == 303
        page = await browser.page("/me")
        assert page.count("this one") == 1
        assert "Firefox, Linux" in page
        async with desk.house.database.read() as session:
            listed = await sessions_of(session, (await desk.agent("grace")).agent_id, datetime.now(UTC))
        other = next(view for view in listed if view.program == firefox)
        assert all(str(view.id) in page or view.id != other.id for view in listed)
        for id in (other.id, uuid4(), "x"):
            answer = await sam.client.post(f"/me/sessions/{id}/end", data={"form": await mark(sam)})
            assert answer.status_code == 404, "somebody else's is not there"
        assert (await second.get("/me")).status_code == 200
        await browser.send(page, f"/me/sessions/{other.id}/end")
        assert (await second.get("/me")).status_code == 303
        await second.send("/sign-in", "/sign-in", {"name": "grace", "password": PASSWORD}, follow=False)
        await browser.send("/me", "/me/sessions/end-others")
        assert (await second.get("/me")).status_code == 303
        assert (await browser.get("/me")).status_code == 200


async def mark(browser: Reader) -> str:
    return str(hidden_of(await browser.page("/me"), "/me/preferences")["form"])


async def test_a_password_is_changed_with_the_present_one(desk: Desk) -> None:
    async with outside(desk) as browser:
        await chosen(desk, browser)
        page = await browser.page("/me")
        new = "eleven green bottles"

        async def change(present: str, password: str, again: str) -> httpx.Response:
            given = {"present": present, "password": password, "again": again}
            return await browser.send(page, "/me/password", given)

        for present, password, again, field in (
            ("wrong", new, new, "present"),
            (PASSWORD, "short", "short", "password"),
            (PASSWORD, new, "another", "again"),
        ):
            wrong = await change(present, password, again)
            assert (wrong.status_code, f'href="#{field}"' in wrong.text) == (422, True), field
            assert new not in wrong.text
        assert "Your password is changed" in (await change(PASSWORD, new, new)).text
        stale = await browser.client.post("/me/password", data={"form": "x", "present": PASSWORD, "password": new})
        assert (stale.status_code, PASSWORD in stale.text, new in stale.text) == (422, False, False)
        browser.client.cookies.clear()
        over = await browser.client.post("/me/password", data={"present": PASSWORD, "password": new})
        assert (over.status_code, PASSWORD in over.text, new in over.text) == (401, False, False)


async def test_a_second_factor_is_given_up_and_switched_off(desk: Desk) -> None:
    async with outside(desk) as browser:
        await chosen(desk, browser)
        wrong = await browser.send("/me", "/me/second-factor", {"present": "wrong"})
        assert (wrong.status_code, 'href="#factor-present"' in wrong.text) == (422, True)
        started = await browser.send("/me", "/me/second-factor", {"present": PASSWORD})
        assert 'class="secret"' in started.text
        given_up = await browser.send(started.text, "/me/second-factor/off", {"code": ""})
        assert 'class="secret"' not in given_up.text
        started = await browser.send("/me", "/me/second-factor", {"present": PASSWORD})
        secret = started.text.partition('class="secret">')[2].partition("<")[0]
        assert (await browser.send(started.text, "/me/second-factor/confirm", {"code": "12"})).status_code == 422
        codes = await browser.send(started.text, "/me/second-factor/confirm", {"code": pyotp.TOTP(secret).now()})
        recovery = [each.partition("<")[0] for each in codes.text.split("<li><code>")[1:]]
        page = await browser.page("/me")
        form = {"form": await mark(browser)}
        new = await browser.client.post("/me/second-factor/codes", data=form | {"code": recovery[0]})
        fresh = [each.partition("<")[0] for each in new.text.split("<li><code>")[1:]]
        assert not set(recovery) & set(fresh)
        assert (await browser.send(page, "/me/second-factor/off", {"code": recovery[1]})).status_code == 422
        assert "second factor is off" in (await browser.send(page, "/me/second-factor/off", {"code": fresh[0]})).text
        assert COOKIE in browser.client.cookies


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Safari/604",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, macOS"),
        ("curl/8.0 " + "x" * 99, ("curl/8.0 " + "x" * 99)[:60]),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_know_it(said: str, name: str) -> None:
    assert program_name(said) == name


async def test_without_a_choice_of_their_own_pages_show_the_zone_that_the_organisation_has_of_the_agent(
    open_desk: DeskFactory,
) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "grace") as grace:
        assert 'data-zone="Europe/Berlin"' in await grace.page("/me")
        async with desk.house.database.write() as session:
            await session.execute(update(Agent).where(Agent.slug == "grace").values(time_zone="Asia/Tokyo"))
        assert 'data-zone="Asia/Tokyo"' in await grace.page("/me")
