"""The scenario of the design through the console alone, from a gold customer's mail to one term less on their contract."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from models.messages.cases import CaseStatus
from tests.support.browsers import WIDE, Screen, browsing
from tests.support.correspondence import open_by_mail, receive
from tests.support.desks import Desk, DeskFactory
from tests.support.signed import window_of

expect.set_options(timeout=60_000)
SAVED = re.compile("/process-save$")
NARROW = {"width": 360, "height": 740}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def presses(page: Page, id: str) -> None:
    """Press a button, wherever it is folded away, and wait for the page that follows."""
    button = page.locator(f"#{id}").first
    folded = page.locator("details:not([open])").filter(has=button)
    while await folded.count():
        await folded.first.locator("summary").first.click()
    await button.click()


async def opens(page: Page, folded: str) -> None:
    """Unfold it. What arrives at that moment may move it away from under the pointer: then once more."""
    for _ in range(5):
        if await page.locator(f"{folded}[open]").count():
            return
        await page.locator(f"{folded} > summary").click()
    raise AssertionError(f"{folded} stays folded")


async def plays(desk: Desk, window: Screen, left: int) -> None:
    """A mail of the gold customer, worked by Grace to its end; `left` terms are left after it."""
    page, case = window.page, await open_by_mail(desk)
    await window.open("/cases?view=available")
    await page.locator(f'a[href^="/cases/{case}"]').first.click()
    await expect(page.locator("h1")).to_contain_text("My headphones")
    await presses(page, "do-pick")
    await expect(page.locator("#case-head")).to_contain_text("Grace")

    await page.locator("#case-process select[name=case_type]").select_option("problem")
    await presses(page, "do-process-next")
    await expect(page.locator("#case-process [aria-current]")).to_contain_text("Research")

    if not await page.locator("#reply-text").is_visible():  # on a telephone a letter has a page of its own
        await page.locator(f'#composer a[href="/cases/{case}/reply"]').click()
    await opens(page, 'form[data-write="reply"] details.helps')
    await page.locator("#reply-article").fill("KA-01001")
    await page.locator('form[data-write="reply"] button[data-puts-in="article"]').click()
    await expect(page.locator("#reply-text")).to_have_value(re.compile("seven seconds"))
    await page.locator('form[data-write="reply"] button[data-send]').click()
    await expect(page.locator("#case-timeline")).to_contain_text("Hold the button for seven seconds.")

    await page.locator('#case-process [name="custom.article_sent"]').select_option("yes")
    await presses(page, "do-process-next")
    await expect(page.locator("#case-process [aria-current]")).to_contain_text("Resolve")

    await receive(desk, case, text="That was it, thank you.")
    await window.open(f"/cases/{case}")
    await expect(page.locator("#case-timeline")).to_contain_text("That was it, thank you.")
    await page.locator('#case-process [name="custom.confirmed"]').select_option("yes")
    async with page.expect_response(SAVED):
        await presses(page, "do-process-save")
    await expect(page.locator(".htmx-request")).to_have_count(0)

    await presses(page, "do-resolve")
    await page.locator("[name=resolution]:visible").fill("Paired with the button held for seven seconds.")
    await page.locator("#send-resolve").click()
    await expect(page.locator("#case-head")).to_contain_text("Problem Solved")
    await expect(page.locator("#case-side")).to_contain_text(f"{left} of 15 left")
    assert (await desk.case(case)).status == CaseStatus.RESOLVED


WAYS: dict[str, dict[str, Any]] = {
    "An agent plays the scenario from mail to 14 left": {"viewport": WIDE},
    "The same without JavaScript": {"viewport": WIDE, "java_script_enabled": False},
    "The same on a phone 360 px wide": {"viewport": NARROW, "color_scheme": "dark"},
}


async def test_an_agent_plays_the_scenario_from_mail_to_14_left_and_without_scripts_and_on_a_phone(
    open_desk: DeskFactory,
) -> None:
    async with open_desk() as desk, browsing(desk) as (browser, base):
        for done, (way, options) in enumerate(WAYS.items(), 1):
            async with window_of(desk, browser, base, "grace", **options) as window:
                try:
                    await plays(desk, window, 15 - done)
                except Exception as error:
                    raise AssertionError(f"{way}: {error}") from error
                assert window.complaints == [], way


async def test_the_same_by_keyboard_alone(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, browsing(desk) as (browser, base):
        case = await open_by_mail(desk)
        async with window_of(desk, browser, base, "grace", viewport=WIDE) as window:
            page, keys = window.page, window.page.keyboard
            await window.open("/cases?view=available")
            await keys.press("j")
            await keys.press("Enter")
            await expect(page.locator("h1")).to_contain_text("My headphones")
            await reaches(page, "#do-pick")
            await keys.press("Enter")
            await expect(page.locator("#case-head")).to_contain_text("Grace")

            await reaches(page, "#case-process select[name=case_type]")
            await keys.type("problem")
            await reaches(page, "#do-process-next")
            await keys.press("Enter")
            await expect(page.locator("#case-process [aria-current]")).to_contain_text("Research")

            await reaches(page, 'form[data-write="reply"] details.helps > summary')
            await keys.press("Enter")
            await reaches(page, "#reply-article")
            await keys.type("KA-01001")
            await reaches(page, 'form[data-write="reply"] button[data-puts-in="article"]')
            await keys.press("Enter")
            await expect(page.locator("#reply-text")).to_have_value(re.compile("seven seconds"))
            await reaches(page, "#reply-text")
            await keys.press("Control+Enter")
            await expect(page.locator("#case-timeline")).to_contain_text("Hold the button for seven seconds.")

            await reaches(page, '#case-process [name="custom.article_sent"]')
            await keys.type("yes")
            await reaches(page, "#do-process-next")
            await keys.press("Enter")
            await expect(page.locator("#case-process [aria-current]")).to_contain_text("Resolve")
            await receive(desk, case, text="That was it, thank you.")
            await reaches(page, '#case-process [name="custom.confirmed"]')
            await keys.type("yes")
            await reaches(page, "#do-process-save")
            async with page.expect_response(SAVED):
                await keys.press("Enter")
            await expect(page.locator(".htmx-request")).to_have_count(0)

            await reaches(page, "#do-resolve")
            await keys.press("Enter")
            await reaches(page, "#panel [name=resolution]")
            await keys.type("Paired with the button held for seven seconds.")
            await reaches(page, "#send-resolve")
            await keys.press("Enter")
            await expect(page.locator("#case-head")).to_contain_text("Problem Solved")
            await expect(page.locator("#case-side")).to_contain_text("14 of 15 left")
            assert window.complaints == []


async def reaches(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    await expect(page.locator(selector).first).to_be_visible()
    for _ in range(300):
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"no way by keyboard to {selector}")
