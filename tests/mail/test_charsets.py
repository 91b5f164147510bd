"""Charsets that lie, are unknown, or are no charsets."""

import pytest

from mail.charsets import clean, decode, header_text, html_charset


@pytest.mark.parametrize(
    ("data", "charset", "text", "fitted"),
    [
        (b"caf\xc3\xa9", "utf-8", "café", True),
        (b"caf\xc3\xa9", None, "café", True),
        (b"caf\xe9", None, "café", True),
        (b"caf\xe9", "us-ascii", "café", False),
        (b"caf\xc3\xa9", "us-ascii", "café", True),
        (b"caf\xe9", "utf-8", "café", False),
        (b"\x93x\x94", "ISO-8859-1", "“x”", True),
        ("Grüße".encode() * 20 + b"\xff", "utf-8", "Grüße" * 20 + "\ufffd", False),
        ("日本".encode("cp932"), "shift_jis", "日本", True),
        ("한글".encode("cp949"), "ks_c_5601-1987", "한글", True),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет", True),
        (b"\\x41\\n", "unicode_escape", "\\x41\\n", False),
        (b"uryyb", "rot13", "uryyb", False),
        (b"x\x9c", "zip", "xœ", False),
        (b"abc", "utf-8\0", "abc", False),
        (b"abc", "x" * 5000, "abc", False),
        (b"abc", "", "abc", False),
        (b"\x81", "windows-1252", "\ufffd", False),
    ],
)
def test_decode(data: bytes, charset: str | None, text: str, fitted: bool) -> None:
    assert decode(data, charset) == (text, fitted)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("a\r\n folded", "a folded"),
        ("=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8*de?q?f=C3=BCr?=", "für"),
        ("=?utf-8?b?not base64!?=", "=?utf-8?b?not base64!?="),
        ("=?utf-8?q?really??= =?utf-8?q?_yes?=", "really? yes"),
        ("=?utf-8?b?w7w?= =?utf-8?b?A?= x", "ü =?utf-8?b?A?= x"),
        ("5 € =?utf-8?q?x?= Größe", "5 € x Größe"),
        ("=?a?q?x" * 3, "=?a?q?x" * 3),
        ("=?nonsense?q?f=C3=BCr?=", "für"),
        ("=?unicode_escape?q?=5Cn?=", "\\n"),
        ("C:\\new =?utf-8?q?x?=", "C:\\new x"),
        ("=?utf-7?q?+2AA-?=", "\ufffd\ufffd\ufffd"),
        ("a\x00b\x85c\u2028d", "ab c d"),
        ("=?utf-8?q?a=0D=0ABcc=3A_b=00?=", "a Bcc: b"),
    ],
)
def test_header_text(value: str, text: str) -> None:
    assert header_text(value) == text


@pytest.mark.parametrize(
    ("html", "charset"),
    [
        (b'<meta charset="windows-1251">', "windows-1251"),
        (b"<META http-equiv=x content='text/html; charset=koi8-r'>", "koi8-r"),
        (b"<p>charset=koi8-r</p>", None),
        (b"<meta" * 5000, None),
        (b"", None),
    ],
)
def test_html_charset(html: bytes, charset: str | None) -> None:
    assert html_charset(html) == charset


def test_clean_leaves_what_can_be_stored() -> None:
    assert clean("a\0b\ud800c") == "ab\ufffd\ufffd\ufffdc"
