"""What a client can put into a request beside its body: addresses, queries, headers, methods, hosts, forms."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from api.hosts import AllowedHosts, host_name
from api.labels import METHODS
from desk.attachments import safe_filename
from models.messages.cases import CaseStatus
from tests.api.conftest import World
from tests.api.route_table import path_of, protected, routes


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """None of it depends on the database."""
    return sqlite_url


# ---- text that is none ---------------------------------------------------------------------------------------------

UNSTORABLE = (
    b'"\\ud800"',
    b'"\\udfff\\ud800"',
    b'"\xed\xa0\x80"',
    b'"a\\u0000b"',
    b'{"\\ud800": 1}',
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"9" * 400,
    b"[" * 19 + b"]" * 19,
)


async def test_what_cannot_be_stored_is_422_in_every_body(world: World) -> None:
    """Typed and free places alike, before any model is asked; in UTF-16 and UTF-32 too, which JSON's reader takes."""
    asked, headers = 0, {"content-type": "application/json", "if-match": "*"}
    async with world.http("ada") as http:
        for route, operation, method, _ in protected(world):
            if route.body_field is None:
                continue
            for position, value in enumerate(UNSTORABLE):
                if (asked + position) % 3 and operation not in ("change_case", "open_case", "next_stage", "save_draft"):
                    continue
                content = b'{"custom": {"x": ' + value + b'}, "data": {"x": ' + value + b"}}"
                answer = await http.request(method, path_of(route), content=content, headers=headers)
                assert answer.status_code == 422, f"{method} {route.path} {value[:20]!r}: {answer.text}"
            for encoding in ("utf-16", "utf-32-le"):
                content = '{"custom": {"x": "\ud800"}}'.encode(encoding, "surrogatepass")
                answer = await http.request(method, path_of(route), content=content, headers=headers)
                assert answer.status_code == 422, f"{method} {route.path} {encoding}: {answer.text}"
            asked += 1
    assert asked > 50


async def test_what_is_odd_and_can_be_stored_is_kept_as_it_came(world: World) -> None:
    odd = "\U0001f600 \uffff\ufdd0 \u202e e\u0301 \u200d \x7f"
    case = await world.case()
    async with world.http("carl") as http:
        saved = await http.put(f"/api/v1/cases/{case.number}/draft", json={"text": odd})
        assert (saved.status_code, saved.json()["text"]) == (200, odd)
        assert (await http.get(f"/api/v1/cases/{case.number}/draft")).json()["text"] == odd


# ---- forms -----------------------------------------------------------------------------------------------------------


def form(filename: bytes, charset: bytes = b"") -> tuple[bytes, dict[str, str]]:
    content = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + filename + b'"\r\n\r\n1\r\n--b--\r\n'
    kind = b"multipart/form-data; boundary=b" + (b"; charset=" + charset if charset else b"")
    return content, {"content-type": kind.decode("latin-1")}


@pytest.mark.parametrize(
    ("filename", "charset"),
    [
        (b"\xff\xfe.txt", b""),
        (b"\xed\xa0\x80.txt", b""),
        (b"+2AA-.txt", b"utf-7"),
        (rb"\ud800.txt", b"unicode_escape"),
        (b"a.txt", b"undefined"),
        (b"xn--a.txt", b"idna"),
        (b"a.txt", b"zlib"),
        (b"a.txt", b"no-such-charset"),
        (b"a.txt", b"utf-8\x01"),
        (b"../../etc/passwd", b""),
        ("\u202egnp.exe".encode(), b""),
        (b"a" * 3000, b""),
    ],
)
async def test_a_file_name_is_text_that_can_be_stored_and_sent(world: World, filename: bytes, charset: bytes) -> None:
    content, headers = form(filename, charset)
    async with world.http("carl") as http:
        answer = await http.post("/api/v1/attachments", content=content, headers=headers)
        assert answer.status_code in (201, 422), answer.text
        if answer.status_code == 201:
            kept = answer.json()["filename"]
            assert kept.encode()
            assert not re.search(r"[/\\\x00-\x1f\u202e]", kept)
            got = await http.get(f"/api/v1/attachments/{answer.json()['id']}")
            assert got.status_code == 200
            assert got.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x", 'a"; x="b', "a\x00b", "a\u2028b", "\ud800", "%0d%0a", "a;b", ""]
)
def test_a_file_name_cannot_end_its_header(name: str) -> None:
    from api.cases.files import disposition

    header = disposition(safe_filename(name))
    header.encode("latin-1")
    assert not re.search(r"[\r\n\x00]", header)
    assert header.count('"') == 2


# ---- hosts, methods, addresses -----------------------------------------------------------------------------------------

HOSTS = ("evil.example", "evil.example:8420", "[", "[::1", "a b", "\xff", "127.0.0.1.evil.example", "evil.example#", "")


