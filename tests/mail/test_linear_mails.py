"""A mail with a long run of signs, wherever it stands, is read in time that grows with its length and no faster.

Each place is measured with a run and with one four times as long, in the same process: parsed, told apart as automatic or
not, read as a report, and its quote folded.
"""

import gc
import time
from collections.abc import Callable, Iterator

import pytest

from mail.bounces import bounce, written_by_server
from mail.parse import parse
from mail.quotes import strip_quote
from mail.sanitised import page
from mail.subjects import subject_stem
from mail.tokens import subject_token

HEAD = b"From: Ann <ann@b.example>\r\nTo: desk@c.example\r\nSubject: x\r\nMessage-ID: <1@b.example>\r\n"
RUNS = (
    b" ", b"\t", b"\xc2\xa0", b"-", b"- ", b"--\r\n", b'"', b"'", b"(", b")", b"()", b"[", b"]", b"[a]", b"<", b">", b"> ",
    b"<a>", b".", b". ", b",", b", ", b";", b":", b": ", b"=", b"=?", b"=?utf-8?q?a?= ", b"@", b"a@b.", b"a", b"a ", b"1", b"1.",
    b"_", b"*", b"\\", b'\\"', b"/", b"\xe3\x80\x80", b"re: ", b"&lt;", b"\xff", b"\x1b$B",
)  # fmt: skip
STRUCTURED = (
    "From", "To", "Cc", "Reply-To", "Date", "Message-ID", "In-Reply-To", "References", "Return-Path", "Authentication-Results",
    "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Auto-Submitted", "Precedence", "X-Failed-Recipients",
    "List-Id", "X-Original-From", "Delivered-To", "Subject", "Received",
)  # fmt: skip
SHORT, LONG = 1_800, 7_200
"""Bytes of a header: less than is read of it. Texts are longer."""
OF_A_TEXT = 4
WORSE_THAN_LINEAR = 8.0
REPEATED = 4


def _in_header(name: str) -> Callable[[bytes], bytes]:
    def mail(run: bytes) -> bytes:
        others = b"".join(each for each in HEAD.splitlines(keepends=True) if not each.startswith(name.encode() + b":"))
        return name.encode() + b": a" + run.replace(b"\r\n", b"\r\n ") + b"!\r\n" + others + b"\r\nHello.\r\n"

    return mail


def _in_text(run: bytes) -> bytes:
    return (
        HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n" + run + b"!\r\nOn Mon, Ann wrote:\r\n> x\r\n"
    )


def _in_report(run: bytes) -> bytes:
    return (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@d.example\r\nTo: desk@c.example\r\n"
        b"Subject: Undelivered" + run[:LONG] + b"!\r\n\r\nYour mail could not be delivered to:\r\n"
        b"<ann@b.example>: " + run + b"! 550 5.1.1 no such user\r\n"
    )


def _in_status(run: bytes) -> bytes:
    return (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@d.example\r\nTo: desk@c.example\r\nSubject: Undelivered\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="q"\r\n\r\n--q\r\n\r\n' + run + b"!\r\n"
        b"--q\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; d.example\r\n\r\n"
        b"Final-Recipient: rfc822; ann@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"Diagnostic-Code: smtp; 550 " + run + b"!\r\n--q--\r\n"
    )


def _in_html(run: bytes) -> bytes:
    return (
        HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>Hello</p>" + run + b"!</body></html>\r\n"
    )


def _in_a_part(run: bytes) -> bytes:
    return (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\nContent-Type: text/plain; name="'
        + run[: LONG // 4]
        + b'"\r\n\r\nHello\r\n'
        b"--q\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''"
        + run[: LONG // 4]
        + b"\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + run + b"\r\n--q--\r\n"
    )


def _before_headers(run: bytes) -> bytes:
    return run + b"!\r\n" + HEAD + b"\r\nHello.\r\n"


PLACES: dict[str, tuple[Callable[[bytes], bytes], int]] = {
    **{name: (_in_header(name), 1) for name in STRUCTURED},
    "text": (_in_text, OF_A_TEXT),
    "report": (_in_report, OF_A_TEXT),
    "status": (_in_status, OF_A_TEXT),
    "html": (_in_html, OF_A_TEXT),
    "part": (_in_a_part, OF_A_TEXT),
    "before headers": (_before_headers, 1),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_long_run_of_signs_takes_no_more_than_linear_time(place: str) -> None:
    assert not list(slow_runs(place))


def slow_runs(place: str) -> Iterator[bytes]:
    make, times = PLACES[place]
    for run in RUNS:
        short, long = (make(run * (times * length // len(run))) for length in (SHORT, LONG))
        if all(_work(long) > WORSE_THAN_LINEAR * _work(short) for _ in range(REPEATED)):
            yield run


def _work(raw: bytes) -> float:
    gc.collect(0)
    begun = time.thread_time()
    mail = parse(raw, frozenset(("desk@c.example",)))
    bounce(mail)
    written_by_server(mail)
    strip_quote(mail.text, mail.subject)
    subject_stem(mail.subject)
    subject_token(mail.subject)
    page(mail.html, mail.text)
    return time.thread_time() - begun
