"""Changes to a mail that keep most of its structure: what a broken or malicious program would send."""

import base64
import quopri
import re
from collections.abc import Callable
from random import Random

CHARSETS = (
    b"utf-8", b"us-ascii", b"iso-8859-1", b"windows-1251", b"utf-7", b"utf-16", b"utf-32", b"iso-2022-jp",
    b"iso-2022-kr", b"shift_jis", b"gb18030", b"big5", b"hz", b"koi8-r", b"cp037", b"unicode_escape", b"idna",
    b"punycode",
    b"cp-850", b"cp50220", b"x-mac-ce", b"big5-hkscs", b"windows-936",
    b"zip", b"rot13", b"x-klingon", b"", b"\0", b"utf-8\xff", b'"', b"utf-8" * 30,
)  # fmt: skip
ENCODINGS = (
    b"7bit",
    b"8bit",
    b"binary",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"BASE64 (x)",
    b"x-unheard",
    b"quoted printable",
    b"base-64",
    b"uue",
    b"",
)
TYPES = (
    b"text/plain", b"text/html", b"text/enriched", b"text/calendar; method=REQUEST", b"multipart/mixed; boundary=b",
    b"multipart/alternative; boundary=b", b"multipart/related", b"multipart/digest; boundary=b",
    b"multipart/report; boundary=b", b"multipart/signed; boundary=b", b"message/rfc822", b"message/delivery-status",
    b"message/partial", b"message/external-body", b"application/ms-tnef", b"application/octet-stream", b"image/png",
    b"text", b"/", b"text/plain/plain", b"multipart/", b"text/html charset=utf-8", b"application/pkcs7-mime", b"text/rtf",
    b"=?utf-8?q?text/html=3B_charset=3Dutf-8?=", b"multipart/mixed boundary=b", b"text/x-amp-html", b"html",
)  # fmt: skip
TOKENS = (
    b"\0", b"\r", b"\n", b"\r\n\r\n", b"\n\n", b"\t", b" ", b"--", b"--b\r\n", b"--b--\r\n", b"<", b">", b"<>", b"@",
    b'"', b"\\", b"(", b")", b"=", b"==", b"=?", b"?=", b"=?utf-8?q?=FF?=", b"=?utf-8?b?/w?=", b"=?utf-7?q?+2AA-?=",
    b"=?\0?q?a?=", b"''", b"*0*=", b"%zz", b"%00", b"&#0;", b"&#xD800;", b"<!--", b"<table>", b"</div>",
    b"<meta charset=utf-7>", b"cid:", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xc3", b"\xe2\x80\xae",
    b"\xe2\x80\xa8", b"\x1b$B", b"\x1b(J", b"~{", b"+2AA-", b"begin 644 ../x\n", b"\nend\n", b"=ybegin ",
    b"\x78\x9f\x3e\x22", b"\x30\x80\x06\x09*\x86H\x86\xf7\r\x01\x07\x02\xa0\x80", b"\xef\xbb\xbf",
    b"no header\n", b"boundary=b\n",
    b"data:image/png;base64,",
    b"<blockquote type=cite>", b"<a href=https://x.example/>", b"\xee\x80\x800\xee\x80\x81", b"{\\rtf1 ",
    b"\nBEGIN:VEVENT\nSUMMARY:x\n",
    b"-----BEGIN PGP SIGNED MESSAGE-----\n\n", b"\n-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----",
    b"On 1.1. x wrote:\n> ", b"-- \n", b"From: a\nTo: b\nSubject: c\n",
    b"Date: Mon, 1 Jan 9999 99:99:99 +9999\r\n", b"Content-ID: <<a>\r\n", b"METHOD:REQUEST\n",
    b"Final-Recipient: rfc822; \0@\r\nAction: failed\r\n", b"From \n", b": \r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Disposition: attachment; filename*=utf-16''%D8%00\r\n",
    b"Content-Disposition: inline; filename=../../con\r\n",
)  # fmt: skip
HEADER_LINES = re.compile(rb"^[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE)
LARGEST = 3_000_000
"""Bytes; what has grown beyond is cut."""

Mutation = Callable[[bytes, Random, "list[bytes]"], bytes]


def mutate(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    """One to six changes, one after another."""
    for _ in range(chance.randint(1, 6)):
        raw = chance.choice(MUTATIONS)(raw, chance, corpus)[:LARGEST]
    return raw


def _span(raw: bytes, chance: Random, longest: int = 200) -> tuple[int, int]:
    start = chance.randint(0, len(raw))
    return start, min(len(raw), start + chance.randint(0, longest))


def flip(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def truncate(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    return raw[: chance.randint(0, len(raw))]


def delete(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    start, end = _span(raw, chance)
    return raw[:start] + raw[end:]


def duplicate(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    start, end = _span(raw, chance, 400)
    return raw[:end] + raw[start:end] * chance.choice((1, 1, 2, 10, 100)) + raw[end:]


def insert(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    start, _ = _span(raw, chance)
    return raw[:start] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 3, 30, 3000)) + raw[start:]


def splice(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    other = chance.choice(corpus)
    start, end = _span(other, chance, len(other))
    at, until = _span(raw, chance)
    return raw[:at] + other[start:end] + raw[until:]


def other_body(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    head, gap, _ = raw.partition(b"\r\n\r\n")
    return head + gap + chance.choice(corpus).partition(b"\r\n\r\n")[2]


def _relabel(pattern: bytes, words: tuple[bytes, ...]) -> Mutation:
    compiled = re.compile(pattern, re.IGNORECASE)

    def change(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
        found = list(compiled.finditer(raw))
        if not found:
            return raw
        match = chance.choice(found)
        return raw[: match.start(1)] + chance.choice(words) + raw[match.end(1) :]

    return change


def boundary(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    """Another boundary in the header than in the body, or the one of another level."""
    return raw.replace(b"=_b", chance.choice((b"=_r", b"b", b"", b"=_b ", b"=_b" * 40)), chance.randint(1, 4))


def headers_again(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    lines = HEADER_LINES.findall(raw)
    return b"".join(chance.choices(lines, k=chance.choice((1, 2, 700)))) + raw if lines else raw


def headers_shuffled(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    head, gap, body = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    chance.shuffle(lines)
    return b"\r\n".join(lines) + gap + body


def nest(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    """The whole mail as a part, now and then of many levels."""
    kind = chance.choice((b"mixed", b"alternative", b"related", b"signed", b"report", b"digest"))
    for level in range(chance.choice((1, 1, 2, 20, 70))):
        if chance.random() < 0.3:
            raw = b"Content-Type: message/rfc822\r\n\r\n" + raw
        else:
            raw = b"Content-Type: multipart/%b; boundary=n%d\r\n\r\n--n%d\r\n%b\r\n--n%d--\r\n" % (
                kind,
                level,
                level,
                raw,
                level,
            )
        if len(raw) > LARGEST:
            break
    return raw


def line_ends(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    return raw.replace(
        b"\r\n", chance.choice((b"\n", b"\r", b"\n\r", b"\r\r\n", b" \r\n", b"\x0b", b"\x85")), chance.choice((-1, 3))
    )


def recode(raw: bytes, chance: Random, corpus: list[bytes]) -> bytes:
    """The body in an encoding or charset that the headers do not tell of."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    how = chance.choice(("base64", "qp", "utf-16", "utf-7", "cp1252", "xor"))
    if how == "base64":
        body = base64.encodebytes(body)
    elif how == "qp":
        body = quopri.encodestring(body)
    elif how == "xor":
        body = bytes(byte ^ 0x80 for byte in body)
    else:
        body = body.decode("utf-8", "replace").encode(how, "replace")
    return head + gap + body


MUTATIONS: tuple[Mutation, ...] = (
    flip, truncate, delete, duplicate, insert, insert, splice, other_body, boundary, headers_again, headers_shuffled, nest,
    line_ends, recode,
    _relabel(rb"charset=\"?([\w-]+)", CHARSETS),
    _relabel(rb"content-transfer-encoding: ?([\w-]+)", ENCODINGS),
    _relabel(rb"content-type: ?([\w/-]+)", TYPES),
    _relabel(rb"=\?([\w-]+)\?[bq]\?", CHARSETS),
)  # fmt: skip
