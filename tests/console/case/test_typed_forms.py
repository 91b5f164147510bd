"""What was typed into a verb's form stands there again when it is opened anew, until it was sent or closed."""

from __future__ import annotations

from playwright.async_api import Page, expect

from models.messages.api_cases import NoteBody
from models.messages.cases import CommandKind as K
from tests.support.correspondence import open_by_mail
from tests.support.windows import Windows

WORDS = "They were told by telephone."


async def typed(page: Page, verb: str) -> None:
    await page.click("#more-verbs > summary")
    await page.click(f"#do-{verb}")
    await page.wait_for_selector(f"#send-{verb}")


async def kept(page: Page) -> list[str]:
    return list(await page.evaluate("() => Object.keys(sessionStorage).filter((it) => it.startsWith('typed '))"))


async def test_a_half_typed_form_comes_back_after_another_one_a_deed_and_a_fresh_page(windows: Windows) -> None:
    desk = windows.desk
    number = await open_by_mail(desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await typed(page, "first-response")
        await page.fill("#ask-reason", WORDS)
        assert await kept(page) == [f"typed grace /cases/{number}/first-response"], (
            "whoever signs in here next has none"
        )
        await page.click("#do-hold")
        await page.wait_for_selector("#send-hold")
        reason = await page.locator("#ask-status_reason option").last.get_attribute("value")
        await page.select_option("#ask-status_reason", reason)
        # Another form has a field of the same name, and it is another one.
        await typed(page, "cancel")
        assert await page.input_value("#ask-status_reason") != ""
        await page.click("#do-hold")
        await page.wait_for_selector("#send-hold")
        assert await page.input_value("#ask-status_reason") == reason
        # What others do, a deed of one's own and a fresh page take nothing away.
        await desk.send("mona", number, K.NOTE, NoteBody(text="Seen."))
        await page.wait_for_selector("#show-arrived")
        assert await page.input_value("#ask-status_reason") == reason
        await page.click("#do-pick")
        await page.wait_for_selector("#panel .notice.good")
        await page.reload()
        await typed(page, "first-response")
        assert await page.input_value("#ask-reason") == WORDS
        # Escape is pressed by mistake, "Close" is not.
        await page.keyboard.press("Escape")
        await expect(page.locator("#send-first-response")).to_have_count(0)
        await typed(page, "first-response")
        assert await page.input_value("#ask-reason") == WORDS
        await page.click("#panel [data-closes=panel]")
        await typed(page, "first-response")
        assert await page.input_value("#ask-reason") == ""
        # Once it was sent it does not come back, from the case's page and from a page of its own.
        await page.click("#do-hold")
        await page.click("#send-hold")
        await page.wait_for_selector("#panel .notice.good")
        await page.goto(f"{window.base}/cases/{number}/add-time")
        await page.fill("#ask-title", "Measured.")
        await page.fill("#ask-duration_minutes", "a while")
        await page.reload()
        assert await page.input_value("#ask-duration_minutes") == "a while"
        await page.click("#send-add-time")
        await page.wait_for_selector(".faults")
        assert await page.input_value("#ask-duration_minutes") == "a while"
        await page.fill("#ask-duration_minutes", "12")
        await page.click("#send-add-time")
        await page.wait_for_url(f"**/cases/{number}")
        assert await kept(page) == []
