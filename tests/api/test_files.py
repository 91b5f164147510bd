"""Uploads and downloads: kept by content, named safely, shown to nobody else, opened by no browser."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desk.attachments import UPLOAD_LIMIT, media_type, safe_filename
from models.records.base import new_id
from models.records.mails import Attachment, EmailMessage
from models.records.reference import Mailbox
from tests.api.conftest import World


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\windows\\x.exe", "x.exe"),
        ("a\x00b\r\n.txt", "a_b__.txt"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ('"; rm -rf', "_; rm -rf"),
        ("...", "file"),
        ("", "file"),
        (None, "file"),
        ("ü" * 300 + ".pdf", "ü" * 146 + ".pdf"),
        ("x" * 300, "x" * 150),
    ],
)
def test_safe_filename(given: str | None, kept: str) -> None:
    assert safe_filename(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("text/plain; charset=utf-8", "text/plain"),
        ("nonsense", "application/octet-stream"),
        ("a/b\r\nX: 1", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
def test_media_type(given: str | None, kept: str) -> None:
    assert media_type(given) == kept


async def test_an_upload_is_its_agents_own(world: World) -> None:
    page = b"<script>alert(1)</script>"
    async with world.http("berta") as http:
        made = await http.post("/api/v1/attachments", files={"file": ("a/b.html", page, "text/html")})
        assert made.status_code == 201, made.text
        id = made.json()["id"]
        assert made.json()["filename"] == "b.html"
        got = await http.get(f"/api/v1/attachments/{id}")
    assert got.content == page
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith('attachment; filename="b.html"')
    for who in ("carl", "mona"):
        async with world.http(who) as http:
            assert (await http.get(f"/api/v1/attachments/{id}")).status_code == 404


async def test_an_upload_with_a_key_happens_once(world: World) -> None:
    async with world.http("berta") as http:
        headers = {"Idempotency-Key": "up-1"}
        one = await http.post("/api/v1/attachments", files={"file": ("a", b"1")}, headers=headers)
        two = await http.post("/api/v1/attachments", files={"file": ("a", b"1")}, headers=headers)
        other = await http.post("/api/v1/attachments", files={"file": ("a", b"2")}, headers=headers)
    assert one.json() == two.json()
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_what_is_no_upload(world: World) -> None:
    async with world.http("berta") as http:
        empty = await http.post("/api/v1/attachments", files={"file": ("a", b"")})
        plain = await http.post("/api/v1/attachments", json={})
        other = await http.post("/api/v1/attachments", files={"document": ("a", b"1")})
        broken = await http.post("/api/v1/attachments", content=b"x", headers={"content-type": "multipart/form-data"})
        large = await http.post("/api/v1/attachments", files={"file": ("a", b"x" * (UPLOAD_LIMIT + 1))})
        huge = await http.post("/api/v1/attachments", files={"file": ("a", b"x" * (UPLOAD_LIMIT + 100_000))})
        absent = await http.get(f"/api/v1/attachments/{uuid4()}")
    for answer in (empty, plain, other, broken, large):
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == "/file"
    assert huge.status_code == 413
    assert absent.status_code == 404


async def test_a_file_of_a_case_is_for_those_who_see_the_case(world: World) -> None:
    case = await world.case("inner")
    digest = await world.house.files.put(b"inner")
    mailbox, mail, file = new_id(), new_id(), new_id()
    async with world.house.database.write() as session:
        session.add(Mailbox(id=mailbox, slug="m", address="m@house.example", display_name="M", settings={}))
        await session.flush()
        session.add(
            EmailMessage(
                id=mail,
                direction="in",
                case_id=case.id,
                mailbox_id=mailbox,
                message_id="<a@b>",
                message_id_hash="1",
                content_hash="2",
                references=[],
                sender="ada@ito.example",
                recipients={},
                subject="Help",
                text="",
                defects=[],
            )
        )
        await session.flush()
        session.add(
            Attachment(
                id=file,
                message_id=mail,
                position=0,
                filename='naïve "x".pdf',
                content_type="application/pdf",
                size=5,
                sha256=digest,
            )
        )
    for who, status in (("berta", 200), ("mona", 200), ("carl", 404), ("kim", 403)):
        async with world.http(who) as http:
            answer = await http.get(f"/api/v1/attachments/{file}")
            assert answer.status_code == status
            if status == 200:
                assert "filename*=UTF-8''na%C3%AFve%20_x_.pdf" in answer.headers["content-disposition"]
