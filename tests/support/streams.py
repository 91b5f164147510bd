"""The stream that keeps pages fresh, as a browser reads it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from console.cookies import COOKIE
from desk.live import Live
from servers.ports import free_port
from starting.web import serving, site
from tests.support.desks import Desk
from tests.support.signed import secret_of


class Stream:
    """A browser's stream: what it has said so far."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.ended = False

    async def read(self, lines: AsyncIterator[str]) -> None:
        name = ""
        async for line in lines:
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                self.said.append((name, json.loads(value)))
        self.ended = True

    def heard(self, name: str, number: str = "") -> bool:
        return any(said == name and (not number or number in data) for said, data in self.said)

    def versions(self, number: str) -> list[int]:
        return [data[number] for said, data in self.said if said == "cases" and number in data]


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[tuple[FastAPI, str]]:
    app, port = site(desk.house), free_port()
    async with serving(app, port):
        yield app, f"http://127.0.0.1:{port}"


@asynccontextmanager
async def listening(desk: Desk, base: str, agent: str) -> AsyncIterator[Stream]:
    made, cookies = Stream(), {COOKIE: await secret_of(desk, agent)}
    async with (
        httpx.AsyncClient(base_url=base, cookies=cookies, timeout=60) as client,
        client.stream("GET", "/part/live") as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        task = asyncio.create_task(made.read(answer.aiter_lines()))
        try:
            yield made
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def live_of(app: FastAPI) -> Live:
    live: Live = app.state.desk.live
    return live
