"""Getting in with a real browser: in every way of reading, by keyboard alone, at a provider, and in the middle of a reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page

from console.cookies import COOKIE
from desk.entering.ways import ProviderSettings, Ways
from desk.sessions import end_all
from models.records.reference import Agent
from servers.ports import free_port
from starting.web import serving, site
from tests.support.browsers import PHONE, WIDE, Screen, screen
from tests.support.correspondence import open_by_mail
from tests.support.doors import chosen, invitation, outside
from tests.support.entering import PASSWORD
from tests.support.pages import letters
from tests.support.providers import real_provider
from tests.support.windows import Windows

TEXT = "Hello Jo,\nplease hold the button for ten seconds."
WAYS: list[dict[str, Any]] = [
    {"color_scheme": "light", "viewport": WIDE, "locale": "en-GB"},
    {"color_scheme": "dark", "viewport": PHONE, "locale": "de-DE"},
]


@pytest.fixture
async def with_password(windows: Windows) -> None:
    async with outside(windows.desk) as browser:
        await chosen(windows.desk, browser)


async def signed_out(windows: Windows, agent: str) -> None:
    """All sessions of theirs end, as after a night."""
    identity = await windows.desk.agent(agent)
    async with windows.desk.house.database.write() as session:
        await end_all(session, identity.agent_id, actor="root", now=datetime.now(UTC))


async def signs_in(page: Page) -> None:
    await page.fill("#name", "grace")
    await page.fill("#password", PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_url(lambda address: "/sign-in" not in address)


async def sent(windows: Windows) -> list[str]:
    return [message.text for message, _ in await letters(windows.desk, "reply")]


@pytest.mark.usefixtures("with_password")
async def test_a_session_that_ends_mid_reply_keeps_the_text_and_sends_nothing_unasked(windows: Windows) -> None:
    number = await open_by_mail(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}/reply")
        await page.fill("#reply-text", TEXT)
        await signed_out(windows, "grace")
        await page.click(".sends [data-send]")
        await page.wait_for_selector("#banner .notice")
        assert await page.input_value("#reply-text") == TEXT
        async with page.context.expect_page() as opened:
            await page.click("#banner a[href^='/sign-in']")
        other = await opened.value
        await signs_in(other)
        await other.close()
        assert await page.input_value("#reply-text") == TEXT
        assert await sent(windows) == [], "signing in sends nothing"
        await page.click(".sends [data-send]")
        await page.wait_for_selector("#banner [data-reload]")
        assert await sent(windows) == [], "the page of the session before sends nothing either"
        await page.click("#banner [data-reload]")
        await page.wait_for_load_state()
        await page.wait_for_function("text => document.querySelector('#reply-text').value === text", arg=TEXT)
        await page.click(".sends [data-send]")
        await page.wait_for_url(lambda address: not address.endswith("/reply"))
        assert [text.splitlines()[:2] for text in await sent(windows)] == [TEXT.splitlines()]


@pytest.mark.usefixtures("with_password")
async def test_the_same_without_scripts(windows: Windows) -> None:
    number, before = await open_by_mail(windows.desk), len(await sent(windows))
    async with windows.of("grace", java_script_enabled=False) as window:
        page = window.page
        await window.open(f"/cases/{number}/reply")
        await page.fill("#reply-text", TEXT)
        await signed_out(windows, "grace")
        await page.click(".sends [data-send]")
        assert await page.input_value("textarea[name=text]") == TEXT
        async with page.context.expect_page() as opened:
            await page.click("a[href^='/sign-in']")
        other = await opened.value
        await signs_in(other)
        await other.close()
        await page.click("button[type=submit]")
        assert await page.input_value("textarea[name=text]") == TEXT
        assert len(await sent(windows)) == before, "it is shown once more before it is sent"
        await page.click("form[enctype] button[type=submit]")
        assert [text.splitlines()[:2] for text in (await sent(windows))[before:]] == [TEXT.splitlines()]


async def test_every_page_of_getting_in_is_read_by_everybody(windows: Windows) -> None:
    """Light and dark, wide and narrow, in both languages: nothing is cut, axe finds nothing, the policy holds."""
    link = await invitation(windows.desk)
    for way in WAYS:
        async with screen(windows.browser, windows.base, **way) as window:
            for path in ("/sign-in", "/sign-in?said=out", "/reset", "/reset?said=sent", link, "/invite/nonsense"):
                await window.open(path)
                await found_good(window, f"{path} {way['locale']}")
            await window.open("/sign-in")
            await window.page.fill("#name", "nobody")
            await window.page.fill("#password", "x")
            await window.page.press("#password", "Enter")
            await window.page.wait_for_selector("#faults")
            await window.page.wait_for_function("() => document.activeElement.id === 'faults'")
            await found_good(window, f"a wrong password {way['locale']}")


async def test_somebody_gets_in_by_keyboard_alone(windows: Windows) -> None:
    link = await invitation(windows.desk, "sam")
    async with screen(windows.browser, windows.base, locale="en-GB") as window:
        await window.open(link)
        await window.tab_to(id="password")
        await window.page.keyboard.type(PASSWORD)
        await window.tab_to(id="again")
        await window.page.keyboard.type(PASSWORD)
        await window.page.keyboard.press("Enter")
        await window.page.wait_for_url(f"{windows.base}/")
        await window.open("/me")
        await window.tab_to(text="Sign out")
        await window.page.keyboard.press("Enter")
        await window.page.wait_for_url("**/sign-in?said=out")
        await window.tab_to(id="name")
        await window.page.keyboard.type("sam")
        await window.tab_to(id="password")
        await window.page.keyboard.type(PASSWORD)
        await window.page.keyboard.press("Enter")
        await window.page.wait_for_url(f"{windows.base}/")


async def test_what_an_address_leads_to_is_not_covered_by_the_bar_at_the_top(windows: Windows) -> None:
    """On a phone the bar has three rows, and one is led to the second factor in the middle of the page."""
    async with windows.of("grace", viewport=PHONE) as window:
        await window.open("/me#second-factor")
        await window.page.wait_for_function("scrollY > 100")
        covered = await window.page.evaluate(
            """() => document.querySelector('.top').getBoundingClientRect().bottom
               - document.getElementById('second-factor').getBoundingClientRect().top"""
        )
        assert covered <= 0


async def test_somebody_signs_in_at_a_provider(windows: Windows) -> None:
    async with real_provider() as real, with_provider(windows, real.issuer) as base:
        async with windows.desk.house.database.read() as session:
            email = (await session.get_one(Agent, (await windows.desk.agent("sam")).agent_id)).email
        await real.knows("sam-1", email=email, email_verified=True)
        await real.knows("eve-1", email="eve@elsewhere.example", email_verified=True)
        async with screen(windows.browser, base, locale="en-GB") as window:
            page = window.page
            await window.open("/sign-in?next=%2Fme")
            await found_good(window, "a sign-in with a provider")
            await page.click("text=Sign in with The House")
            await page.click("text=Deny")
            await page.wait_for_selector("text=The sign-in at The House was not taken")
            await window.open("/sign-in/provider")
            await page.fill("[name=sub]", "eve-1")
            await page.click("text=Authorize >> nth=-1")
            await page.wait_for_selector("text=ask your administrator")
            await window.open("/sign-in?next=%2Fme")
            await page.click("text=Sign in with The House")
            await page.fill("[name=sub]", "sam-1")
            await page.click("button:has-text('Authorize')")
            await page.wait_for_url(f"{base}/me")
            assert "Sam" in await page.inner_text("h1")
            cookies = {each["name"]: each for each in await page.context.cookies()}
            assert cookies[COOKIE]["httpOnly"]
            assert not any(name.startswith("caseloom-") for name in cookies), "what was needed on the way is gone"


@asynccontextmanager
async def with_provider(windows: Windows, issuer: str) -> AsyncIterator[str]:
    """The address of a console of the same desk, at which one may sign in by the provider."""
    ways = Ways(provider=ProviderSettings(issuer, "caseloom", "s3cret", "The House"))
    port = free_port()
    async with serving(site(replace(windows.desk.house, ways=ways)), port):
        yield f"http://127.0.0.1:{port}"


async def found_good(window: Screen, what: str) -> None:
    assert not await window.is_cut(), what
    assert await window.faults() == [], what
    assert window.asked <= {window.base.partition("://")[2]}, what
    # What the browser itself says of a page that is refused is no complaint about the page.
    assert [said for said in window.complaints if not said.startswith("Failed to load resource")] == [], what
