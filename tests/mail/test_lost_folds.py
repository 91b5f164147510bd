"""Headers of several lines that have lost the blanks which say so, and heads that have too many of them."""

import pytest

from mail.heads import LARGEST_HEADER, begun
from mail.message import ParsedMail
from mail.parse import parse


def read(head: str, text: str = "The lamp is broken.") -> ParsedMail:
    return parse(f"{head}\n\n{text}".encode())


LOST = [
    ("To: Ann <ann@\nb.example>\nSubject: x", "to", ["ann@b.example"]),
    ("To: Ann <\nann@b.example>\nSubject: x", "to", ["ann@b.example"]),
    ("To: Ann <ann@\nb.example>, Bob <bob@c.example>\nSubject: x", "to", ["ann@b.example", "bob@c.example"]),
    ("Subject: x\nTo: Ann <ann@\nb.example>", "to", ["ann@b.example"]),  # before the blank line
    ("To: ann@b.example,\nbob@c.example\nSubject: x", "to", ["ann@b.example", "bob@c.example"]),
    ("Subject: x\nCc: ann@b.example,\nBob Bell <bob@c.example>,\neva@d.example", "cc",
     ["ann@b.example", "bob@c.example", "eva@d.example"]),
    ('Subject: x\nCc: ann@b.example, "Bell,\nBob" <bob@c.example>', "cc", ["ann@b.example", "bob@c.example"]),
    ("Subject: x\nReply-To:\nann@b.example", "reply_to", ["ann@b.example"]),
    ("To: ann@b.example,\nbob@c.example,\n eva@d.example\nSubject: x", "to",
     ["ann@b.example", "bob@c.example", "eva@d.example"]),
]  # fmt: skip


@pytest.mark.parametrize(("head", "field", "addresses"), LOST)
def test_addresses_go_on_where_one_is_wanted(head: str, field: str, addresses: list[str]) -> None:
    for ends in ("\n", "\r\n"):
        mail = read(f"From: desk@a.example\n{head}".replace("\n", ends))
        assert [each.address for each in getattr(mail, field)] == addresses
        assert (mail.subject, mail.text, "mime" in mail.defects) == ("x", "The lamp is broken.", True)


def test_other_headers_go_on_where_they_have_said_nothing() -> None:
    mail = read(
        "From:\nAnn <ann@b.example>\nMessage-ID:\n<m1@b.example>\nReferences: <r1@b.example>\n<r2@b.example> <r3@b.example>\n"
        "In-Reply-To: <r3@\nb.example>\nDate:\nMon, 2 Mar 2026 09:00:00 +0100\nSubject:\nThe lamp\n"
        "Content-Type:\ntext/html; charset=utf-8\nMIME-Version: 1.0",
        "<p>It is broken.</p>",
    )

    assert mail.from_ is not None
    assert (mail.from_.address, mail.message_id, mail.in_reply_to) == ("ann@b.example", "m1@b.example", "r3@b.example")
    assert mail.references == ("r1@b.example", "r2@b.example", "r3@b.example")
    assert (mail.subject, mail.text) == ("The lamp", "It is broken.")
    assert mail.date is not None
    assert mail.date.isoformat() == "2026-03-02T08:00:00+00:00"


@pytest.mark.parametrize(
    "raw",
    [
        "From: a@b.example\nSubject:\nHello, the lamp is broken.\n\nYours\n",
        "From: a@b.example\nTo: x@y.example,\nbob@c.example wrote that the lamp is broken.\n",
        "From: a@b.example\nTo: Ann <ann@b.example\nNo > sign was there.\n",
        'From: a@b.example\nTo: "Ann\n"The lamp" is broken.\n',
        "From: a@b.example\nReferences: <r1@b.example>\n<r2@b.example> is what I mean.\n",
        "From: a@b.example\nDate:\n10 lamps are broken.\n",
        "From: a@b.example\nMessage-ID: <m1@b.example>\n<m2@b.example>\n",
        "From: a@b.example\nTo: x@y.example\nann@b.example\n",
    ],
)
def test_a_text_without_a_blank_line_before_it_stays_text(raw: str) -> None:
    assert raw.split("\n")[2] in parse(raw.encode()).text


@pytest.mark.parametrize(
    ("head", "mended"),
    [
        (b" From: a@b.example\nTo: x@y.example\nSubject: s\n", b"From: a@b.example\nTo: x@y.example\nSubject: s\n"),
        (
            b"\tFrom: a@b.example\n\tTo: x@y.example\n\tSubject: s\n",
            b"From: a@b.example\nTo: x@y.example\nSubject: s\n",
        ),
        (
            b"  From: a@b.example\n  To: x@y.example,\n    y@y.example\n",
            b"From: a@b.example\nTo: x@y.example,\n  y@y.example\n",
        ),
        (b"    Received: by c\nFrom: a@b.example\nSubject: s\n", b"Received: by c\nFrom: a@b.example\nSubject: s\n"),
    ],
)
def test_an_indented_head_is_a_head(head: bytes, mended: bytes) -> None:
    assert begun(head + b"\n  indented words\n").raw == mended + b"\n  indented words\n"


@pytest.mark.parametrize(
    "raw", [b"  Subject: x\n\nHello\n", b"  From: me\n  Hello\n\n", b" Dear all: it is broken\n\nx"]
)
def test_an_indented_text_is_no_head(raw: bytes) -> None:
    assert begun(raw).raw == b"\n" + raw


def test_a_part_whose_first_header_is_indented() -> None:
    mail = read(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b",
        "--b\n Content-Type: text/html\n\n<p>Hello</p>\n--b--\n",
    )
    assert mail.text == "Hello"


@pytest.mark.parametrize("line", [b"<r@b.example>\n", b"name=x\n", b"x@y.example,\n"])
@pytest.mark.parametrize(
    "name", [b"References: <r@b.example>,\n", b"To: a@b.example,\n", b"Content-Type: text/plain;\n"]
)
def test_a_header_of_many_lines_takes_no_time(name: bytes, line: bytes) -> None:
    made = begun(b"From: a@b.example\n" + name + line * 300_000 + b"Subject: s\n\nx").raw
    assert made.startswith(b"From: a@b.example\n" + name.strip())
    assert made.find(b"\nSubject: s\n\nx") < 2 * LARGEST_HEADER or made.endswith(line + b"Subject: s\n\nx")
