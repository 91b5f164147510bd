"""The page of a case while others work on it, in a real browser."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from console.sayings import in_words
from desk.errors import Conflict
from models.messages.api_cases import ActivityBody, CancelBody, ChangeBody, NoteBody, ResolveBody
from models.messages.cases import CommandKind
from tests.support.browsers import Screen
from tests.support.correspondence import open_by_mail, receive
from tests.support.waiting import until
from tests.support.windows import Windows

K = CommandKind
FOCUS = "() => document.activeElement.id"


async def long_case(windows: Windows) -> str:
    number = await open_by_mail(windows.desk)
    for line in range(8):
        await windows.desk.send("mona", number, K.NOTE, NoteBody(text=f"Note {line}\n" * 12))
    return number


async def reading_at(window: Screen, number: str) -> int:
    """Open the case and read somewhere in its middle; the answer is how far the page is scrolled."""
    await window.open(f"/cases/{number}")
    await window.page.evaluate("() => window.scrollTo(0, 900)")
    await window.page.wait_for_function("() => window.scrollY > 500")
    scrolled: int = await window.page.evaluate("() => window.scrollY")
    return scrolled


async def test_mail_arriving_while_reading_does_not_scroll(windows: Windows) -> None:
    number = await long_case(windows)
    async with windows.of("grace") as window:
        page = window.page
        at = await reading_at(window, number)
        entry = "() => [...document.querySelectorAll('.entry')].find(it => it.getBoundingClientRect().top > 100).id"
        read = await page.evaluate(entry)
        place = await page.evaluate(f"() => document.getElementById('{read}').getBoundingClientRect().top")
        await receive(windows.desk, number, text="It works again, thank you!")
        await page.wait_for_selector("#show-arrived")
        await asyncio.sleep(1)
        assert "It works again" not in await page.inner_text("#case-timeline")
        moved = await page.evaluate(f"() => document.getElementById('{read}').getBoundingClientRect().top")
        assert abs(moved - place) < 1
        assert abs(await page.evaluate("() => window.scrollY") - at) < 60
        assert (await page.inner_text("#banner")).endswith(
            "new entries: show"
        ) or "1 new entry: show" in await page.inner_text("#banner")

        await page.click("#show-arrived")
        assert "It works again" in await page.inner_text("#case-timeline")
        assert (await page.evaluate(FOCUS)).startswith("entry-")
        assert await page.locator("#show-arrived").count() == 0


async def test_what_arrives_where_nothing_stood_is_shown_at_once(windows: Windows) -> None:
    number = await open_by_mail(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        # As if the case had been opened while its page was on its way.
        await page.evaluate("() => document.querySelectorAll('[id^=entry-]').forEach((it) => it.remove())")
        focus = await page.evaluate(FOCUS)
        await receive(windows.desk, number, text="It works again, thank you!")
        await page.wait_for_function(
            "() => document.getElementById('case-timeline').innerText.includes('It works again')"
        )
        assert await page.locator("#show-arrived").count() == 0
        assert await page.evaluate(FOCUS) == focus


BREAKS = """() => {
    const real = window.fetch;
    const cut = () => new Response(new ReadableStream({start: (body) => body.error(new TypeError('connection lost'))}));
    window.broken = 0;
    window.fetch = async (address, ...others) => {
        const answer = await real(address, ...others);
        return String(address).includes('live=yes') && !window.broken++ ? cut() : answer;
    };
}"""


async def test_an_answer_that_breaks_in_the_middle_is_asked_for_again(windows: Windows) -> None:
    number = await open_by_mail(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.evaluate(BREAKS)
        await windows.desk.send("mona", number, K.CHANGE, ChangeBody.model_validate({"title": "Told in two halves"}))
        await page.wait_for_function("() => document.querySelector('.case-head h1').innerText === 'Told in two halves'")
        assert await page.evaluate("() => window.broken") > 1
        assert window.complaints == []


async def test_no_swap_loses_focus(windows: Windows) -> None:
    number = await open_by_mail(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.focus("#do-pick")
        await page.evaluate("() => { window.was = document.getElementById('do-pick') }")
        await windows.desk.send("mona", number, K.CHANGE, ChangeBody.model_validate({"title": "Another title"}))
        await page.wait_for_function("() => document.querySelector('.case-head h1').innerText === 'Another title'")
        assert not await page.evaluate("() => window.was.isConnected")  # it was exchanged
        assert await page.evaluate(FOCUS) == "do-pick"
        # What had the focus is gone with the change: whoever reads on begins with what stands in its place.
        await page.focus("#do-pick")
        await windows.desk.send("mona", number, K.CANCEL, CancelBody())
        await page.wait_for_selector("#do-pick", state="detached")
        assert await page.evaluate("() => document.activeElement !== document.body")
        assert window.complaints == []


async def test_the_key_that_resolves_meets_the_same_checks(windows: Windows) -> None:
    """As the button, bulk (`test_bulk`) and "send and resolve" (`test_bulk_key_and_send_and_resolve_meet_the_same_checks`) do."""
    number = await open_by_mail(windows.desk)
    await windows.desk.send("grace", number, K.ADD_ACTIVITY, ActivityBody(kind="task", title="Call them"))
    with pytest.raises(Conflict) as alone:
        await windows.desk.send("grace", number, K.RESOLVE, ResolveBody(resolution="Done."))
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.keyboard.press("e")  # a choice, which asks first
        # Not the field of that name with which a reply resolves: its form may come earlier or later than this one.
        await page.fill("#panel [name=resolution]", "Done.")
        await page.press("#panel [name=resolution]", "Tab")
        await page.press("#panel [name=billable_minutes]", "Enter")
        await page.wait_for_selector(f"text={in_words('en', alone.value.detail)}")
        assert await page.input_value("#panel [name=resolution]") == "Done."
        assert (await windows.desk.case(number)).status == "active"


async def test_the_seventh_tab_opens_at_once_and_is_live(windows: Windows) -> None:
    number = await open_by_mail(windows.desk)
    async with windows.of("grace") as window, AsyncExitStack() as closing:
        streams: list[str] = []
        window.page.context.on("request", lambda it: streams.append(it.url) if it.url.endswith("/part/live") else None)
        pages = [window.page]
        for _ in range(6):
            pages.append(await window.page.context.new_page())
            closing.push_async_callback(pages[-1].close)
        for page in pages:
            async with asyncio.timeout(20):
                await page.goto(f"{window.base}/cases/{number}")
        assert len(streams) == 1
        await windows.desk.send("mona", number, K.NOTE, NoteBody(text="All tabs hear of it."))
        for page in pages:
            await page.wait_for_selector("#show-arrived")
        # The tab that had the stream is closed: another has it then.
        await pages[0].close()
        await until(lambda: len(streams) == 2)
        await windows.desk.send("mona", number, K.NOTE, NoteBody(text="And again."))
        for page in pages[1:]:
            await page.wait_for_function("() => document.getElementById('show-arrived').innerText.startsWith('2')")
