"""Parsing: one fixture per oddity, limits, and no exception but UnreadableMail on any bytes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mail.message import AutomaticReason, ParsedMail, UnreadableMail, UnreadableReason
from mail.parse import DEEPEST, LARGEST_MAIL, MOST_PARTS, content_hash, parse

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mail"
OWN = frozenset({"support@example.com"})
MAILS = {file.stem: file.read_bytes() for file in sorted(FIXTURES.glob("*.eml"))}


def read(name: str) -> ParsedMail:
    return parse(MAILS[name], OWN)


EXPECTED: dict[str, dict[str, Any]] = {
    "plain": {
        "message_id": "plain@example.net",
        "subject": "plain",
        "text": "It is broken.\n",
        "date": datetime(2026, 11, 16, 9, 30, tzinfo=UTC),
        "html": None,
        "automatic": False,
        "defects": (),
    },
    "message-id-folded-and-spaced": {"message_id": "folded.id@example.net"},
    "message-id-without-brackets": {"message_id": "bare.id@example.net"},
    "no-message-id": {"message_id": None, "date": None, "defects": ()},
    "reply-with-references": {
        "in_reply_to": "two@example.com",
        "references": ("one@example.com", "two@example.com"),
    },
    "encoded-word-split-inside-a-character": {"subject": "Grüße ü"},
    "iso-2022-jp": {"subject": "壊れました", "text": "テスト\n", "defects": ()},
    "windows-1252-labelled-latin-1": {"text": "“kaputt” – 5 €\n", "defects": ()},
    "charset-unknown": {"text": "für alle\n", "defects": ("charset",)},
    "charset-wrong": {"text": "Grüße aus Köln\n", "defects": ("charset",)},
    "charset-that-computes": {"text": "C:\\new\\table \\u0041\n", "defects": ("charset",)},
    "eight-bit-headers": {"subject": "Größe 5 €"},
    "html-only": {"text": "Hello there\n\n  * one\n  * two"},
    "alternative-with-inline-image": {"text": "plain words\n", "html": '<p>rich <img src="cid:logo@x"></p>'},
    "format-flowed": {"text": "This is one paragraph.\n\n> quoted words\n\nFrom here\n-- \nme\n"},
    "format-flowed-delsp": {"text": "日本語\n"},
    "uuencoded-in-the-text": {"text": "look:\nthat was it\n"},
    "winmail-dat": {"defects": ("tnef",)},
    "nul-bytes": {"subject": "ab", "text": "before\n"},
    "bare-carriage-returns": {"text": "one\ntwo\nthree\nfour"},
    "line-break-in-an-encoded-subject": {"subject": "hello Bcc: victim@example.net"},
    "multipart-without-boundary": {"text": "just text\n", "defects": ("mime",)},
    "date-without-zone": {"date": datetime(2026, 11, 16, 10, 30, tzinfo=UTC)},
    "date-nonsense": {"date": None, "defects": ("date",)},
    "base64-broken": {"text": "Hello world", "defects": ("mime",)},
    "headers-only": {"subject": "x", "text": ""},
    "out-of-office": {"automatic_reason": AutomaticReason.AUTO_SUBMITTED, "return_path": "greta@example.net"},
    "auto-notified": {"automatic_reason": AutomaticReason.AUTO_SUBMITTED},
    "auto-submitted-no": {"automatic_reason": None},
    "exchange-suppressed": {"automatic_reason": AutomaticReason.RESPONSE_SUPPRESSED},
    "precedence-bulk": {"automatic_reason": AutomaticReason.PRECEDENCE},
    "mailing-list": {"automatic_reason": AutomaticReason.LIST},
    "null-sender": {"automatic_reason": AutomaticReason.NULL_SENDER, "return_path": ""},
    "mailer-daemon": {"automatic_reason": AutomaticReason.ROBOT_SENDER},
    "owner-of-a-list": {"automatic_reason": AutomaticReason.ROBOT_SENDER},
    "own-loop-header": {"automatic_reason": AutomaticReason.OWN_LOOP},
    "from-ourselves": {"automatic_reason": AutomaticReason.OWN_ADDRESS},
    "bounce-rfc-3464": {"automatic_reason": AutomaticReason.REPORT},
}


class TestFixtures:
    @pytest.mark.parametrize("name", EXPECTED)
    def test_fields(self, name: str) -> None:
        mail = read(name)
        assert {field: getattr(mail, field) for field in EXPECTED[name]} == EXPECTED[name]

    @pytest.mark.parametrize(
        ("name", "sender", "address"),
        [
            ("plain", "Greta Gold", "greta@example.net"),
            ("encoded-word-split-inside-a-character", "Jürgen Müller", "jm@example.net"),
            ("iso-2022-jp", "山田", "yamada@example.jp"),
            ("eight-bit-headers", "Jürgen", "j@example.net"),
            ("whole-address-encoded", "Greta Gold", "greta@example.net"),
            ("comma-and-bracket-in-an-encoded-name", "boss@example.com, <boss@example.com>", "mallory@example.net"),
        ],
    )
    def test_senders(self, name: str, sender: str, address: str) -> None:
        found = read(name).from_
        assert found is not None
        assert (found.name, found.address) == (sender, address)

    def test_an_encoded_comma_makes_no_recipient(self) -> None:
        assert [(to.name, to.address) for to in read("comma-and-bracket-in-an-encoded-name").to] == [
            ("a, b", "support@example.com")
        ]

    def test_groups_and_what_is_no_address(self) -> None:
        mail = read("addresses-in-groups")
        assert mail.to == ()
        assert [cc.address for cc in mail.cc] == ["one@example.net", "two@example.net", "three@example.net"]
        assert mail.reply_to == ()
        assert "address" in mail.defects

    @pytest.mark.parametrize(
        ("name", "attachments"),
        [
            ("alternative-with-inline-image", [("logo.png", "image/png", 8, True, "logo@x")]),
            ("filename-rfc-2231-continued", [("Rückgabe €.pdf", "application/pdf", 5, False, None)]),
            ("filename-eight-bit", [("Bücher.pdf", "application/pdf", 3, False, None)]),
            ("uuencoded-in-the-text", [("a b.txt", "application/octet-stream", 11, False, None)]),
            ("winmail-dat", [("winmail.dat", "application/ms-tnef", 6, False, None)]),
            ("forwarded-as-attachment", [("attachment.eml", "message/rfc822", 56, False, None)]),
        ],
    )
    def test_attachments(self, name: str, attachments: list[tuple[str, str, int, bool, str | None]]) -> None:
        found = [(a.filename, a.content_type, a.size, a.inline, a.content_id) for a in read(name).attachments]
        assert found == attachments

    def test_filenames_stay_where_they_are_put(self) -> None:
        names = [attachment.filename for attachment in read("filenames-that-traverse").attachments]
        assert names == ["passwd", "_con.txt", "attachment.jpg", "n" * 76 + ".txt"]

    def test_the_inside_of_a_forwarded_mail_is_not_ours(self) -> None:
        mail = read("forwarded-as-attachment")
        assert mail.text == "fwd\n"
        assert b"From the inside" in mail.attachments[0].content

    def test_where_it_was_delivered(self) -> None:
        raw = b"Delivered-To: Support+abc@example.com\r\nX-Original-To: x@example.com\r\n" + MAILS["plain"]
        assert parse(raw).delivered_to == ("support+abc@example.com", "x@example.com")

    def test_every_fixture_is_expected_somewhere(self) -> None:
        tested_elsewhere = {"authentication-results", "bounce-of-exim", "bounce-of-qmail"}
        in_other_tests = {
            "addresses-in-groups",
            "comma-and-bracket-in-an-encoded-name",
            "whole-address-encoded",
            "filename-eight-bit",
            "filename-rfc-2231-continued",
            "filenames-that-traverse",
            "forwarded-as-attachment",
        }
        assert set(MAILS) == set(EXPECTED) | tested_elsewhere | in_other_tests

    @pytest.mark.parametrize("name", MAILS)
    def test_json_brings_it_back(self, name: str) -> None:
        mail = read(name)
        assert ParsedMail.model_validate_json(mail.model_dump_json()) == mail


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
            ("X-Auto-Response-Suppress: oof", True),
            ("X-Auto-Response-Suppress: All", True),
            ("Precedence: list", True),
            ("Precedence: junk", True),
            ("Precedence: special-delivery", False),
            ("List-Unsubscribe: <mailto:x@example.net>", True),
            ("Return-Path: <MAILER-DAEMON>", True),
            ("Return-Path: <users-request@example.net>", True),
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
        assert len(parse(raw + b"\nhello").to) == 500

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
