"""Signing in and out over HTTP, as a browser without scripts does it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pyotp
import pytest
from sqlalchemy import select

from console.cookies import CODE_COOKIE, COOKIE
from console.entering.outside import own_path
from desk.entering.throttle import PASSWORDS, take
from models.records.entering import AgentSession, EntryThrottle
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Agent
from tests.support.desks import Desk, DeskFactory
from tests.support.doors import chosen, invitation, outside, sign_in
from tests.support.entering import PASSWORD
from tests.support.pages import signer


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made


def cookie_of(answer: httpx.Response, name: str = COOKIE) -> str:
    return next(each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{name}="))


async def test_an_invitation_leads_into_the_console_once(desk: Desk) -> None:
    async with outside(desk) as browser:
        link = await invitation(desk)
        page = await browser.page(link)
        assert "Grace" in page
        for password, again, said in (
            ("short", "short", "12 to 200 characters"),
            ("password1234", "password1234", "Strangers would try"),
            (PASSWORD, "another one", "not the same"),
        ):
            wrong = await browser.send(page, link, {"password": password, "again": again})
            assert (wrong.status_code, said in wrong.text) == (422, True)
            assert f'value="{password}"' not in wrong.text, "no page repeats a password"
        entered = await browser.send(page, link, {"password": PASSWORD, "again": PASSWORD}, follow=False)
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        cookie = cookie_of(entered).lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/;" in f"{cookie};"
        assert "secure" not in cookie
        assert (await browser.get("/me")).status_code == 200
        for closed in (link, link[:-1], "/reset/nonsense", link.replace("/invite/", "/reset/")):
            answer = await browser.get(closed)
            assert (answer.status_code, "does not work any more" in answer.text) == (410, True), closed
            assert 'href="/reset"' in answer.text, "it leads on"


async def test_a_sign_in_leads_where_one_wanted_and_only_there(desk: Desk) -> None:
    async with outside(desk) as browser:
        await chosen(desk, browser)
        browser.client.cookies.clear()
        asked = await browser.get("/me?x=1&y=%C3%A4")
        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fme%3Fx%3D1%26y%3D%25C3%25A4")
        page = await browser.page(asked.headers["location"])
        wrong = await browser.send(page, "/sign-in?next=/me", {"name": "grace", "password": "wrong"}, follow=False)
        assert (wrong.status_code, 'value="grace"' in wrong.text) == (401, True)
        entered = await sign_in(browser, at=asked.headers["location"])
        assert (entered.status_code, entered.headers["location"]) == (303, "/me?x=1&y=%C3%A4")
        again = await browser.get("/sign-in?next=%2Fme")
        assert (again.status_code, again.headers["location"]) == (303, "/me"), "who is signed in goes on"
    assert [own_path(each) for each in ("/cases/1?a=b#c", "/", None, "")] == ["/cases/1?a=b#c", "/", "/", "/"]
    for elsewhere in (
        *(
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "evil",
            "/ x",
            "/\r\nx: y",
        ),
        *("/%0a\t", "/a\\..\\b", "/sign-in", "/sign-out", "/invite/x", "/part/x", "/" + "x" * 2_000, "/\u00e4"),
    ):
        assert own_path(elsewhere) == "/", elsewhere


async def test_wrong_forms_and_forms_from_elsewhere_sign_nobody_in(desk: Desk) -> None:
    async with outside(desk) as browser:
        await chosen(desk, browser)
        browser.client.cookies.clear()
        page = await browser.page("/sign-in")
        given = {"name": "grace", "password": PASSWORD}
        bare = await browser.client.post("/sign-in", data=given)
        assert (bare.status_code, COOKIE in browser.client.cookies) == (422, False)
        foreign = await browser.send(page, "/sign-in", given, headers={"sec-fetch-site": "cross-site"}, follow=False)
        assert (foreign.status_code, COOKIE in browser.client.cookies) == (422, False)
        for odd in (
            {},
            {"name": "\0"},
            {"name": "x" * 9_000, "password": "y" * 90_000},
            {"name": "'; --", "password": ""},
        ):
            answer = await browser.send(page, "/sign-in", odd, follow=False)
            assert answer.status_code == 401, odd
            assert "<h1>Sign in</h1>" in answer.text
        unknown = await sign_in(browser, "nobody")
        known = await sign_in(browser, "grace", "wrong")
        assert without_marks(unknown.text, "nobody") == without_marks(known.text, "grace"), "told alike"


def without_marks(html: str, name: str) -> str:
    return re.sub(r'name="form" value="[^"]*"', "", html).replace(name, "")


async def test_signing_in_anew_ends_the_session_before_and_signing_out_the_present_one(desk: Desk) -> None:
    async with outside(desk) as browser:
        await chosen(desk, browser)
        first = browser.client.cookies[COOKIE]
        async with outside(desk) as other:
            marked = await other.page("/sign-in")
        entered = await browser.send(marked, "/sign-in", {"name": "grace", "password": PASSWORD}, follow=False)
        second = browser.client.cookies[COOKIE]
        assert (entered.status_code, first != second) == (303, True)
        async with outside(desk) as old:
            old.client.cookies[COOKIE] = first
            assert (await old.get("/me")).status_code == 303
        out = await browser.send("/me", "/sign-out", follow=False)
        assert (out.status_code, out.headers["location"]) == (303, "/sign-in?said=out")
        assert COOKIE not in browser.client.cookies
        async with outside(desk) as old:
            old.client.cookies[COOKIE] = second
            assert (await old.get("/me")).status_code == 303
        assert "You are signed out" in await browser.page("/sign-in?said=out")
        assert await browser.page("/sign-in?said=%3Cscript%3E")


async def test_too_many_tries_are_told_and_wait(desk: Desk) -> None:
    async with outside(desk) as browser:
        page = await browser.page("/sign-in")
        given = {"name": "nobody", "password": "x"}
        assert (await browser.send(page, "/sign-in", given, follow=False)).status_code == 401
        async with desk.house.database.write() as session:
            for _ in range(PASSWORDS.most - 1):
                await take(session, PASSWORDS, "nobody", datetime.now(UTC))
        refused = await browser.send(page, "/sign-in", given, follow=False)
        assert (refused.status_code, "try again in 5 min" in refused.text) == (429, True)
        assert 240 < int(refused.headers["retry-after"]) <= 300
    async with desk.house.database.read() as session:
        assert "nobody" not in str([vars(row) for row in await session.scalars(select(EntryThrottle))])


async def test_the_second_factor_is_asked_for_after_the_password(desk: Desk) -> None:
    async with outside(desk) as browser:
        await chosen(desk, browser)
        started = await browser.send("/me", "/me/second-factor", {"present": PASSWORD})
        assert started.status_code == 200
        secret = started.text.partition('class="secret">')[2].partition("<")[0]
        picture = await browser.get("/me/second-factor.svg")
        assert picture.headers["content-type"].startswith("image/svg+xml")
        assert picture.text.startswith("<svg")
        codes = await browser.send(started.text, "/me/second-factor/confirm", {"code": pyotp.TOTP(secret).now()})
        assert "Recovery codes" in codes.text
        recovery = [each.partition("<")[0] for each in codes.text.split("<li><code>")[1:]]
        assert len(recovery) == 10
        assert secret not in await browser.page("/me")
        assert (await browser.get("/me/second-factor.svg")).status_code == 404
        browser.client.cookies.clear()
        asked = await sign_in(browser, at="/sign-in?next=%2Fme")
        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in/code?next=%2Fme")
        assert COOKIE not in browser.client.cookies, "nothing is open yet"
        assert "path=/sign-in" in cookie_of(asked, CODE_COOKIE).lower()
        assert (await browser.get("/me")).status_code == 303
        wrong = await browser.send(asked.headers["location"], "/sign-in/code", {"code": "000000"}, follow=False)
        assert (wrong.status_code, "not the code of now" in wrong.text) == (401, True)
        right = await browser.send(
            asked.headers["location"], "/sign-in/code?next=%2Fme", {"code": recovery[0]}, follow=False
        )
        assert (right.status_code, right.headers["location"]) == (303, "/me")
        assert CODE_COOKIE not in browser.client.cookies
        assert "9 recovery codes are left" in await browser.page("/me")
        gone = await browser.client.get("/sign-in/code", follow_redirects=False)
        assert gone.headers["location"] == "/sign-in?said=code"


async def test_a_forgotten_password_is_replaced_by_a_letter(desk: Desk) -> None:
    async with outside(desk) as browser:
        known = await browser.send("/reset", "/reset", {"name": "grace"})
        unknown = await browser.send("/reset", "/reset", {"name": "nobody@house.example"})
        assert known.status_code == unknown.status_code == 200
        assert known.text == unknown.text, "the same answer whether or not there is such an account"
        assert "a letter is on its way" in known.text
        assert (await browser.send("/reset", "/reset", {"name": " "})).status_code == 422
        async with desk.house.database.read() as session:
            ((text, key),) = await session.execute(
                select(EmailMessage.text, Outbox.key)
                .join(Outbox, Outbox.message_id == EmailMessage.id)
                .where(Outbox.key.startswith("entry/"))
            )
        link = "/reset/" + signer(desk).signed_entry(text, key).partition("/reset/")[2].split()[0]
        entered = await browser.send(link, link, {"password": PASSWORD, "again": PASSWORD}, follow=False)
        assert entered.status_code == 303
        assert (await browser.get("/me")).status_code == 200


async def test_over_an_encrypted_connection_the_cookie_never_goes_over_another(desk: Desk) -> None:
    async with outside(desk) as browser:
        link = await invitation(desk)
        browser.client.base_url = httpx.URL("https://127.0.0.1")
        entered = await browser.send(link, link, {"password": PASSWORD, "again": PASSWORD}, follow=False)
        assert "secure" in cookie_of(entered).lower()


async def test_pages_of_getting_in_are_kept_nowhere_and_tell_no_other_site_of_a_link(desk: Desk) -> None:
    async with outside(desk) as browser:
        for path in ("/sign-in", "/reset", await invitation(desk), "/invite/nonsense"):
            answer = await browser.get(path)
            assert answer.headers["cache-control"] == "no-store", path
            assert answer.headers["referrer-policy"] == "no-referrer", path
            assert "script-src" not in answer.headers["content-security-policy"], "they have no script at all"
        german = await browser.get("/sign-in", headers={"accept-language": "de"})
        assert "<h1>Anmelden</h1>" in german.text


async def test_a_deactivated_agent_is_out_at_once_and_stays_out(desk: Desk) -> None:
    async with outside(desk) as browser:
        await chosen(desk, browser)
        async with desk.house.database.write() as session:
            (await session.scalars(select(Agent).where(Agent.slug == "grace"))).one().active = False
        assert (await browser.get("/me")).status_code == 303
        assert (await sign_in(browser)).status_code == 401
        async with desk.house.database.read() as session:
            assert (await session.scalars(select(AgentSession))).first() is not None