async def test_no_host_is_ever_redirected_to(world: World) -> None:
    async with world.http("carl") as http:
        for host in HOSTS:
            for path in ("/api/v1/cases/", "/api/v1/cases", "/docs/", "/static", "//evil.example/%2e%2e", "/healthz/"):
                headers = {b"Host": host.encode("latin-1")}
                answer = await http.get(path, headers=headers, follow_redirects=False)
                assert not 300 <= answer.status_code < 400, f"{host} {path}: {answer.headers.get('location')}"
                assert answer.status_code < 500, f"{host} {path}: {answer.text}"
                assert "evil" not in str(answer.headers.get("location", ""))
        made = await http.post(
            "/api/v1/articles", json={"slug": "a", "title": "A", "content": "B"}, headers={"Host": "evil"}
        )
        assert made.headers["location"].startswith("/api/v1/articles/")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8420", 200),
        ("LOCALHOST", 200),
        ("[::1]:8420", 200),
        ("desk.example.com", 200),
        ("desk.example.com.:443", 200),
        ("evil.example", 421),
        ("evil.example:8420", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1@evil.example", 421),
        ("", 421),
    ],
)
async def test_a_page_whose_name_was_made_to_point_here_is_misdirected(world: World, host: str, status: int) -> None:
    app = world.app
    world.app = AllowedHosts(app, ["Desk.Example.com"])  # type: ignore[assignment]
    async with world.http(None) as http:
        answer = await http.get("/docs", headers={"Host": host})
    assert answer.status_code == status
    world.app = AllowedHosts(app, ["*"])  # type: ignore[assignment]
    async with world.http(None) as http:
        assert (await http.get("/docs", headers={"Host": host})).status_code == 200


def test_a_host_has_one_spelling() -> None:
    assert {host_name(each) for each in ("A.b", "a.B:80", " a.b.:443 ")} == {"a.b"}


async def test_no_page_of_another_origin_is_let_in(world: World) -> None:
    async with world.http("carl") as http:
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for method in ("GET", "OPTIONS", "POST"):
            answer = await http.request(method, "/api/v1/cases", headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control-")]
            assert "set-cookie" not in answer.headers, "what no browser sends by itself, no page can use"


ODD_METHODS = ("TRACE", "CONNECT", "OPTIONS", "PROPFIND", "BREW", "X" * 500)


async def test_every_answer_carries_the_headers_that_protect_it(world: World) -> None:
    async with world.http("carl") as http:
        for route in routes(world):
            for method in (*ODD_METHODS, *(route.methods or ())):
                answer = await http.request(method, path_of(route))
                assert answer.status_code < 500, f"{method} {route.path}"
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.headers["x-frame-options"] == "DENY"
                assert answer.headers["referrer-policy"] == "no-referrer"
                assert answer.headers["cache-control"] == "no-store"
                if method in ODD_METHODS:
                    assert answer.status_code == 405, f"{method} {route.path}"
                    assert "authorization" not in answer.text.lower(), "nothing of the request is sent back"


# ---- figures and log -------------------------------------------------------------------------------------------------


def series(text: str) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    return {
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_no_caller_makes_lines_of_the_figures_or_of_the_log(world: World) -> None:
    """A thousand invented methods and addresses are as many lines as two."""
    known = {route.path.removeprefix("/api/v1") for route in routes(world) if route.path} | {"unknown", "/static"}
    async with world.http("carl") as http:
        for method in (*METHODS, "BREW"):
            await http.request(method, "/nothing")
            await http.request(method, "/api/v1/cases")
            await http.request(method, "/api/v1/cases/CAS-00001-A1B2C3")
        before = series((await http.get("/metrics")).text)
        before = series((await http.get("/metrics")).text)
        with capture_logs() as logged:
            for turn in range(250):
                await http.request(f"M{turn}", "/nothing")
                await http.request("GET", f"/nothing/{turn}")
                await http.request(f"M{turn}", "/api/v1/cases")
                await http.request("GET", f"/api/v1/cases/CAS-{turn:05d}-A1B2C3")
        after = (await http.get("/metrics")).text
    assert series(after) == before
    for name, labels in series(after):
        told = dict(labels)
        if name.startswith("caseloom_request"):
            assert told.get("method", "GET") in METHODS | {"other"}
            assert told.get("route", "unknown").removeprefix("/api/v1") in known, told
    assert len(logged) == 1000
    words = {(line["method"], line["route"], line["status"]) for line in logged}
    assert len(words) < 8, words


async def test_an_error_of_ours_is_logged_once_and_without_its_words(world: World) -> None:
    """Whatever raises it, and wherever: in a route, in a dependency, in the middle of an answer."""
    marker = "casey@customer.example"

    @world.app.get("/boom/{how}")
    async def boom(how: str) -> Any:
        match how:
            case "value":
                raise ValueError(marker)
            case "key":
                known: dict[str, int] = {}
                return known[marker]
            case "enum":
                return CaseStatus(marker)
            case "json":
                return json.loads(f"{{{marker}")
            case "cause":
                try:
                    raise LookupError(marker)
                except LookupError as error:
                    raise RuntimeError(f"for {marker}") from error
            case _:
                raise ExceptionGroup(marker, [ValueError(marker)])

    async with world.http(None) as http:
        for how in ("value", "key", "enum", "json", "cause", "group"):
            with capture_logs() as logged:
                # As uvicorn would see it: an error that comes through would be printed by it.
                answer = await http.get(f"/boom/{how}")
            assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
            (fault,) = (line for line in logged if line["event"] == "fault")
            assert fault["route"] == "/boom/{how}"
            assert "in boom" in fault["at"]
            assert fault["id"] == answer.headers["x-request-id"]
            assert marker not in json.dumps([str(line) for line in logged]) + answer.text


async def test_an_error_of_ours_does_not_come_through_to_the_server(world: World) -> None:
    import httpx

    @world.app.get("/boom")
    async def boom() -> None:
        raise ValueError("casey@customer.example")

    transport = httpx.ASGITransport(world.app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://caseloom") as http:
        assert (await http.get("/boom")).status_code == 500
