"""What the composer offers follows the state of the case while its page is open."""

from __future__ import annotations

from playwright.async_api import Page, expect

from models.messages.api_cases import ReactivateBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from tests.support.correspondence import open_by_mail
from tests.support.windows import Windows

K = CommandKind
REFUSED_ON_A_CLOSED_CASE = (
    '#composer button[value="resolve"], #composer button[value="wait"], #writing-reply [data-send]'
)


async def offers_letters(page: Page, *, really: bool) -> None:
    offered = page.locator(REFUSED_ON_A_CLOSED_CASE)
    await (expect(offered).not_to_have_count(0) if really else expect(offered).to_have_count(0))


async def test_resolved_in_place_it_offers_no_letter_and_keeps_what_was_typed(windows: Windows) -> None:
    number = await open_by_mail(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await offers_letters(page, really=True)
        await page.fill("#reply-text", "Half a let")
        await page.click("#do-resolve")
        await page.fill("#ask-resolution", "Paired.")
        await page.click("#send-resolve")
        await expect(page.locator("#case-head")).to_contain_text("Problem Solved")
        await offers_letters(page, really=False)
        assert await page.input_value("#reply-text") == "Half a let"
        await expect(page.locator("#writing-reply")).to_contain_text("reactivate the case to send it")
        await page.click("#write-note")
        await page.fill("#note-text", "It was the button.")
        await expect(page.locator("#writing-note [data-send]")).to_be_visible()
        await page.click("#do-reactivate")
        await page.click("#send-reactivate")
        await offers_letters(page, really=True)
        assert await page.input_value("#reply-text") == "Half a let"
        assert await page.input_value("#note-text") == "It was the button."
        # The kind that was in view stays in view.
        await expect(page.locator("#writing-note")).to_be_visible()
        assert await page.locator("#reply-text").is_visible() is False


async def test_it_follows_what_a_colleague_does(windows: Windows) -> None:
    desk = windows.desk
    number = await open_by_mail(desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.fill("#reply-text", "Half a let")
        await page.focus("#reply-text")
        await desk.send("mona", number, K.RESOLVE, ResolveBody(resolution="Paired."))
        await offers_letters(page, really=False)
        # Whoever was typing types on.
        await page.keyboard.type("ter")
        assert await page.input_value("#reply-text") == "Half a letter"
        await desk.send("mona", number, K.REACTIVATE, ReactivateBody())
        await desk.until_status(number, CaseStatus.ACTIVE)
        await offers_letters(page, really=True)
        assert await page.input_value("#reply-text") == "Half a letter"
        # What the colleague did came after the page was opened: it is seen before anything is sent.
        await page.press("#reply-text", "Control+Enter")
        await page.wait_for_function("() => document.activeElement.matches('#writing-reply [role=alert]')")
        assert await page.input_value("#reply-text") == "Half a letter"
