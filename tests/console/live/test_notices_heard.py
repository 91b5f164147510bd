"""A notice is heard by whoever has asked for it, and by nobody else."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.async_api import Route

from desk.preferences import Preferences, save_preferences
from tests.support.browsers import Screen
from tests.support.windows import Windows

COUNTED = """window.tones = 0; const Real = AudioContext;
window.AudioContext = class extends Real { constructor() { super(); tones++; } };"""


async def tones_after_a_notice(window: Screen, waiting: list[str]) -> int:
    """How many were made when the count went from nothing to one."""

    async def told(route: Route) -> None:
        await route.fulfill(body=waiting[-1], content_type="text/html")

    page = window.page
    await page.add_init_script(COUNTED)
    await page.route("**/part/notices/count", told)
    async with page.expect_response("**/part/notices/count"):
        await window.open("/me")
    waiting.append("1")
    async with page.expect_response("**/part/notices/count"):
        await page.evaluate("() => document.dispatchEvent(new Event('live:news'))")
    await page.wait_for_function("() => document.title.startsWith('(1)')")
    made: int = await page.evaluate("() => window.tones")
    return made


async def test_a_notice_is_heard_only_when_asked_for(windows: Windows) -> None:
    async with windows.of("grace") as window:
        assert await tones_after_a_notice(window, [""]) == 0
    async with windows.desk.house.database.write() as session:
        grace = await windows.desk.agent("grace")
        await save_preferences(session, grace.agent_id, Preferences(sound=True), now=datetime.now(UTC))
    async with windows.of("grace") as window:
        assert await tones_after_a_notice(window, [""]) == 1
