"""Before the Temporal UI: only who names this machine is let through, and no page but the UI's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from pathlib import Path

import httpx
import psutil
import pytest

from servers.ports import LOCALHOST, free_port, hidden_address
from servers.temporal import TemporalServer
from servers.ui_guard import Refused, UiGuard, check, parsed

PORT = 8421
HERE = ("Host", f"127.0.0.1:{PORT}")


def head(*fields: tuple[str, str], line: str = "GET /namespaces HTTP/1.1") -> bytes:
    return "\r\n".join([line, *(f"{name}: {value}" for name, value in fields), "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    "fields",
    [
        [HERE],
        [("host", f"localhost:{PORT}")],
        [("HOST", f"LocalHost:{PORT}")],
        [("Host", f"[::1]:{PORT}")],
        [HERE, ("Origin", f"http://127.0.0.1:{PORT}")],
        [HERE, ("Sec-Fetch-Site", "cross-site")],
        [HERE, ("Content-Length", "5")],
    ],
)
def test_who_names_this_machine_is_let_through(fields: Sequence[tuple[str, str]]) -> None:
    check(*parsed(head(*fields)), PORT)


@pytest.mark.parametrize(
    ("fields", "line", "status"),
    [
        ([("Host", f"evil.example:{PORT}")], "GET / HTTP/1.1", 421),
        ([("Host", "evil.example")], "GET / HTTP/1.1", 421),
        ([("Host", "127.0.0.1")], "GET / HTTP/1.1", 421),
        ([("Host", f"127.0.0.1.evil.example:{PORT}")], "GET / HTTP/1.1", 421),
        ([("Host", f"127.0.0.1:{PORT}@evil.example")], "GET / HTTP/1.1", 421),
        ([("Host", f"evil.example/127.0.0.1:{PORT}")], "GET / HTTP/1.1", 421),
        ([("Host", f"127.0.0.1:{PORT}x")], "GET / HTTP/1.1", 421),
        ([("Host", "[")], "GET / HTTP/1.1", 421),
        ([("Host", "")], "GET / HTTP/1.1", 421),
        ([], "GET / HTTP/1.1", 421),
        ([HERE, ("Host", f"evil.example:{PORT}")], "GET / HTTP/1.1", 421),
        ([HERE], "GET http://evil.example/ HTTP/1.1", 400),
        ([HERE], "CONNECT evil.example:80 HTTP/1.1", 400),
        ([HERE, ("Origin", "http://evil.example")], "POST /api HTTP/1.1", 403),
        ([HERE, ("Origin", "null")], "POST /api HTTP/1.1", 403),
        ([HERE, ("Origin", f"https://127.0.0.1:{PORT}")], "POST /api HTTP/1.1", 403),
        ([HERE, ("Origin", "http://127.0.0.1:80")], "POST /api HTTP/1.1", 403),
        ([HERE, ("Sec-Fetch-Site", "cross-site")], "POST /api HTTP/1.1", 403),
        ([HERE, ("Sec-Fetch-Site", "same-site")], "DELETE /api HTTP/1.1", 403),
        ([HERE, ("Content-Length", "5"), ("Transfer-Encoding", "chunked")], "POST /api HTTP/1.1", 400),
        ([HERE, ("Content-Length", "5"), ("Content-Length", "6")], "POST /api HTTP/1.1", 400),
        ([HERE, ("X-Y ", "z")], "GET / HTTP/1.1", 400),
        ([HERE, ("", "z")], "GET / HTTP/1.1", 400),
        ([HERE, ("X", "a\nHost: evil")], "GET / HTTP/1.1", 400),
        ([HERE], "GET /", 400),
        ([HERE], "GET / HTTP/1.1 x", 400),
    ],
)
def test_who_names_another_or_comes_from_another_page_is_refused(
    fields: Sequence[tuple[str, str]], line: str, status: int
) -> None:
    with pytest.raises(Refused) as refusal:
        check(*parsed(head(*fields, line=line)), PORT)
    assert refusal.value.status == HTTPStatus(status)


@pytest.fixture
async def guarded() -> AsyncIterator[tuple[UiGuard, list[bytes]]]:
    """A guard before a server that answers each connection with what it was sent."""
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got = await reader.readuntil(b"\r\n\r\n")
        if b"content-length: 5" in got.lower():
            got += await reader.readexactly(5)
        heard.append(got)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, *(where := hidden_address()))
    guard = UiGuard(LOCALHOST, free_port(), where)
    await guard.start()
    try:
        yield guard, heard
    finally:
        await guard.close()
        server.close()


async def raw(guard: UiGuard, content: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(guard.host, guard.port)
    writer.write(content)
    async with asyncio.timeout(30):
        answer = await reader.read(-1)
    writer.close()
    return answer


async def test_each_connection_carries_one_request(guarded: tuple[UiGuard, list[bytes]]) -> None:
    """A second one behind the first is not passed on, so that none goes unseen."""
    guard, heard = guarded
    good = head(
        ("Host", f"localhost:{guard.port}"),
        ("Connection", "keep-alive"),
        ("Content-Length", "5"),
        line="POST / HTTP/1.1",
    )
    evil = head(("Host", "evil.example"))
    assert (await raw(guard, good + b"12345" + evil)).endswith(b"ok")
    (passed,) = heard
    assert passed.endswith(b"12345")
    assert b"Connection: close" in passed
    assert b"keep-alive" not in passed
    assert (await raw(guard, evil)).startswith(b"HTTP/1.1 421 ")
    assert (await raw(guard, head(("X", "y" * 100_000)))).startswith(b"HTTP/1.1 431 ")
    assert len(heard) == 1


async def test_a_ui_that_does_not_answer_is_told(guarded: tuple[UiGuard, list[bytes]]) -> None:
    guard, _ = guarded
    guard.upstream = (LOCALHOST, free_port())
    assert (await raw(guard, head(("Host", f"localhost:{guard.port}")))).startswith(b"HTTP/1.1 502 ")


async def test_the_ui_is_reached_by_its_own_names_alone(tmp_path: Path) -> None:
    """The real one. Whatever else its process listens on answers no page either."""
    ui = free_port()
    server = TemporalServer(None, free_port(), ui, log_file=tmp_path / "log")
    async with server as running, httpx.AsyncClient(trust_env=False, timeout=60) as http:
        base = f"http://{LOCALHOST}:{ui}"
        assert "<html" in (await http.get(f"{base}/namespaces/default/workflows")).text.lower()
        settings = await http.get(f"{base}/api/v1/settings")
        assert settings.status_code == 200, settings.text
        for host in ("evil.example", f"evil.example:{ui}", "localhost"):
            for path in ("/", "/api/v1/namespaces", "/api/v1/settings"):
                answer = await http.get(f"{base}{path}", headers={"Host": host})
                assert answer.status_code == 421, f"{host} {path}"
        foreign = await http.post(f"{base}/api/v1/namespaces", headers={"Origin": "http://evil.example"}, json={})
        assert foreign.status_code == 403
        assert not [name for name in settings.headers if name.startswith("access-control-")]

        listening = {
            (connection.laddr.ip.removeprefix("::ffff:"), connection.laddr.port)
            for connection in psutil.Process(running.pid).net_connections("tcp")
            if connection.status == "LISTEN"
        }
        assert all(ip.startswith("127.") for ip, _ in listening)
        asked = 0
        for ip, port in sorted(listening):
            if (ip, port) == running._ui or ip != LOCALHOST:
                continue  # where it is, only we know
            try:
                answer = await http.get(f"http://{ip}:{port}/api/v1/namespaces", headers={"Host": "evil.example"})
            except httpx.HTTPError:
                continue  # it speaks no HTTP that a browser would
            asked += 1
            assert answer.status_code >= 400, f"{port}: {answer.text[:300]}"
        assert asked, "the server's own HTTP API is not where this test looks for it"
        await running.kill()
        await running.start()
        assert (await http.get(f"{base}/api/v1/settings")).status_code == 200
