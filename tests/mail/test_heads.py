"""A mail's beginning: what the stdlib would choke on is taken out of its way."""

import pytest

from mail.heads import MOST_HEADERS, MOST_STRANGE_LINES, Begun, begun


def untouched(raw: bytes) -> Begun:
    return Begun(raw, cut=False, strange=False)


def test_a_plain_mail_stays_as_it_is() -> None:
    raw = b"From greta\r\nSubject: x\r\n y\r\n\r\nTo : you\r\n"
    assert begun(raw) == untouched(raw)


def test_spaces_before_colons() -> None:
    assert begun(b"From : a\nSubject\t: b\n\nTo : you") == untouched(b"From: a\nSubject: b\n\nTo : you")


def test_what_is_no_header_begins_the_text() -> None:
    for raw in (b"Subject: x\nno header\n" + b"a: b\n" * 600, b"\n" + b"a: b\n" * 600, b"", b"\n\n\n", b"no header"):
        assert begun(raw) == untouched(raw)


def test_a_first_line_that_begins_with_a_blank_is_text_where_no_header_stands() -> None:
    for raw in (b" 12", b"\x00 12", b"\tAnn\r\nwrote", b"  Subject: x\n"):
        assert begun(raw) == Begun(b"\n" + raw.lstrip(b"\0"), cut=False, strange=False)


def test_headers_beyond_the_limit_are_left_out() -> None:
    lines = [b"X: %d\r\n Y\r\n" % number for number in range(MOST_HEADERS + 5)]
    assert begun(b"".join(lines) + b"\r\nbody") == Begun(b"".join(lines[:MOST_HEADERS]) + b"\r\nbody", True, False)
    assert begun(b"".join(lines)) == Begun(b"".join(lines[:MOST_HEADERS]), True, False)
    assert begun(b"".join(lines[:MOST_HEADERS]) + b"\r\nbody").cut is False


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        (b"note\nFrom: a\nSubject: b\n\nx", b"From: a\nSubject: b\n\nx"),
        (b"From: a\nnote\nmore\nSubject: b\n\nx", b"From: a\nSubject: b\n\nx"),
        (b"From: a\nnote\nX-Spam: no\n\nx", b"From: a\nX-Spam: no\n\nx"),
        (b"From: a\r\r\nSubject: b\r\r\n\r\r\nx\r\r\n", b"From: a\r\nSubject: b\r\n\r\nx\r\n"),
        (b"From: a\r\nSubject: b\r\n\r\nx\r\r\n", b"From: a\r\nSubject: b\r\n\r\nx\r\r\n"),
        (b"Received: r\r\nFrom: a\r\r\nSubject: b\r\r\n\r\r\nx", b"Received: r\r\nFrom: a\r\nSubject: b\r\n\r\nx"),
        (b"\0\0From: a\nSubject: b\n\nx", b"From: a\nSubject: b\n\nx"),
        (b"X-Spam: no\n\n\nFrom: a\nSubject: b\n\nx", b"X-Spam: no\nFrom: a\nSubject: b\n\nx"),
    ],
)
def test_strange_lines_are_passed_over_if_headers_follow(raw: bytes, mended: bytes) -> None:
    assert begun(raw).raw == mended


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a\nSubject: b\nHello\n\nFrom: c\n",
        b"From: a\nSubject: b\nHello\nFrom: c\nSubject: d\n",
        b"X-Spam: no\n\nFrom: me to you\n\nx",
        b"X-Spam: no\n\nhello\nX-Ray: yes\n",
        b"From: a\n" + b"note\n" * (MOST_STRANGE_LINES + 1) + b"Subject: b\n\nx",
    ],
)
def test_a_text_that_follows_at_once_is_text(raw: bytes) -> None:
    assert begun(raw) == untouched(raw)


def test_many_strange_lines_take_no_time() -> None:
    assert begun(b"note\n" * 1_000_000).raw[:5] == b"note\n"
    assert begun(b"From: a\n" + b"note\nX-A: b\n" * 200_000 + b"\nx").raw.startswith(b"From: a\nX-A: b\nX-A: b\n")
