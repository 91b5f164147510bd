"""Parsing: one fixture per oddity, limits, and no exception but UnreadableMail on any bytes."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mail.contents import MOST_UUENCODED
from mail.leaves import DEEPEST, MOST_PARTS
from mail.message import ParsedMail, UnreadableMail, UnreadableReason
from mail.parse import (
    LARGEST_MAIL,
    LONGEST_TEXT,
    MOST_ADDRESS_FIELDS,
    content_hash,
    parse,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mail"
OWN = frozenset({"support@example.com"})
MAILS = {file.stem: file.read_bytes() for file in sorted(FIXTURES.glob("*.eml"))}


def read(name: str) -> ParsedMail:
    return parse(MAILS[name], OWN)


class TestDetails:
    """What the table beside the fixtures cannot say (test_fixtures.py has the rest)."""

    def test_the_inside_of_a_forwarded_mail_is_not_ours(self) -> None:
        mail = read("forwarded-as-attachment")
        assert mail.text == "fwd\n"
        assert b"From the inside" in mail.attachments[0].content

    def test_where_it_was_delivered(self) -> None:
        raw = b"Delivered-To: Support+abc@example.com\r\nX-Original-To: x@example.com\r\n" + MAILS["plain"]
        assert parse(raw).delivered_to == ("support+abc@example.com", "x@example.com")

    def test_what_the_html_shows_is_inline_whatever_its_headers_say(self) -> None:
        assert [each.inline for each in read("content-id-percent-encoded-and-called-attachment").attachments] == [True]
        assert [each.inline for each in read("inline-image-that-nothing-shows").attachments] == [False]

    def test_files_in_a_text_are_limited_in_number(self) -> None:
        mail = parse(b"\n" + b"begin 644 x\n#0V%T\n`\nend\n" * 500)
        assert len(mail.attachments) == MOST_UUENCODED
        assert mail.text.count("begin") == 500 - MOST_UUENCODED

    def test_html_is_cut(self) -> None:
        mail = parse(b"Content-Type: text/html\n\n" + b"<p>x</p>" * 200_000)
        assert mail.html is not None
        assert len(mail.html) == LONGEST_TEXT
        assert "html-cut" in mail.defects


class TestAutomatic:
    @pytest.mark.parametrize(
        ("header", "automatic"),
        [
            ("Auto-Submitted: AUTO-GENERATED", True),
            ("Auto-Submitted: something-new", True),
            ("Auto-Submitted: no", False),
            ("Auto-Submitted: NO; x=y", False),
            ("Auto-Submitted: (auto-replied) no", False),
            ("Auto-Submitted:", False),
            ("Auto-Submitted: " + "(" * 8000, False),
            ("X-Auto-Response-Suppress: oof", False),
            ("X-Auto-Response-Suppress: All", False),
            ("Precedence: list", False),
            ("Precedence: junk", False),
            ("Precedence: special-delivery", False),
            ("List-Unsubscribe: <mailto:x@example.net>", False),
            ("Return-Path: <MAILER-DAEMON>", True),
            ("Return-Path: <users-request@example.net>", False),
            ("Return-Path: <greta@example.net>", False),
            ("X-Autoreply: yes", True),
            ("X-Listing: no", False),
        ],
    )
    def test_headers(self, header: str, automatic: bool) -> None:
        assert parse(header.encode() + b"\r\n" + MAILS["plain"]).automatic is automatic

    def test_own_addresses_are_a_parameter(self) -> None:
        assert parse(MAILS["from-ourselves"]).automatic is False
        assert parse(MAILS["from-ourselves"], OWN).automatic is True


class TestLimits:
    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (b"x" * (LARGEST_MAIL + 1), UnreadableReason.TOO_LARGE),
            (b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(DEEPEST + 1)),
             UnreadableReason.TOO_DEEP),
            (b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)),
             UnreadableReason.TOO_DEEP),
            (b"Content-Type: message/rfc822\n\n" * 3000, UnreadableReason.TOO_DEEP),
            (b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * MOST_PARTS,
             UnreadableReason.TOO_MANY_PARTS),
        ],
        ids=["size", "depth", "recursion", "mails-in-mails", "parts"],
    )  # fmt: skip
    def test_refused(self, raw: bytes, reason: UnreadableReason) -> None:
        with pytest.raises(UnreadableMail) as refused:
            parse(raw)
        assert refused.value.reason is reason

    def test_just_below_the_limits(self) -> None:
        levels = range(DEEPEST - 2)
        deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in levels)
        assert parse(deep + b"\nthe bottom\n").text.strip() == "the bottom"
        many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * (MOST_PARTS - 1)
        assert parse(many).text.count("x") == MOST_PARTS - 1

    @pytest.mark.parametrize("piece", ["=?utf-8?q?a?= ", '"', "(", "<", '"\\', "a,", "@,;:", "a@b ", "((", "; x=", "%"])
    @pytest.mark.parametrize("name", ["Subject", "To", "From", "References", "Content-Type", "Content-Disposition"])
    @pytest.mark.timeout(10)
    def test_a_header_of_a_megabyte(self, name: str, piece: str) -> None:
        mail = parse(f"{name}: x/y; {piece * (1_000_000 // len(piece))}\r\n\r\nhello\r\n".encode())
        assert "header-cut" in mail.defects

    @pytest.mark.timeout(10)
    def test_a_million_headers(self) -> None:
        raw = b"".join(b"To: a%d@example.net\n" % number for number in range(200_000))
        mail = parse(raw + b"\nhello")
        assert [to.address for to in mail.to] == [f"a{number}@example.net" for number in range(MOST_ADDRESS_FIELDS)]
        assert mail.text == "hello"

    @pytest.mark.timeout(20)
    @pytest.mark.parametrize(
        "html",
        ["<div>" * 10_000, "<table><tr><td>" * 3000, "<table>" + "<tr><td>a<td>b" * 10_000, "<p>&nbsp;\n" * 20_000],
    )
    def test_html_that_upsets_renderers(self, html: str) -> None:
        assert "bottom" in parse(f"Content-Type: text/html\r\n\r\n{html}bottom".encode()).text


class TestContentHash:
    def test_copies_by_other_ways_are_equal(self) -> None:
        copy = b"Return-Path: <x@example.net>\r\nReceived: from here\r\n" + MAILS["plain"]
        assert content_hash(parse(copy)) == content_hash(parse(MAILS["plain"]))

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (b"It is broken.", b"It is broken!"),
            (b"Subject: plain", b"Subject: other"),
            (b"greta@example.net", b"mallory@example.net"),
            (b"10:30:00", b"10:30:01"),
        ],
    )
    def test_other_content_is_another_mail(self, before: bytes, after: bytes) -> None:
        forged = MAILS["plain"].replace(before, after)
        assert forged != MAILS["plain"]
        assert content_hash(parse(forged)) != content_hash(parse(MAILS["plain"]))

    def test_attachments_count(self) -> None:
        forged = MAILS["filename-rfc-2231-continued"].replace(b"JVBERi0=", b"JVBERj0=")
        assert content_hash(parse(forged)) != content_hash(read("filename-rfc-2231-continued"))


def readable(raw: bytes) -> None:
    """The promise: a mail or UnreadableMail, and every text can be stored."""
    try:
        mail = parse(raw)
    except UnreadableMail:
        return
    dumped = mail.model_dump_json()
    assert "\\u0000" not in dumped
    assert all("/" not in attachment.filename and attachment.filename for attachment in mail.attachments)
    assert not any(control in mail.subject for control in "\r\n\0")
    content_hash(mail)


JUNK = [
    b"\0", b"\r\n", b"\r\n\r\n", b"\n--=_b\r\n", b"--=_b--", b"=?utf-7?q?+2AA-?=", b"=?=?=", b"\xff\xfe", b"<<<", b">>>", b"((((",
    b'"', b"Content-Type: message/rfc822\r\n", b"Content-Type: multipart/mixed; boundary=\"=_b\"\r\n", b"charset*0*=a''%ff",
    b"Content-Transfer-Encoding: x-uuencode\r\n", b"Content-Type: text/plain; charset=\"\0\"\r\n", b"filename*=bad'x'%zz",
    b"Content-Transfer-Encoding: base64\r\n", b"Date: Mon, 1 Jan 0001 00:00:00 +2359\r\n", b"begin 644 x\n", b"\nend\n",
    b"Content-Type: text/plain; charset=utf-7\r\n", b"Content-Type: message/delivery-status\r\n", b"\xed\xa0\x80",
]  # fmt: skip


@given(st.binary(max_size=2000))
@example(b"")
@example(b":\r\n\r\n")
@example(b"Content-Type: text/\0plain\r\n\r\nhello")
@example(b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-")
def test_arbitrary_bytes(raw: bytes) -> None:
    readable(raw)


@settings(max_examples=400)
@given(st.sampled_from(sorted(MAILS)), st.data())
def test_mutated_mails(name: str, data: st.DataObject) -> None:
    raw = bytearray(MAILS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 40))
        junk = data.draw(st.one_of(st.sampled_from(JUNK), st.binary(max_size=20)))
        raw[start : start + length] = junk
    readable(bytes(raw))


@given(st.lists(st.sampled_from(JUNK), max_size=30))
def test_piled_up_junk(pieces: list[bytes]) -> None:
    readable(b"".join(pieces))


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b.example> <c@d.example>", ["a@b.example", "c@d.example"]),
        ("<a@b.example\n c@d.example>", ["a@b.example", "c@d.example"]),
        ("<a@b.\n example>", ["a@b.example"]),
        ("<a @b.example>", ["a@b.example"]),
        ("&lt;a@b.example&gt; &lt;c@d.example&gt;", ["a@b.example", "c@d.example"]),
        ("<&lt;a@b.example>", ["&lt;a@b.example"]),
    ],
)
def test_the_ids_that_a_mail_names(value: str, ids: list[str]) -> None:
    assert list(parse(f"From: ann@b.example\nReferences: {value}\n\nx\n".encode()).references) == ids
