"""Countdowns in a real browser whose clock is moved, while nobody waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.trial_pages import frame_of, show
from tests.support.windows import Windows

DUE = """
<h1>Countdowns</h1>
<p><span id="{id}" class="due {state}" data-state="{state}" data-due-left="{left}" data-runs="{runs}" data-whole-days="no"
 data-changes-at="{changes}">Due in <span data-due-figures>{text}</span></span> <span id="after-{id}">after it</span></p>
"""


def due(id: str, left: int, text: str, *, state: str = "running", runs: bool = True, hours: float = 6) -> str:
    changes = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    return DUE.format(id=id, state=state, left=left, runs="yes" if runs else "no", changes=changes, text=text)


UNHEARD = "**/part/live/now"
"""Only the page's clock is moved: the server's own time, if it were asked, would set it back."""
BOXES = (
    "() => [...document.querySelectorAll('.due, [id^=after]')].map(it => JSON.stringify(it.getBoundingClientRect()))"
)
SPOKEN = "() => document.querySelectorAll(':is([aria-live], [role=status], [role=timer], [role=alert]) .due').length"


async def test_it_is_right_with_the_computers_clock_an_hour_wrong(windows: Windows) -> None:
    content = due("two-hours", 2 * 3600 + 600, "2 h 10 min") + due("turns", 3600, "1 h 0 min", hours=0.5)
    asked = (
        "() => { window.asked = []; document.addEventListener('due:changed', it => window.asked.push(it.target.id)) }"
    )
    async with windows.of("grace") as window:
        page = window.page
        await page.route(UNHEARD, lambda route: route.abort())
        await page.clock.install(time=datetime.now(UTC) + timedelta(hours=1))
        await show(window, await frame_of(windows.desk, "grace"), content)
        await page.evaluate(asked)
        await page.clock.run_for(31_000)
        assert await page.inner_text("#two-hours") == "Due in 2 h 9 min"
        assert await page.evaluate("() => window.asked") == []
        await page.clock.run_for(10 * 60_000)
        assert await page.inner_text("#two-hours") == "Due in 1 h 59 min"
        # Half an hour by the server's clock, which is when one of them changes: the server is asked, once.
        await page.clock.run_for(25 * 60_000)
        assert await page.evaluate("() => window.asked") == ["turns"]


async def test_its_ticking_shifts_nothing_and_says_nothing(windows: Windows) -> None:
    content = due("shrinks", 100 * 60 + 20, "1 h 40 min") + due("late", -(59 * 60 + 20), "59 min", state="overdue")
    content += due("rests", 90 * 60, "1 h 30 min", runs=False)
    async with windows.of("grace") as window:
        page = window.page
        await page.route(UNHEARD, lambda route: route.abort())
        await page.clock.install()
        await show(window, await frame_of(windows.desk, "grace"), content)
        before: Any = await page.evaluate(BOXES)
        await page.clock.run_for(45 * 60_000)
        assert await page.inner_text("#shrinks") == "Due in 55 min"
        assert await page.inner_text("#late") == "Due in 1 h 44 min"
        assert await page.inner_text("#rests") == "Due in 1 h 30 min"
        assert await page.evaluate(BOXES) == before
        assert await page.evaluate(SPOKEN) == 0
