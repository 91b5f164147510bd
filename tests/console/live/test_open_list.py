"""A list of cases while others work, in a real browser; and what happens when the server is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from models.messages.api_cases import ChangeBody, NoteBody
from models.messages.cases import CommandKind
from servers.ports import free_port
from starting.web import serving, site
from tests.support.browsers import Screen
from tests.support.desks import OPENED_ON
from tests.support.signed import window_of
from tests.support.waiting import until
from tests.support.windows import Windows

K = CommandKind
FOCUS = "() => document.activeElement.id"
ROWS = """() => [...document.querySelectorAll('tr[data-case]')]
    .map(it => [it.dataset.case, Math.round(it.getBoundingClientRect().top)])"""


async def rows(window: Screen) -> Any:
    return await window.page.evaluate(ROWS)


async def title_is(window: Screen, number: str, title: str) -> None:
    wanted = f"() => document.getElementById('open-{number}')?.innerText === '{title}'"
    await window.page.wait_for_function(wanted, timeout=60_000)


async def test_a_new_case_moves_no_row_and_no_focus(windows: Windows) -> None:
    desk = windows.desk
    later = [await desk.open(OPENED_ON + timedelta(hours=hour)) for hour in range(2, 5)]
    async with windows.of("grace") as window:
        page = window.page
        await window.open("/cases?status=active")
        before = await rows(window)
        assert {number for number, _ in before} >= set(later)
        await page.focus(f"#open-{later[1]}")
        await page.check(f"#tick-{later[0]}")
        await page.focus(f"#open-{later[1]}")

        first = await desk.open(OPENED_ON)  # due before all others
        await page.wait_for_selector("#show-news")
        assert (await page.inner_text("#show-news")).startswith("1 new")
        await desk.send("mona", later[1], K.CHANGE, ChangeBody(title="Changed where it stands"))
        await title_is(window, later[1], "Changed where it stands")
        assert await rows(window) == before
        assert await page.evaluate(FOCUS) == f"open-{later[1]}"
        assert await page.is_checked(f"#tick-{later[0]}")

        await page.click("#show-news")
        await page.wait_for_selector(f"#case-{first}")
        assert [number for number, _ in await rows(window)].index(first) < len(before)
        assert window.complaints == []


async def test_counts_come_anew_in_their_own_place(windows: Windows) -> None:
    number = await windows.desk.open()
    async with windows.of("grace") as window:
        page = window.page
        await page.clock.install()
        await window.open("/cases?status=active")
        await page.wait_for_selector("#views .count")
        before = await rows(window)
        async with page.expect_response("**/part/cases/counts?*"):
            await page.evaluate("() => document.dispatchEvent(new CustomEvent('live:cases', {detail: {}}))")
            await page.clock.run_for(6_000)
        await page.wait_for_selector("#views:not(.htmx-request) .count")
        assert number in {each for each, _ in before}
        assert await rows(window) == before
        assert (await page.locator("h1").count(), await page.locator("#views table").count()) == (1, 0)


async def test_list_keys_work_on_the_marked_row(windows: Windows) -> None:
    for _ in range(2):
        await windows.desk.open()
    async with windows.of("mona") as window:
        page = window.page
        await window.open("/cases?status=active")
        numbers = [number for number, _ in await rows(window)]
        for key in ("j", "j", "k", "j"):
            await page.keyboard.press(key)
        assert await page.evaluate(FOCUS) == f"open-{numbers[1]}"
        await page.keyboard.press("x")
        assert await page.is_checked(f"#tick-{numbers[1]}")
        await page.evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("e")
        assert (await page.input_value("#bulk-action"), await page.evaluate(FOCUS)) == ("resolve", "bulk-go")
        await page.focus(f"#open-{numbers[1]}")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/cases/{numbers[1]}?**")


async def test_without_web_locks_a_list_is_fresh_in_30_s(windows: Windows) -> None:
    number = await windows.desk.open()
    async with windows.of("grace") as window:
        page = window.page
        await page.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
        await page.clock.install()
        await window.open("/cases?status=active")
        await windows.desk.send("mona", number, K.CHANGE, ChangeBody(title="Seen without a stream"))
        asked = [url async for url in _asked(page)]
        assert not any(url.endswith("/part/live") for url in asked)
        await page.clock.run_for(30_000)
        await title_is(window, number, "Seen without a stream")


async def _asked(page: Any) -> Any:
    for url in await page.evaluate("() => performance.getEntriesByType('resource').map(it => it.name)"):
        yield url


async def test_focus_is_visible_and_never_under_the_head(windows: Windows) -> None:
    for _ in range(8):
        await windows.desk.open()
    under = """() => { const it = document.activeElement.getBoundingClientRect();
        return {top: it.top, bottom: it.bottom, head: document.querySelector('.top').getBoundingClientRect().bottom,
                inHead: Boolean(document.activeElement.closest('.top, .skip')), end: window.innerHeight} }"""
    async with windows.of("grace", viewport={"width": 1280, "height": 420}) as window:
        await window.open("/cases?status=active")
        seen = 0
        for key in [*["Tab"] * 70, *["Shift+Tab"] * 60]:
            await window.page.keyboard.press(key)
            focus = await window.focused()
            if focus["tag"] in ("BODY", "HTML"):
                continue
            assert focus["outline"] != "none", focus
            at = await window.page.evaluate(under)
            if not at["inHead"]:
                seen += 1
                assert at["top"] >= at["head"] - 1 or at["bottom"] - at["top"] > at["end"] - at["head"], (focus, at)
                assert at["top"] < at["end"], (focus, at)
        assert seen > 60


async def test_after_a_server_restart_pages_are_live_again_unaided(windows: Windows) -> None:
    desk, port = windows.desk, free_port()
    number = await desk.open()
    base = f"http://127.0.0.1:{port}"
    async with serving(site(desk.house), port):
        window_context = window_of(desk, windows.browser, base, "grace")
        window = await window_context.__aenter__()
        await window.open("/cases?status=active")
        await desk.send("mona", number, K.CHANGE, ChangeBody(title="Before"))
        await title_is(window, number, "Before")
    try:
        await window.page.wait_for_selector("#live-state:not([hidden])")
        assert "Not live since" in await window.page.inner_text("#live-state")
        await desk.send("mona", number, K.CHANGE, ChangeBody(title="Meanwhile"))
        async with serving(site(desk.house), port):
            await title_is(window, number, "Meanwhile")
            await window.page.wait_for_selector("#live-state", state="hidden")
            await desk.send("mona", number, K.CHANGE, ChangeBody(title="Afterwards"))
            await title_is(window, number, "Afterwards")
    finally:
        await window_context.__aexit__(None, None, None)


async def test_offline_for_a_minute_is_said_and_retried_and_sent_once(windows: Windows) -> None:
    desk = windows.desk
    number = await desk.open()
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.context.set_offline(True)
        await page.click("#do-pick")
        await page.wait_for_selector("#offline")
        assert "waits here" in await page.inner_text("#offline")
        await page.click("#do-pick")  # once more, out of impatience
        await asyncio.sleep(3)
        assert (await desk.case(number)).owner_id is None
        await page.context.set_offline(False)

        async def picked() -> bool:
            return len(await desk.timeline(number, "picked")) > 0

        await until(picked)
        await page.wait_for_selector("#offline", state="detached")
        await asyncio.sleep(1)
        assert len(await desk.timeline(number, "picked")) == 1
        await desk.send("mona", number, K.NOTE, NoteBody(text="Live again."))
        await page.wait_for_selector("#show-arrived")
