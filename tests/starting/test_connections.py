"""What one client can hold of the server: real sockets against a real server, with short times."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import NamedTuple

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response

from servers.ports import LOCALHOST, free_port
from starting.connections import BoundedProtocol
from starting.web import serving

SOON = 15.0
"""Seconds within which something ends that would not end by itself; nothing waits for so long when it works."""
LARGE = 8_000_000

HEAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n"


class Served(NamedTuple):
    port: int

    async def connect(self, first: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(LOCALHOST, self.port)
        writer.write(first)
        return reader, writer

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://{LOCALHOST}:{self.port}", trust_env=False, timeout=60)


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    for name, seconds in (("head_within", 0.5), ("body_first", 0.5), ("rest_within", 0.5), ("stalled_after", 0.5)):
        monkeypatch.setattr(BoundedProtocol, name, seconds)
    monkeypatch.setattr(BoundedProtocol, "body_rate", 20_000.0)
    monkeypatch.setattr(BoundedProtocol, "most_connections", 40)
    app = FastAPI()

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.post("/refuse")
    async def refuse() -> Response:
        return Response(status_code=401)

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(1.5)
        return "done"

    @app.get("/large")
    async def large() -> Response:
        return Response(b"x" * LARGE)

    port = free_port()
    async with serving(app, port):
        yield Served(port)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that still comes until the server ends the connection."""
    async with asyncio.timeout(SOON):
        try:
            return await reader.read(-1)
        except ConnectionError:
            return b""


UNFINISHED = {
    "nothing at all": b"",
    "half a request line": b"GET /ech",
    "a head without its end": b"GET /echo HTTP/1.1\r\nHost: localhost\r\n",
    "no body": HEAD,
    "half a body": HEAD + b"x" * 100,
    "half a chunk": b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\nabc",
    "a body that is refused already": b"POST /refuse HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\nabc",
}


@pytest.mark.parametrize("first", UNFINISHED.values(), ids=UNFINISHED.keys())
async def test_a_request_that_does_not_end_is_ended(served: Served, first: bytes) -> None:
    reader, writer = await served.connect(first)
    answer = await rest(reader)
    assert answer == b"" or answer.split()[1] in (b"408", b"401"), answer[:200]
    writer.close()


@pytest.mark.parametrize("first", [b"GET /echo HTTP/1.1\r\nHost: localhost\r\nX: ", HEAD], ids=["head", "body"])
async def test_dripping_does_not_keep_it_open(served: Served, first: bytes) -> None:
    reader, writer = await served.connect(first)

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    try:
        assert b" 408 " in (await rest(reader)).partition(b"\r\n")[0]
    finally:
        dripping.cancel()
        writer.close()


async def test_a_head_beyond_all_measure_is_refused(served: Served) -> None:
    reader, writer = await served.connect(b"GET /echo HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 50_000)
    answer = await rest(reader)
    # Whoever still sends when the connection ends may lose the answer.
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_a_long_upload_that_moves_comes_to_its_end(served: Served) -> None:
    """Slower than a body's first time, and faster than its rate."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 5_000
            await asyncio.sleep(0.05)

    async with served.http() as http:
        answer = await http.post("/echo", content=pieces())
    assert (answer.status_code, answer.json()) == (200, 200_000)


async def test_a_slow_answer_is_waited_for(served: Served) -> None:
    async with served.http() as http:
        assert (await http.get("/slow")).json() == "done"


async def test_who_reads_nothing_is_let_go_and_who_reads_slowly_is_not(served: Served) -> None:
    stalled, writer = await served.connect(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    stalled._transport.pause_reading()  # type: ignore[attr-defined]
    slow, slow_writer = await served.connect(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    read = 0
    async with asyncio.timeout(60):
        while chunk := await slow.read(200_000):
            read += len(chunk)
            await asyncio.sleep(0.05)
    assert read > LARGE
    stalled._transport.resume_reading()  # type: ignore[attr-defined]
    assert len(await rest(stalled)) < LARGE
    writer.close()
    slow_writer.close()


@pytest.mark.parametrize("first", [b"", b"GET /echo HTTP/1.1\r\n", HEAD], ids=["silent", "head", "body"])
async def test_two_hundred_that_say_nothing_do_not_keep_one_out_that_does(
    served: Served, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    """Not even before their time is over: who has been silent the longest gives way."""
    for name in ("head_within", "body_first"):
        monkeypatch.setattr(BoundedProtocol, name, 3600.0)
    with ExitStack() as stack:
        for _ in range(200):
            connection = stack.enter_context(socket.create_connection((LOCALHOST, served.port)))
            connection.sendall(first)
        async with served.http() as http:
            for _ in range(3):
                assert (await http.post("/echo", content=b"abc")).json() == 3


async def test_more_requests_at_once_than_are_answered_get_503_and_those_under_way_their_answers(
    served: Served,
) -> None:
    async def ask(http: httpx.AsyncClient) -> int:
        return (await http.get("/slow")).status_code

    limits = httpx.Limits(max_connections=200, max_keepalive_connections=0)
    base = f"http://{LOCALHOST}:{served.port}"
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=60, limits=limits) as http:
        statuses = await asyncio.gather(*(ask(http) for _ in range(30)))
        assert set(statuses) == {200}
    busy = [await served.connect(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(40)]
    await asyncio.sleep(0.3)
    reader, writer = await served.connect(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b" 503 " in (await rest(reader)).partition(b"\r\n")[0]
    writer.close()
    for reader, writer in busy:
        assert b" 200 " in await asyncio.wait_for(reader.readline(), SOON)
        writer.close()


async def test_connections_are_used_again(served: Served) -> None:
    reader, writer = await served.connect()
    for _ in range(5):
        writer.write(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SOON)
        assert head.startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(1) == b"3"
    writer.close()
