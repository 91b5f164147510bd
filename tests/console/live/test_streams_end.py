"""When streams end, and when there is none."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime

import httpx
import pytest

from console.cookies import COOKIE
from servers.ports import free_port
from starting.web import serving, site
from tests.support.desks import DeskFactory
from tests.support.signed import secret_of, signed_in
from tests.support.streams import listening, live_of, served
from tests.support.waiting import until


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_the_server_stops_in_5_s_with_50_streams_open(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, AsyncExitStack() as streams:
        app, port = site(desk.house), free_port()
        serving_it = serving(app, port)
        await serving_it.__aenter__()
        cookies = {COOKIE: await secret_of(desk, "grace")}, {COOKIE: await secret_of(desk, "sam")}
        opened = []
        for number in range(50):
            # One session has few streams: the oldest gives way, so each here has a session of its own.
            secret = cookies[number % 2] if number < 2 else {COOKIE: await secret_of(desk, "grace")}
            client = await streams.enter_async_context(
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", cookies=secret, timeout=60)
            )
            opened.append(await streams.enter_async_context(client.stream("GET", "/part/live")))
        assert len(live_of(app).listeners) == 50
        async with asyncio.timeout(5):
            await serving_it.__aexit__(None, None, None)
        for answer in opened:
            assert "event: over" in (await answer.aread()).decode()


async def test_a_stream_needs_a_session_and_a_browser_has_few_of_them(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, served(desk) as (app, base):
        async with httpx.AsyncClient(base_url=base) as stranger:
            assert (await stranger.get("/part/live")).status_code == 401
            assert (await stranger.get("/part/live/now")).status_code == 401
        async with signed_in(desk, "grace") as reader:
            told = (await reader.get("/part/live/now")).json()["now"]
            assert datetime.fromisoformat(told).tzinfo is not None
        live = live_of(app)
        live.most = 2
        async with listening(desk, base, "grace"), listening(desk, base, "grace"):
            cookies = {COOKIE: await secret_of(desk, "grace")}
            async with httpx.AsyncClient(base_url=base, cookies=cookies) as third:
                await until(lambda: len(live.listeners) == 2)
                refused = await third.get("/part/live")
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
