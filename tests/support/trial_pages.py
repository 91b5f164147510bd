"""Small pages of a test inside the console's own frame, so that one idea of a script can be looked at by itself."""

from __future__ import annotations

import re

from playwright.async_api import Route

from console.view import POLICY
from tests.support.browsers import Screen
from tests.support.desks import Desk
from tests.support.signed import signed_in


async def frame_of(desk: Desk, agent: str, **headers: str) -> str:
    """The home page's frame, with nothing in it."""
    async with signed_in(desk, agent, **headers) as reader:
        html = await reader.page("/")
    return re.sub(r"(<main\b[^>]*>).*(</main>)", r"\1@content@\2", html, flags=re.DOTALL)


async def show(screen: Screen, frame: str, content: str, path: str = "/trial") -> None:
    """Serve `content` in the frame at `path` to this window alone, and open it."""
    html = frame.replace("@content@", content)

    async def answer(route: Route) -> None:
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
        await route.fulfill(body=html, headers=headers)

    await screen.page.route(f"{screen.base}{path}", answer)
    await screen.open(path)
