"""Stands before the Temporal UI, which answers whatever host a browser was told to ask for.

A page anywhere can have its own name point to 127.0.0.1 (DNS rebinding); the browser then takes the UI for the page's own,
and lets it read histories and send signals. Here a request must name this machine, and if it comes from a page, that page must
be the UI's own. Each connection carries one request, so that each is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

LARGEST_HEAD = 64 * 1024
HEAD_WITHIN = 10.0
"""Seconds for the head of a request; the UI's own are here at once."""
CHUNK = 64 * 1024
NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "upgrade"})

Fields = Sequence[tuple[str, str]]


class Refused(Exception):
    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class UiGuard:
    """Listens on `host:port` and passes what it lets through on to `upstream`, until it is closed."""

    def __init__(self, host: str, port: int, upstream: tuple[str, int]) -> None:
        self.host, self.port, self.upstream = host, port, upstream
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._talk, self.host, self.port, limit=LARGEST_HEAD)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._talks.add(task)
            task.add_done_callback(self._talks.discard)
        try:
            await self._pass_on(reader, writer)
        except Refused as refusal:
            writer.write(_answer(refusal.status, str(refusal)))
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.drain(), HEAD_WITHIN)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # One of both went away.
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_WITHIN)
        except asyncio.LimitOverrunError:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request's head is too large") from None
        line, fields = parsed(head)
        check(line, fields, self.port)
        try:
            theirs, ours = await asyncio.open_connection(*self.upstream)
        except OSError:
            raise Refused(HTTPStatus.BAD_GATEWAY, "the Temporal UI does not answer") from None
        try:
            ours.write(_head(line, fields))
            await ours.drain()
            up = asyncio.create_task(_pump(reader, ours))
            try:
                await _pump(theirs, writer)
            finally:
                up.cancel()
                await asyncio.gather(up, return_exceptions=True)
        finally:
            ours.close()


def parsed(head: bytes) -> tuple[str, Fields]:
    """The request line, and the fields in their order. `Refused` if it is no head."""
    line, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    fields: list[tuple[str, str]] = []
    for each in rest:
        name, colon, value = each.partition(":")
        # A field without a colon, or a blank before it, is read in two ways by two programs.
        if not colon or not name or name != name.strip() or "\n" in each or "\r" in each:
            raise Refused(HTTPStatus.BAD_REQUEST, "this is no HTTP request")
        fields.append((name, value.strip()))
    if len(line.split(" ")) != 3 or "\n" in line:
        raise Refused(HTTPStatus.BAD_REQUEST, "this is no HTTP request")
    return line, fields


def check(line: str, fields: Fields, port: int) -> None:
    """`Refused` unless the request names this machine, and comes from no page but the UI's own."""
    named: Mapping[str, list[str]] = {
        wanted: [value for name, value in fields if name.lower() == wanted]
        for wanted in ("host", "origin", "sec-fetch-site", "content-length", "transfer-encoding")
    }
    hosts = named["host"]
    if len(hosts) != 1 or not _is_here(f"http://{hosts[0]}", port):
        raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "this host name is not served here")
    method, target, _ = line.split(" ")
    if not target.startswith("/"):
        raise Refused(HTTPStatus.BAD_REQUEST, "only addresses of this server are served")
    foreign = any(not _is_here(origin, port) for origin in named["origin"])
    if foreign or (method not in SAFE and named["sec-fetch-site"] not in ([], ["same-origin"])):
        raise Refused(HTTPStatus.FORBIDDEN, "this comes from a page of another server")
    if len(named["content-length"]) + len(named["transfer-encoding"]) > 1:
        raise Refused(HTTPStatus.BAD_REQUEST, "the length of the request is given twice")


def _is_here(origin: str, port: int) -> bool:
    try:
        split = urlsplit(origin)
        given = split.port or 80
    except ValueError:
        return False
    host = split.netloc.rpartition(":")[0] if split.port is not None else split.netloc
    return split.scheme == "http" and host.lower() in NAMES and given == port and not split.path


def _head(line: str, fields: Fields) -> bytes:
    passed = [(name, value) for name, value in fields if name.lower() not in HOP_BY_HOP]
    lines = [line, *(f"{name}: {value}" for name, value in (*passed, ("Connection", "close")))]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()


def _answer(status: HTTPStatus, why: str) -> bytes:
    body = f"{status.phrase}: {why}\n".encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
    return f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
