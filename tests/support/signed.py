"""The console as somebody who is signed in: over HTTP, or in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Browser

from console.cookies import COOKIE
from desk.sessions import begin
from starting.web import site
from tests.support.browsers import Screen, screen
from tests.support.desks import Desk


async def secret_of(desk: Desk, agent: str) -> str:
    """What the cookie of a new session of theirs holds."""
    identity = await desk.agent(agent)
    async with desk.house.database.write() as session:
        return await begin(session, identity.agent_id, now=datetime.now(UTC), address="127.0.0.1", program="a test")


class Reader:
    """A browser without scripts: follows links and sends forms as they stand in the page."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.get(path, **options)

    async def page(self, path: str) -> str:
        """The page; it must be there."""
        answer = await self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text

    async def send(
        self, page: str, action: str, values: dict[str, Any] | None = None, *, follow: bool = True, **options: Any
    ) -> httpx.Response:
        """Fill and send the form of `page` (an address) that goes to `action`; its hidden fields come along."""
        html = page if "<form" in page else await self.page(page)
        given = hidden_of(html, action) | (values or {})
        return await self.client.post(action, data=given, follow_redirects=follow, **options)


def hidden_of(html: str, action: str) -> dict[str, Any]:
    """The hidden fields of the form that goes to `action`; `AssertionError` if the page has none."""
    for form in re.findall(r"<form\b[^>]*>.*?</form>", html, re.DOTALL):
        goes = re.search(r'<form\b[^>]*\baction="([^"]*)"', form)
        if goes is not None and urlsplit(unescape(goes[1])).path == urlsplit(action).path:
            fields = re.findall(r"<input\b[^>]*\btype=\"hidden\"[^>]*>", form)
            return {attribute(field, "name"): attribute(field, "value") for field in fields}
    raise AssertionError(f"no form goes to {action} in {html}")


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


@asynccontextmanager
async def signed_in(desk: Desk, agent: str, **headers: str) -> AsyncIterator[Reader]:
    """The console as `agent` reads it, over HTTP."""
    transport = httpx.ASGITransport(site(desk.house), raise_app_exceptions=True)
    cookies = {COOKIE: await secret_of(desk, agent)}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", cookies=cookies, headers=headers, timeout=60
    ) as client:
        yield Reader(client)


@asynccontextmanager
async def window_of(desk: Desk, browser: Browser, base: str, agent: str, **options: Any) -> AsyncIterator[Screen]:
    """A window of a real browser in which `agent` is signed in."""
    async with screen(browser, base, **options) as made:
        secret = await secret_of(desk, agent)
        await made.page.context.add_cookies([{"name": COOKIE, "value": secret, "url": base}])
        yield made
