"""Answers to a stage that were typed and not saved are kept over whatever takes their form away."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from models.messages.api_cases import NoteBody, StageBody
from models.messages.cases import CommandKind
from models.messages.families import ChildBody
from tests.support.correspondence import open_by_mail
from tests.support.desks import Desk
from tests.support.organisations import add
from tests.support.signed import hidden_of, signed_in
from tests.support.windows import Windows

K = CommandKind
SENT, CONFIRMED = "custom.article_sent", "custom.confirmed"


async def in_research(desk: Desk) -> str:
    number = await open_by_mail(desk)
    await desk.send("grace", number, K.STAGE_NEXT, StageBody(data={"case_type": "problem"}))
    return number


async def in_the_last_stage(desk: Desk) -> str:
    number = await in_research(desk)
    await desk.send("grace", number, K.STAGE_NEXT, StageBody(data={SENT: "yes"}))
    return number


def field(page: Page, name: str) -> str:
    return f'#case-process [name="{name}"]'


async def test_resolving_keeps_what_was_typed_in_the_process(windows: Windows) -> None:
    desk = windows.desk
    for opener in ("#resolve-beside", "#do-resolve"):
        number = await in_the_last_stage(desk)
        async with windows.of("grace") as window:
            page = window.page
            await window.open(f"/cases/{number}")
            await page.click(opener)
            # Also what is typed after the form was opened.
            await page.wait_for_selector("#send-resolve")
            await page.select_option(field(page, CONFIRMED), "yes")
            await page.fill("#ask-resolution", "Paired.")
            await page.click("#send-resolve")
            await expect(page.locator("#case-head")).to_contain_text("Problem Solved")
        assert (await desk.case(number)).custom[CONFIRMED.partition(".")[2]] is True, opener


async def test_going_back_a_stage_keeps_what_was_typed_in_this_one(windows: Windows) -> None:
    number = await in_research(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.select_option(field(page, SENT), "yes")
        await page.click("#process-more > summary")
        await page.click("#do-process-previous")
        await expect(page.locator("#case-process [aria-current]")).to_contain_text("Identify")
    assert (await windows.desk.case(number)).custom["article_sent"] is True


async def test_a_letter_keeps_what_was_typed_in_the_process(windows: Windows) -> None:
    number = await in_research(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.select_option(field(page, SENT), "yes")
        await page.fill("#reply-text", "Hold the button.")
        await page.press("#reply-text", "Control+Enter")
        await page.wait_for_url("**sent=**")
        assert await page.input_value(field(page, SENT)) == "yes"


async def test_without_scripts_the_way_to_resolving_saves_them(windows: Windows) -> None:
    desk = windows.desk
    number = await in_the_last_stage(desk)
    address = f"/cases/{number}"
    async with signed_in(desk, "grace") as reader:
        html = await reader.page(address)
        assert f'formaction="{address}/process-resolve"' in html
        form = re.search(r'name="form" value="([^"]+)"', html[html.index("process-next") :])
        assert form is not None
        there = await reader.client.post(f"{address}/process-resolve", data={"form": form[1], CONFIRMED: "yes"})
        assert (there.status_code, there.headers["location"]) == (303, f"{address}/resolve")
        assert (await desk.case(number)).custom["confirmed"] is True


async def test_a_refused_answer_stays_as_it_was_typed_though_the_case_moves_on(windows: Windows) -> None:
    number = await in_research(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.select_option(field(page, SENT), "no")
        await page.click("#do-process-next")
        await page.wait_for_function("() => document.activeElement.matches('#case-process .faults')")
        await windows.desk.send("mona", number, K.ADD_CHILD, ChildBody(title="A part of it"))
        await windows.desk.send("mona", number, K.NOTE, NoteBody(text="Called them."))
        await expect(page.locator("#case-side")).to_contain_text("A part of it")
        assert await page.input_value(field(page, SENT)) == "no"
        assert await page.locator("#case-process .faults").count() == 1


async def test_a_description_that_a_stage_asks_for_can_be_saved(windows: Windows) -> None:
    desk = windows.desk
    asks = {"slug": "look", "name": "Look", "steps": [{"field": "description", "label": "What it looks like"}]}
    seen = {"all": [{"field": "case.severity", "value": "seen"}]}
    process = {"slug": "looking", "name": "Looking", "order": 1, "applies_when": seen, "stages": [asks]}
    await add(desk, {"processes": [process]})
    number = await desk.open(severity="seen")
    address = f"/cases/{number}"
    async with signed_in(desk, "grace") as reader:
        html = await reader.page(address)
        given = hidden_of(html, f"{address}/process-next") | {"description": "It blinks red."}
        saved = await reader.client.post(f"{address}/process-save", data=given)
        assert saved.status_code == 303, saved.text
    assert (await desk.case(number)).description == "It blinks red."
