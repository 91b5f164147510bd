"""A real HTTP server of somebody else's, which keeps what it is told and answers as its path says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple


class Told(NamedTuple):
    """One request: its path, its headers by lower-case name, its body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`/200` answers 200, `/302` leads to `/200`, `/hang` never answers, `/endless` never ends its head, `/flood` its body.

    `statuses`: what a path answers instead, one after the other; the last one for ever.
    """

    port: int = 0
    told: list[Told] = field(default_factory=list)
    statuses: dict[str, list[int]] = field(default_factory=dict)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
            }
            path = first.split()[1]
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.told.append(Told(path, headers, body))
            await self._answer(path, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # Whoever asked has gone.
        finally:
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        if path == "/hang":
            await asyncio.sleep(3600)
        writer.write(f"HTTP/1.1 {self._status(path)} Said\r\nConnection: close\r\nLocation: /200\r\n".encode())
        if path in ("/endless", "/flood"):
            writer.write(b"" if path == "/endless" else b"Content-Length: 1000000000000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"X-Filler: " + b"x" * 60_000 + b"\r\n")
                await writer.drain()
        writer.write(b"Content-Length: 0\r\n\r\n")
        await writer.drain()

    def _status(self, path: str) -> int:
        waiting = self.statuses.get(path)
        if waiting:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return int(path[1:]) if path[1:].isdecimal() else 200


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    made = Receiver()
    under_way: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(made.serve(reader, writer))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
