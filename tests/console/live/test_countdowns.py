"""Countdowns in a real browser whose clock is moved, while nobody waits."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page
from sqlalchemy import select

from models.records.cases import Case
from models.records.promises import KpiRow
from tests.support.correspondence import open_by_mail
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


HEARD = """() => { window.heard = []; const region = document.getElementById('banner');
new MutationObserver(() => window.heard.push(region.textContent.trim()))
    .observe(region, {childList: true, subtree: true, characterData: true}) }"""

FOLLOWS = "navigator.locks.request = () => new Promise(() => {})"
"""Another tab has the stream, so that this one does not wonder that its server is silent for an hour of the page's clock."""


async def test_only_nearing_and_overdue_of_the_open_case_are_spoken_once(windows: Windows) -> None:
    number = await open_by_mail(windows.desk)
    async with windows.of("grace") as window, windows.of("grace") as listed:
        for each in (window, listed):
            await each.page.add_init_script(FOLLOWS)
            await each.page.clock.install()
        page = window.page
        await runs(windows, number, warning=60, failure=120)
        await window.open(f"/cases/{number}")
        await listed.open("/cases?status=active")
        for each in (window, listed):
            await each.page.evaluate(HEARD)
        assert await page.locator("#banner[role=status][aria-live=polite]").count() == 1
        assert await page.evaluate(SPOKEN) == 0

        await page.clock.fast_forward(45 * 60_000)
        assert await heard(page) == []

        await runs(windows, number, warning=-1, failure=59)
        await page.clock.fast_forward(16 * 60_000)
        await page.wait_for_selector("#case-head .due.nearing >> nth=1")
        spoken = ["First response Due in N min. Resolution Due in N min"]
        assert await heard(page) == spoken
        await page.clock.fast_forward(30 * 60_000)
        await asked_anew(page)
        assert await heard(page) == spoken

        # One of them is met and gone from its place; the other is late.
        await runs(windows, number, warning=-61, failure=-1, met="first-response")
        await page.clock.fast_forward(31 * 60_000)
        await page.wait_for_selector("#case-head .due.overdue")
        spoken.append("Resolution Overdue by N min")
        assert await heard(page) == spoken
        await asked_anew(page)
        await page.clock.fast_forward(60 * 60_000)
        assert await heard(page) == spoken

        await listed.page.clock.fast_forward(130 * 60_000)
        await listed.page.wait_for_selector(f"#case-{number} .due.overdue")
        assert await heard(listed.page) == []


async def runs(windows: Windows, number: str, *, warning: int, failure: int, met: str = "") -> None:
    """Its promises near their end, and are broken, in so many minutes of the server's clock, which nobody moves."""
    now = datetime.now(UTC)
    turns = {"warning_at": now + timedelta(minutes=warning), "failure_at": now + timedelta(minutes=failure)}
    body: dict[str, Any] = {name: at.isoformat() for name, at in turns.items()} | {"calendar": None}
    async with windows.desk.house.database.write() as session:
        case = (await session.scalars(select(Case).where(Case.number == number))).one()
        for row in await session.scalars(select(KpiRow).where(KpiRow.case_id == case.id)):
            kept = {"status": "succeeded", "succeeded_on": now.isoformat()} if row.kpi == met else {}
            row.body = row.body | body | kept


async def heard(page: Page) -> list[str]:
    """Without its figures, which are those of the moment at which the server was asked."""
    said: list[str] = await page.evaluate("() => window.heard")
    return [re.sub(r"\d+", "N", each) for each in said]


async def asked_anew(page: Page) -> None:
    await page.evaluate("() => { document.getElementById('case-head').dataset.old = '' }")
    await page.evaluate("() => document.dispatchEvent(new CustomEvent('live:all'))")
    await page.wait_for_selector("#case-head:not([data-old])")
