"""A real browser, Debian's Chromium, looking at the pages of a desk over a socket."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, async_playwright

from servers.ports import free_port
from starting.web import serving, site
from tests.support.desks import Desk

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 320, "height": 640}


@dataclass
class Screen:
    """One window: `asked` are the hosts of all requests, `dialogs` what a script has opened."""

    page: Page
    base: str
    asked: set[str] = field(default_factory=set)
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def focused(self) -> dict[str, Any]:
        """The element that has the focus: its id, tag, words, and whether that can be seen."""
        found: dict[str, Any] = await self.page.evaluate(
            """() => { const it = document.activeElement, style = getComputedStyle(it);
            return {id: it.id, tag: it.tagName, text: it.innerText, outline: style.outlineStyle,
                    width: parseFloat(style.outlineWidth)} }"""
        )
        return found

    async def tab_to(self, id: str = "", text: str = "") -> None:
        """Press Tab until the element with this id or these words has the focus; each on the way shows it."""
        for _ in range(60):
            await self.page.keyboard.press("Tab")
            focus = await self.focused()
            if focus["tag"] not in ("BODY", "HTML"):
                assert focus["outline"] != "none", f"the focus on {focus} cannot be seen"
            if (id and focus["id"] == id) or (text and focus["text"].strip() == text):
                return
        raise AssertionError(f"no way by keyboard to {id or text}")

    async def faults(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA and its best practices, each with its place."""
        await self.page.evaluate(AXE_SCRIPT)
        found = await self.page.evaluate("async () => await axe.run(document)")
        assert found["passes"], "axe has looked at nothing"
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    async def is_cut(self) -> bool:
        """Whether something is wider than the window."""
        wide: bool = await self.page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
        return wide


@asynccontextmanager
async def browsing(desk: Desk) -> AsyncIterator[tuple[Browser, str]]:
    """The browser, and the address at which the desk's pages are served."""
    port = free_port()
    async with serving(site(desk.house), port), a_browser() as browser:
        yield browser, f"http://127.0.0.1:{port}"


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert path is not None, "there is no Chromium: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def screen(browser: Browser, base: str, **options: Any) -> AsyncIterator[Screen]:
    """A window with cookies and cache of its own."""
    context = await browser.new_context(**options)
    try:
        page = await context.new_page()
        page.set_default_timeout(60_000)
        made = Screen(page, base)
        page.on("request", lambda request: made.asked.add(request.url.partition("://")[2].partition("/")[0]))
        page.on("dialog", lambda dialog: made.dialogs.append(dialog.message))
        page.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
        yield made
    finally:
        await context.close()
