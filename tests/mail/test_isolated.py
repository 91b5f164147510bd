"""Costly mails are read in a process of their own, which may die."""

import pytest

from mail.isolated import parse_isolated, parse_safely, suspicious
from mail.message import AutomaticReason, UnreadableMail, UnreadableReason
from mail.parse import LARGEST_MAIL, parse
from tests.fuzz.hostile import many_lines, one_line

PLAIN = b"From: a@example.net\r\nSubject: caf\xc3\xa9\r\n\r\nhello\r\n"
BOMB = b"Subject: " + b"=?utf-8?q?a?= " * 80_000 + b"\r\n\r\nhello"


@pytest.mark.parametrize(
    ("raw", "is_suspicious"),
    [
        (PLAIN, False),
        (PLAIN + b"x" * 900_000, False),
        (PLAIN + b"x" * 1_100_000, True),
        (BOMB[:100_000], True),
        (BOMB[:60_000], False),
        (PLAIN + b"\n--b" * 400, True),
        (b"Content-Type: multipart/mixed; Boundary=b\n" * 70 + PLAIN, True),
        (b"", False),
    ],
)
def test_what_is_suspicious(raw: bytes, is_suspicious: bool) -> None:
    assert suspicious(raw) is is_suspicious


async def test_both_ways_read_the_same() -> None:
    assert await parse_isolated(PLAIN) == await parse_safely(PLAIN) == parse(PLAIN)


async def test_a_large_mail_with_bytes_of_any_kind() -> None:
    content = bytes(range(256)) * 8000
    raw = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n" + content
    mail = await parse_safely(raw)
    assert mail == parse(raw)
    assert mail.attachments[0].size > 2_000_000


async def test_own_addresses_go_along() -> None:
    mail = await parse_isolated(PLAIN, frozenset({"a@example.net"}))
    assert mail.automatic_reason is AutomaticReason.OWN_ADDRESS


async def test_the_header_bomb() -> None:
    assert (await parse_safely(BOMB)).defects == ("header-cut",)


async def test_the_reason_comes_back() -> None:
    with pytest.raises(UnreadableMail) as refused:
        await parse_isolated(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 2000)
    assert refused.value.reason is UnreadableReason.TOO_MANY_PARTS
    assert str(refused.value) == "too-many-parts: more than 1000"


async def test_time_runs_out() -> None:
    with pytest.raises(UnreadableMail, match="not read within") as refused:
        await parse_isolated(PLAIN, seconds=0.01)
    assert refused.value.reason is UnreadableReason.UNPARSEABLE


async def test_work_runs_out() -> None:
    with pytest.raises(UnreadableMail, match="more than 1 s of work"):
        await parse_isolated(many_lines(0.4), work=1)


async def test_memory_runs_out() -> None:
    with pytest.raises(UnreadableMail) as refused:
        await parse_isolated(one_line(1.0), memory=512 * 1024 * 1024)
    assert str(refused.value) == "too-large: out of memory"


async def test_the_child_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONMALLOC", "bogus")  # the interpreter refuses to start: a child that dies
    with pytest.raises(UnreadableMail, match="ended the process"):
        await parse_isolated(PLAIN)


async def test_too_large_starts_nothing() -> None:
    with pytest.raises(UnreadableMail) as refused:
        await parse_isolated(b"x" * (LARGEST_MAIL + 1))
    assert refused.value.reason is UnreadableReason.TOO_LARGE
